// What the audit log says of a change (issue: who changed what, when, from where, before and after): which
// calls are changes, under which names, and how their subject is described without secrets. Pure.
#pragma once

#include "proxy/control/routes.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::control {

struct audit_rule {
    call what = call::not_built;
    std::string_view action;
    // The reading call that describes the subject, with the same parameters; not_built: only the answer
    // tells.
    call reads = call::not_built;
    std::string_view kind; // first part of the target
    // Members of the body, in order, that are the rest of the target where the path has none; "" ends them.
    std::string_view members[2];
};

// Null: the call changes nothing that is audited.
[[nodiscard]] const audit_rule* audit_rule_of(call what) noexcept;

// "kind/…" by the path's parameters, else by the body's members, else by the answer's name or id.
[[nodiscard]] std::string audit_target(const audit_rule& rule,
                                       const std::vector<std::string>& parameters,
                                       const boost::json::object& body,
                                       std::string_view answer);

inline constexpr std::size_t max_audit_bytes = std::size_t{64} * 1024; // of `before`, and of `after`

// An answer as it may be kept: without the members that are shown once (token_value, secret); what is too
// large, or is no JSON object, is replaced by a note of its size.
[[nodiscard]] std::string audit_text(std::string_view answer);

} // namespace sluice::control
