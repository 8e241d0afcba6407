// An endpoint record as the JSON document of its row in the store, and back; a config in its history
// likewise. Keys that came as plaintext are sealed for their place, so the document holds none. Control
// thread.
#pragma once

#include "core/base/error.hpp"
#include "proxy/control/endpoint_record.hpp"
#include "proxy/control/store.hpp"
#include "proxy/control/vault.hpp"

#include <string>
#include <string_view>

namespace sluice::control {

[[nodiscard]] result<stored_endpoint> to_row(const endpoint_record& record, const vault& keys);

// Error internal_error: the document is damaged, or was sealed with another key.
[[nodiscard]] result<endpoint_record> from_row(const stored_endpoint& row, const vault& keys);

// A config as the document of its version. It is good for this endpoint and this version only.
[[nodiscard]] result<std::string>
version_document(const endpoint_config& config, std::string_view endpoint_id, const vault& keys);
// Error internal_error, as above.
[[nodiscard]] result<endpoint_config>
read_version(const stored_version& row, std::string_view endpoint_id, const vault& keys);

} // namespace sluice::control
