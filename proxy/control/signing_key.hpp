// The key that OAuth access tokens are signed with: 32 random bytes, made at the first start and kept in the
// store, sealed by the vault.
#pragma once

#include "core/base/error.hpp"
#include "core/base/secret_string.hpp"
#include "proxy/control/store.hpp"
#include "proxy/control/vault.hpp"

namespace sluice::control {

// A key that does not open any more (a new master key on a database without secrets) is replaced: the tokens
// that are out are no longer good then, and nothing else is lost.
[[nodiscard]] result<secret_string> load_signing_key(store& db, const vault& keys);

} // namespace sluice::control
