// Audit: every change leaves a row in the log, in the transaction that makes it.
#include "core/base/log.hpp"
#include "core/json/writer.hpp"
#include "proxy/control/audit.hpp"
#include "proxy/control/plane_state.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace sluice::control {

namespace {

constexpr std::int64_t most_events = 1000;   // in one answer
constexpr std::int64_t default_events = 100; // in one answer
constexpr std::size_t most_user_agent = 512; // bytes
constexpr std::int64_t no_bound = std::numeric_limits<std::int64_t>::max();

std::string first_bytes(std::string_view text, std::size_t most) {
    return std::string(text.substr(0, most));
}

// Into a row's object, how many like it were not written before it.
void note_left_out(std::string& object, std::int64_t count) {
    const bool is_empty = object.size() <= 2;
    object.insert(1, "\"left_out\":" + std::to_string(count) + (is_empty ? "" : ","));
}

void write_event(std::string& out, const audit_event& event) {
    json::object_writer to(out);
    to.number("event_id", event.id);
    to.number("event_time", event.time_ms);
    to.text("request_id", event.request_id);
    to.text("principal_id", event.principal_id);
    to.text("principal_name", event.principal_name);
    to.text("source_ip_address", event.source_address);
    to.text("user_agent", event.user_agent);
    to.text("action_name", event.action);
    to.text("target", event.target);
    if (!event.before.empty()) to.raw("before", event.before);
    if (!event.after.empty()) to.raw("after", event.after);
    to.close();
}

result<audit_filter> read_filter(const boost::json::object& query) {
    findings found;
    const members from(query, "", found);
    audit_filter out;
    out.start_ms = from.integer("start_time").value_or(0);
    out.end_ms = from.integer("end_time").value_or(no_bound);
    out.principal_name = from.text("principal_name").value_or("");
    out.action = from.text("action_name").value_or("");
    out.target = from.text("target").value_or("");
    out.most = from.integer("max_results").value_or(default_events);
    out.before_id = from.integer("page_token").value_or(no_bound);
    if (out.most < 1 || out.most > most_events) found.refuse("'max_results' must be from 1 to 1000.");
    if (out.before_id < 1) found.refuse("'page_token' is not one that a list has given.");
    if (out.start_ms < 0 || out.end_ms < out.start_ms) {
        found.refuse("'start_time' and 'end_time' are milliseconds, the first not after the second.");
    }
    if (result<void> verdict = found.verdict(); !verdict) return fail(verdict.error());
    return out;
}

} // namespace

std::string plane_state::describe(const audit_rule& rule, const call_input& input) {
    if (rule.what == call::put_secret || rule.what == call::delete_secret) return describe_secret(input);
    if (rule.what == call::delete_scope) return describe_scope(input);
    if (rule.what == call::delete_principal_secret) return describe_principal_secret(input);
    if (rule.what == call::delete_token) return describe_token(input);
    if (rule.reads == call::not_built) return {};
    const std::shared_ptr<const model::principal> reader = identity_->admin();
    // The body of the change is no query: it could hide what is read. Only an ACL is named by it.
    boost::json::object query;
    if (rule.reads == call::get_acl) query = input.body;
    call_input reading{*reader, input.request, input.name, input.parameters, std::move(query), nullptr};
    const result<reply> seen = dispatch(rule.reads, reading);
    return seen ? audit_text(seen->body) : std::string();
}

// Scope, key and time: never the value.
std::string plane_state::describe_secret(const call_input& input) {
    const result<boost::json::value> listed = secrets_.list(input.body, *identity_->admin());
    const boost::json::value* key = input.body.if_contains("key");
    if (!listed || !key) return {};
    for (const boost::json::value& each : listed->at("secrets").as_array()) {
        if (each.at("key") == *key) return boost::json::serialize(each);
    }
    return {};
}

// Its keys and who could use it.
std::string plane_state::describe_scope(const call_input& input) {
    const std::shared_ptr<const model::principal> reader = identity_->admin();
    const result<boost::json::value> keys = secrets_.list(input.body, *reader);
    const result<boost::json::value> acls = secrets_.list_acls(input.body, *reader);
    if (!keys || !acls) return {};
    return audit_text(boost::json::serialize(boost::json::object{
        {"scope", input.body.at("scope")}, {"secrets", keys->at("secrets")}, {"acls", acls->at("items")}}));
}

