// The `endpoints` of the config file at start: an entry is applied when it is new or differs from what the
// file said at the last start; otherwise what REST has changed since stays. Endpoints that the file no longer
// has stay too. Control thread.
#pragma once

#include "core/base/error.hpp"
#include "proxy/control/endpoint_input.hpp"
#include "proxy/control/store.hpp"
#include "proxy/control/vault.hpp"

#include <boost/json/value.hpp>

#include <functional>
#include <vector>

namespace sluice::control {

// Calls `apply` for every entry that is to be applied, in the order of the file, and remembers it. The
// entries are bodies of the create call, with an access_control_list as PUT permissions has it. Errors, for
// the operator to read: the first entry that is not valid or cannot be applied; those before it have been.
[[nodiscard]] result<void> apply_config(const std::vector<boost::json::value>& entries,
                                        const input_rules& rules,
                                        store& db,
                                        const vault& keys,
                                        const std::function<result<void>(const create_input&)>& apply);

} // namespace sluice::control
