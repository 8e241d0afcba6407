// Requests of a client's own dialect, sent on.
#include "core/json/writer.hpp"
#include "providers/names.hpp"
#include "providers/native.hpp"
#include "providers/own_members.hpp"
#include "providers/sentence.hpp"

#include <algorithm>
#include <cstdint>

namespace sluice::providers::native {

namespace {

using unified::known;

// Member by member, without those that are not for the provider.
void splice_members(const unified::call& call, const target& to, const flavour& of, upstream_request& out) {
    const std::string_view body = call.body;
    const bool has_version = !of.body_version.empty();
    if (has_version) {
        // The client's own version says what its service is, which is another one.
        out.storage = sentence({R"({"anthropic_version":")", of.body_version, R"(")"});
    } else {
        out.storage = "{";
    }
    out.body.emplace_back(out.storage);
    bool is_first = !has_version;
    const auto begin_member = [&] {
        if (!is_first) out.body.emplace_back(",");
        is_first = false;
    };
    for (const unified::member& each : call.members) {
        const bool is_model = each.name == known::model;
        const bool is_left_out = unified::is_own(each.name) || (is_model && !of.sends_model) ||
                                 (has_version && unified::has_key(body, each, "anthropic_version"));
        if (is_left_out) continue;
        begin_member();
        const std::size_t end = is_model ? each.value_begin : each.value_end;
        out.body.push_back(body.substr(each.begin, end - each.begin));
        if (is_model) out.body.emplace_back(to.model_json);
    }
    if (!call.extra.empty()) {
        begin_member();
        out.body.emplace_back(call.extra);
    }
    out.body.emplace_back("}");
}

} // namespace

target begin_beside(const target& of, const upstream_api& via) {
    target to;
    to.via = &via;
    to.provider_name = of.provider_name;
    to.kind = of.kind;
    to.to = of.to;
    to.model = of.model;
    to.model_json = of.model_json;
    to.credential = of.credential;
    to.keys = of.keys;
    return to;
}

void splice(const unified::call& call, const target& to, const flavour& of, upstream_request& out) {
    out.clear();
    const std::string_view body = call.body;
    const bool has_version = !of.body_version.empty();
    const bool has_own = std::any_of(call.members.begin(), call.members.end(), [](const auto& each) {
        return unified::is_own(each.name);
    });
    const unified::member* const model = call.find(known::model); // Gemini's bodies have none
    if (has_version || has_own) {
        splice_members(call, to, of, out);
    } else if (model != nullptr && of.sends_model) {
        out.body.push_back(body.substr(0, model->value_begin));
        out.body.emplace_back(to.model_json);
        out.body.push_back(body.substr(model->value_end));
    } else {
        out.body.push_back(body);
    }
    for (const std::string_view piece : out.body)
        out.body_size += piece.size();
    // A service with a version of its own knows neither the client's nor what is on trial there.
    if (!has_version) out.head_tail = call.forwarded;
    out.head_tail += "Content-Length: ";
    json::append_number(out.head_tail, static_cast<std::int64_t>(out.body_size));
    out.head_tail += "\r\n\r\n";
}

} // namespace sluice::providers::native