std::string plane_state::describe_principal_secret(const call_input& input) {
    const result<boost::json::object> listed = principal_secrets_.list(input.name, {}, *identity_->admin());
    const boost::json::value* all = listed ? listed->if_contains("secrets") : nullptr;
    if (!all || !all->is_array()) return {};
    for (const boost::json::value& each : all->get_array()) {
        const boost::json::string& id = each.at("id").as_string();
        if (std::string_view(id.data(), id.size()) == input.parameters.back())
            return audit_text(boost::json::serialize(each));
    }
    return {};
}

std::string plane_state::describe_token(const call_input& input) {
    const boost::json::value* id = input.body.if_contains("token_id");
    if (!id || !id->is_string()) return {};
    const boost::json::string& text = id->get_string();
    const result<identity_answer> seen =
        identity_->get_any_token({text.data(), text.size()}, *identity_->admin());
    return seen ? audit_text(boost::json::serialize(seen->body)) : std::string();
}

result<void>
plane_state::audit_file(std::string_view action, std::string target, std::string before, std::string after) {
    const std::shared_ptr<const model::principal> owner = identity_->admin();
    const audit_event event{0,
                            time_.wall(),
                            "",
                            owner->id,
                            owner->user_name,
                            "config-file",
                            "",
                            std::string(action),
                            std::move(target),
                            std::move(before),
                            std::move(after)};
    return store_->add_audit(event, static_cast<std::int64_t>(settings_.audit_keep_rows));
}

void plane_state::after_commit(std::function<void()> effect) {
    if (!changing_) return effect();
    after_commit_.push_back(std::move(effect));
}

result<reply> plane_state::change(const audit_rule& rule, const call_input& input) {
    result<db::transaction> work = store_->begin();
    if (!work) return fail(work.error());
    changing_ = true;
    result<reply> answer = logged_change(rule, input, *work);
    changing_ = false;
    const std::vector<std::function<void()>> effects = std::exchange(after_commit_, {});
    if (!answer) {
        // What the failed call has put into memory may not be on the disk.
        if (answer.error().code == errc::internal_error) must_reopen_ = true;
        return answer;
    }
    for (const std::function<void()>& effect : effects)
        effect();
    return answer;
}

result<reply>
plane_state::logged_change(const audit_rule& rule, const call_input& input, db::transaction& work) {
    std::string before = describe(rule, input);
    result<reply> answer = dispatch(rule.what, input);
    if (!answer) return answer;
    audit_event event{0,
                      time_.wall(),
                      input.request.request_id,
                      input.who.id,
                      input.who.user_name,
                      input.request.remote,
                      first_bytes(input.request.user_agent, most_user_agent),
                      std::string(rule.action),
                      audit_target(rule, input.parameters, input.body, answer->body),
                      std::move(before),
                      describe(rule, input)};
    if (rule.reads == call::not_built && event.before.empty() && event.after.empty()) {
        event.after = audit_text(answer->body);
    }
    // Whoever signs in and out in a loop would fill the log with it.
    const bool is_session = rule.what == call::create_session || rule.what == call::delete_session;
    const std::optional<std::int64_t> left_out =
        is_session ? session_events_.admit(input.who.id, event.time_ms) : 0;
    if (left_out.value_or(0) > 0) note_left_out(event.after, *left_out);
    result<void> kept;
    if (left_out) kept = store_->add_audit(event, static_cast<std::int64_t>(settings_.audit_keep_rows));
    if (kept) kept = work.commit();
    if (kept) return answer;
    must_reopen_ = true;
    return fail(kept.error());
}

result<reply> plane_state::list_audit(const call_input& input) {
    if (!input.who.is_admin) return fail(errc::permission_denied, "The audit log is for admins.");
    result<audit_filter> wanted = read_filter(input.body);
    if (!wanted) return fail(wanted.error());
    const result<audit_page> page = store_->audit_events(*wanted);
    if (!page) return fail(page.error());
    std::string out = R"({"audit_events":[)";
    for (const audit_event& event : page->events) {
        if (out.back() == '}') out += ',';
        write_event(out, event);
    }
    out += ']';
    if (page->more) out += R"(,"next_page_token":")" + std::to_string(page->events.back().id) + '"';
    out += '}';
    return out;
}

} // namespace sluice::control
