#include "providers/client_texts.hpp"

#include "core/json/reader.hpp"
#include "core/json/writer.hpp"
#include "providers/sentence.hpp"

#include <array>
#include <utility>

namespace sluice::providers::client {

namespace {

constexpr std::string_view blanks = " \t\r\n";

} // namespace

tl::unexpected<error> bad(std::string text) {
    return fail(errc::bad_request, std::move(text));
}

tl::unexpected<error> not_supported(std::string_view parameter) {
    return bad(sentence({"Parameter ", parameter, " is not supported for this endpoint's provider."}));
}

tl::unexpected<error> bad_answer(std::string_view what) {
    return fail(errc::bad_upstream, sentence({"The provider's answer cannot be translated: ", what, "."}));
}

std::string indexed(std::string_view list, std::size_t index) {
    return sentence({list, "[", std::to_string(index), "]"});
}

std::string_view inside(slices::node value) noexcept {
    return value.is(walk::kind::string) ? walk::without_quotes(value.raw()) : std::string_view();
}

bool says(slices::node value, std::string_view word) {
    if (!value.is(walk::kind::string)) return false;
    const std::string_view text = inside(value);
    if (text.find('\\') == std::string_view::npos) return text == word;
    std::string decoded;
    walk::append_unescaped(decoded, text);
    return decoded == word;
}

void append_quoted(std::string& out, std::string_view inside, std::string& scratch) {
    if (inside.find("\\u") == std::string_view::npos) {
        out += '"';
        out += inside;
        out += '"';
        return;
    }
    scratch.clear();
    walk::append_unescaped(scratch, inside);
    json::append_string(out, scratch);
}

bool read_arguments(std::string_view inside, std::string& object) {
    object.clear();
    walk::append_unescaped(object, inside);
    const std::size_t begin = object.find_first_not_of(blanks);
    if (begin == std::string::npos || object == "null") {
        object = "{}";
        return true;
    }
    return object[begin] == '{' && json::is_json(object);
}

// OpenRouter's, vLLM's and SGLang's, DeepSeek's.
bool is_failure(std::string_view finish_reason) noexcept {
    return finish_reason == "error" || finish_reason == "abort" ||
           finish_reason == "insufficient_system_resource";
}

void append_own_members(std::string& out, slices::node root) {
    constexpr std::array<std::string_view, 3> own = {"client_request_id", "usage_context", "extra_params"};
    for (const std::string_view name : own)
        append_member(out, name, root[name]);
}

result<void> append_stream(std::string& out, slices::node root) {
    const slices::node stream = root["stream"];
    if (!stream) return {};
    const auto wanted = stream.boolean();
    if (!wanted) return bad("'stream' must be true or false.");
    if (*wanted) out += R"(,"stream":true,"stream_options":{"include_usage":true})";
    return {};
}

result<bool> append_tools(std::string& out, slices::node list, tool_writer one) {
    if (!list) return false;
    if (!list.is(walk::kind::array)) return bad("'tools' must be a list.");
    if (list.items().empty()) return false;
    out += R"(,"tools":[)";
    std::size_t index = 0;
    for (const slices::node each : list.items()) {
        if (auto good = one(each, indexed("tools", index++), out); !good)
            return fail(std::move(good).error());
    }
    out.back() = ']';
    return true;
}

void append_function(std::string& out, slices::node tool, slices::node parameters) {
    out += R"({"type":"function","function":{"name":)";
    out += tool["name"].raw();
    append_member(out, "description", tool["description"]);
    append_member(out, "parameters", parameters);
    append_member(out, "strict", tool["strict"]);
    out += "}},";
}

tl::unexpected<error> bad_tool(std::string_view where, slices::node type, std::string_view why) {
    return bad(sentence({"Tool ", where, " of type '", inside(type).substr(0, 64), "' ", why}));
}

void append_named_choice(std::string& out, slices::node name) {
    out += R"(,"tool_choice":{"type":"function","function":{"name":)";
    out += name.raw();
    out += "}}";
}

void append_member(std::string& out, std::string_view name, slices::node value) {
    if (value) out.append(",\"").append(name).append("\":").append(value.raw());
}

} // namespace sluice::providers::client
