#include "providers/request_pieces.hpp"

#include "core/json/writer.hpp"
#include "providers/sentence.hpp"

#include <algorithm>
#include <iterator>

namespace sluice::providers {

void append_texts(std::string& out, std::span<const std::string_view> texts) {
    out += '[';
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (i > 0) out += ',';
        json::append_string(out, texts[i]);
    }
    out += ']';
}

std::vector<std::string_view> usable_stops(const neutral::request& in, bool takes_blanks) {
    std::vector<std::string_view> kept;
    std::copy_if(in.stop.begin(), in.stop.end(), std::back_inserter(kept), [=](std::string_view each) {
        return takes_blanks ? !each.empty() : each.find_first_not_of(" \t\r\n") != std::string_view::npos;
    });
    return kept;
}

void append_functions(std::string& out, std::span<const neutral::tool> tools, bool needs_parameters) {
    out += '[';
    for (std::size_t i = 0; i < tools.size(); ++i) {
        const neutral::tool& each = tools[i];
        if (i > 0) out += ',';
        json::object_writer tool(out);
        tool.text("type", "function");
        tool.key("function");
        json::object_writer function(out);
        function.text("name", each.name);
        if (!each.description.empty()) function.text("description", each.description);
        if (each.parameters) {
            function.key("parameters");
            append_minified(out, each.parameters.raw());
        } else if (needs_parameters) {
            function.raw("parameters", R"({"type":"object","properties":{}})");
        }
        function.close();
        tool.close();
    }
    out += ']';
}

void append_calls(std::string& out, const std::vector<neutral::tool_call>& calls) {
    out += '[';
    for (const neutral::tool_call& each : calls) {
        if (&each != &calls.front()) out += ',';
        json::object_writer call(out);
        call.text("id", each.id);
        call.text("type", "function");
        call.key("function");
        json::object_writer function(out);
        function.text("name", each.name);
        function.text("arguments", each.arguments);
        function.close();
        call.close();
    }
    out += ']';
}

result<std::string> joined_text(const std::vector<neutral::part>& parts, const neutral::dialect& of) {
    std::string text;
    for (const neutral::part& each : parts) {
        if (each.kind != neutral::part_kind::text)
            return fail(neutral::not_supported(name_of(each.kind), of));
        text += each.text;
    }
    return text;
}

std::string_view name_of(neutral::part_kind kind) noexcept {
    switch (kind) {
    case neutral::part_kind::image: return "image_url";
    case neutral::part_kind::file: return "file";
    case neutral::part_kind::audio: return "input_audio";
    case neutral::part_kind::text: break;
    }
    return "text";
}

std::string_view prompt_of(const neutral::request& in) noexcept {
    return in.prompts.empty() ? std::string_view() : in.prompts.front();
}

std::string joined_system(const neutral::request& in) {
    std::string text;
    for (const std::string_view each : in.system) {
        if (!text.empty()) text += '\n';
        text += each;
    }
    return text;
}

result<void> check_one_prompt(const neutral::request& in, const neutral::dialect& of) {
    if (in.kind != task::completions || in.prompts.size() <= 1) return {};
    return fail(
        errc::bad_request,
        sentence({"'prompt' must be one text for provider ", of.provider, ", not a list of several."}));
}

} // namespace sluice::providers
