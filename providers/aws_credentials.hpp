// Keys of an assumed role of AWS (providers.md §6.2): keys to begin with from the environment, from the
// container or from the instance, and with them AssumeRole of the security token service.
#pragma once

#include "core/base/error.hpp"
#include "providers/credential.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::providers::aws {

// arn:aws:iam::123456789012:role/name; of the other partitions too.
[[nodiscard]] bool is_role_arn(std::string_view text) noexcept;

// The value of a variable; empty: not set.
using environment = std::function<std::string(const char* name)>;
[[nodiscard]] environment environment_of_process();

// The text of a small file; nullopt: it cannot be read.
using file_reader = std::function<std::optional<std::string>(const std::string& path)>;
[[nodiscard]] file_reader files_of_process();

// Reads the environment now: AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, else
// AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN and AWS_ROLE_SESSION_NAME, else
// AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI with AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or
// AWS_CONTAINER_AUTHORIZATION_TOKEN, else the instance's metadata service
// (AWS_EC2_METADATA_SERVICE_ENDPOINT); AWS_ENDPOINT_URL_STS for the token service. Files are read at each
// exchange, for they are replaced. Error invalid_parameter_value: one of them is not usable.
[[nodiscard]] result<std::shared_ptr<const credential_source>>
make_role_source(std::string_view role_arn,
                 std::string_view region,
                 const environment& variables,
                 int duration_seconds = 3600,
                 file_reader files = files_of_process());

// The credential in the answer of AssumeRole, or of AssumeRoleWithWebIdentity, an XML text. Error
// bad_upstream, which repeats nothing of it.
[[nodiscard]] result<credential> read_assumed_role(std::string_view body,
                                                   std::string_view action = "AssumeRole");
// The same in the JSON of container and instance. json::padding bytes behind `body` must be readable.
[[nodiscard]] result<credential> read_base_keys(std::string_view body);

// "2026-01-15T13:34:56Z", with a fraction or without; nullopt for anything else.
[[nodiscard]] std::optional<wall_ms> read_time(std::string_view text) noexcept;

} // namespace sluice::providers::aws
