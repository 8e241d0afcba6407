// Tools and the choice among them, as Anthropic spells them (providers.md §3.3).
#include "core/json/writer.hpp"
#include "providers/anthropic_messages.hpp"
#include "providers/slices.hpp"

namespace sluice::providers::anthropic {

namespace {

using neutral::choice_kind;

std::string_view type_of(choice_kind kind) noexcept {
    switch (kind) {
    case choice_kind::required: return "any";
    case choice_kind::named: return "tool";
    case choice_kind::none: return "none";
    default: return "auto";
    }
}

} // namespace

void append_input_schema(std::string& out, slices::node parameters) {
    if (!parameters) {
        out += R"({"type":"object","properties":{}})";
        return;
    }
    if (parameters["type"]) return append_minified(out, parameters.raw());
    json::object_writer schema(out);
    schema.text("type", "object");
    for (const slices::node member : parameters.items()) {
        if (member.key() != "type") schema.raw(member.key(), member.raw());
    }
    schema.close();
}

void append_tools(std::string& out, const std::vector<neutral::tool>& tools) {
    out += '[';
    for (const neutral::tool& each : tools) {
        if (&each != &tools.front()) out += ',';
        json::object_writer tool(out);
        tool.text("name", each.name);
        if (!each.description.empty()) tool.text("description", each.description);
        tool.key("input_schema");
        append_input_schema(out, each.parameters);
        if (each.strict) tool.boolean("strict", true);
        tool.close();
    }
    out += ']';
}

void append_tool_choice(std::string& out, const neutral::tool_choice& choice, bool parallel) {
    json::object_writer writer(out);
    writer.text("type", type_of(choice.kind));
    if (choice.kind == choice_kind::named) writer.text("name", choice.name);
    if (!parallel && choice.kind != choice_kind::none) writer.boolean("disable_parallel_tool_use", true);
    writer.close();
}

} // namespace sluice::providers::anthropic
