// The endpoints that have changed, for a page that asks every few seconds.
#include "core/json/writer.hpp"
#include "proxy/control/body.hpp"
#include "proxy/control/plane_state.hpp"

#include <set>
#include <utility>

namespace sluice::control {

namespace {

void append_element(std::string& list, std::string_view element) {
    if (list.size() > 1) list += ',';
    list += element;
}

reply shown(std::string_view revision, bool reset, std::string_view endpoints, std::string_view deleted) {
    reply out;
    out.body.clear();
    json::object_writer body(out.body);
    body.text("revision", revision);
    body.boolean("reset", reset);
    body.raw("endpoints", endpoints);
    body.raw("deleted", deleted);
    body.close();
    return out;
}

// A revision says whose it is: what one caller has seen says nothing to another.
std::string revision_for(std::string_view revision, const model::principal& who) {
    return std::string(revision) + '.' + who.id;
}

// Empty: it is another's.
std::string_view revision_in(std::string_view given, const model::principal& who) {
    const std::size_t dot = given.rfind('.');
    const bool own = dot != std::string_view::npos && given.substr(dot + 1) == who.id;
    return own ? given.substr(0, dot) : std::string_view();
}

} // namespace

const endpoint_record* plane_state::viewable(std::string_view name, const model::principal& who) const {
    const endpoint_record* found = registry_.find(name);
    const bool sees = found && model::permission_of(found->acl, who) >= model::permission::can_view;
    return sees ? found : nullptr;
}

result<reply> plane_state::list_changes(const call_input& input) const {
    findings found;
    const std::string since = members(input.body, "", found).text("since").value_or("");
    if (result<void> ok = found.verdict(); !ok) return fail(ok.error());
    const std::string now = revision_for(changes_.revision(), input.who);
    const auto happened = changes_.since(revision_in(since, input.who), input.who.id);
    if (!happened) return shown(now, true, list_of_endpoints(input.who), "[]");

    std::string endpoints = "[";
    for (const std::string& name : happened->changed) {
        if (const endpoint_record* record = viewable(name, input.who))
            append_element(endpoints, summary_of(*record));
    }
    endpoints += ']';
    // Only what he could view before: the names of others are not his to know.
    std::set<std::string_view> gone;
    for (const endpoint_changes::loss* each : happened->lost) {
        const bool saw = model::permission_of(each->acl, input.who) >= model::permission::can_view;
        if (saw && !viewable(each->name, input.who)) gone.insert(each->name);
    }
    std::string deleted = "[";
    for (const std::string_view name : gone) {
        std::string quoted;
        json::append_string(quoted, name);
        append_element(deleted, quoted);
    }
    deleted += ']';
    return shown(now, false, endpoints, deleted);
}

void plane_state::note_rights(const identity_changes& changes) {
    for (const auto& next : changes.principals) {
        const std::shared_ptr<const model::principal>* last = next_.principals.find(next->id);
        const bool same = last && (*last)->is_admin == next->is_admin && (*last)->groups == next->groups;
        if (!same) changes_.rights_changed(next->id);
    }
    for (const std::string& id : changes.principals_removed)
        changes_.principal_removed(id);
}

} // namespace sluice::control
