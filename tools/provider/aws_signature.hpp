// AWS's side of Signature Version 4: is this request signed by a key that is known here?
#pragma once

#include "tools/provider/dialect.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::sim::aws {

// Credentials that last for a while, all made of their token.
struct session {
    std::string key_id;
    std::string secret;
    std::string token;
    std::int64_t expires = 0;
};
[[nodiscard]] session make_session(std::int64_t expires);

// Nothing when the request is signed for the service ("bedrock", "sts") with the configured key or with a
// session that was given out and is good, its date within five minutes. `code` of the error is AWS's name for
// it.
[[nodiscard]] std::optional<api_error> refuse_signature(const exchange& of, std::string_view service);

// The steps of the signature, for the known answers.
[[nodiscard]] std::string canonical_request(const http_request& request, std::string_view signed_names);
[[nodiscard]] std::string sign(std::string_view secret,
                               std::string_view scope, // 20260115/us-east-1/bedrock/aws4_request
                               std::string_view date,
                               std::string_view canonical);

// "2026-01-15T12:34:56Z"
[[nodiscard]] std::string iso_time(std::int64_t seconds);

} // namespace sluice::sim::aws
