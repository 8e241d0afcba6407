// Tools of Converse, and the ids of their calls (providers.md §6.3).
#include "core/base/hex.hpp"
#include "core/base/sha256.hpp"
#include "core/json/writer.hpp"
#include "providers/anthropic.hpp"
#include "providers/bedrock_turns.hpp"

#include <algorithm>

namespace sluice::providers::bedrock {

namespace {

using neutral::turn;

constexpr std::size_t longest_call_id = 64;

constexpr bool is_id_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == ':' || c == '-';
}

void append_tool(std::string& out, const neutral::tool& one) {
    if (out.back() != '[') out += ',';
    json::object_writer tool(out);
    tool.key("toolSpec");
    json::object_writer spec(out);
    spec.text("name", one.name);
    if (!one.description.empty()) spec.text("description", one.description);
    spec.key("inputSchema");
    json::object_writer schema(out);
    schema.key("json");
    anthropic::append_input_schema(out, one.parameters);
    schema.close();
    spec.close();
    tool.close();
}

std::vector<std::string_view> names_of_history(const neutral::request& in) {
    std::vector<std::string_view> names;
    for (const turn& each : in.turns) {
        for (const neutral::tool_call& call : each.calls)
            names.push_back(call.name);
        for (const neutral::tool_result& result : each.results) {
            if (!result.name.empty()) names.push_back(result.name);
        }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

} // namespace

std::string usable_call_id(std::string_view id) {
    std::string usable(id.substr(0, longest_call_id));
    std::replace_if(usable.begin(), usable.end(), [](char c) { return !is_id_character(c); }, '_');
    if (id.size() <= longest_call_id) return usable;
    // Long ones may differ at their ends only.
    constexpr std::size_t hash_bytes = 16;
    const sha256_digest hash = token_digest(id);
    usable.resize(longest_call_id - 2 * hash_bytes);
    usable += hex_encode(as_text(hash).substr(0, hash_bytes));
    return usable;
}

bool has_tool_blocks(const neutral::request& in) noexcept {
    return std::any_of(in.turns.begin(), in.turns.end(), [](const turn& each) {
        return !each.calls.empty() || !each.results.empty();
    });
}

void append_tools(std::string& out, const neutral::request& in) {
    out += '[';
    for (const neutral::tool& each : in.tools)
        append_tool(out, each);
    if (in.tools.empty()) {
        for (const std::string_view name : names_of_history(in)) {
            neutral::tool known;
            known.name = name;
            append_tool(out, known);
        }
    }
    out += ']';
}

} // namespace sluice::providers::bedrock
