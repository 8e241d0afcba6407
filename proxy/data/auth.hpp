// Credentials to principal, from the snapshot alone: no I/O, no lock.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/sha256.hpp"
#include "core/http/message.hpp"
#include "proxy/model/snapshot.hpp"

#include <memory>

namespace sluice::data {

// "Authorization: Bearer TOKEN", or Basic with the user `token` and the token as its password (api.md §3.1).
// Error unauthenticated.
[[nodiscard]] result<std::shared_ptr<const model::principal>>
authenticate(const http::field_list& fields, const model::snapshot& config, sha256& hasher, wall_ms now);

} // namespace sluice::data
