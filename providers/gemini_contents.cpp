// Turns into Gemini's contents (providers.md §7.2, §7.4, §7.5).
#include "providers/gemini_contents.hpp"

#include "core/http/message.hpp"
#include "core/json/reader.hpp"
#include "core/json/writer.hpp"
#include "providers/sentence.hpp"

#include <algorithm>
#include <array>

namespace sluice::providers::gemini {

namespace {

using neutral::part;
using neutral::part_kind;
using neutral::speaker;
using neutral::turn;

// Stands for the signature of a call that another provider's model has made; base64 of
// "skip_thought_signature_validator".
constexpr std::string_view no_signature = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";

struct file_type {
    std::string_view ending;
    std::string_view media_type;
};
constexpr std::array<file_type, 17> file_types = {{{"png", "image/png"},
                                                   {"webp", "image/webp"},
                                                   {"gif", "image/gif"},
                                                   {"heic", "image/heic"},
                                                   {"heif", "image/heif"},
                                                   {"bmp", "image/bmp"},
                                                   {"avif", "image/avif"},
                                                   {"tiff", "image/tiff"},
                                                   {"pdf", "application/pdf"},
                                                   {"txt", "text/plain"},
                                                   {"mp4", "video/mp4"},
                                                   {"mov", "video/mov"},
                                                   {"webm", "video/webm"},
                                                   {"mp3", "audio/mp3"},
                                                   {"wav", "audio/wav"},
                                                   {"flac", "audio/flac"},
                                                   {"ogg", "audio/ogg"}}};

bool is_object(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    return begin != std::string_view::npos && text[begin] == '{' && json::is_json(text);
}

class contents_writer {
public:
    contents_writer(std::string& out, const model_traits& traits, const neutral::dialect& dialect)
        : out_(out)
        , traits_(traits)
        , dialect_(dialect) {}

    result<void> write(const turn& one);

private:
    void write_part(const part& one);
    void write_call(const neutral::tool_call& call, bool is_first);
    result<void> write_result(const neutral::tool_result& one);
    result<void> write_response(const neutral::tool_result& one);
    void next() {
        if (!first_) out_ += ',';
        first_ = false;
    }

    std::string& out_;
    const model_traits& traits_;
    const neutral::dialect& dialect_;
    bool first_ = true; // part of its turn
};

result<void> contents_writer::write(const turn& one) {
    first_ = true;
    out_ += one.from == speaker::assistant ? R"({"role":"model","parts":[)" : R"({"role":"user","parts":[)";
    for (const part& each : one.parts)
        write_part(each);
    for (const neutral::tool_call& each : one.calls)
        write_call(each, &each == &one.calls.front());
    for (const neutral::tool_result& each : one.results) {
        if (auto good = write_result(each); !good) return good;
    }
    out_ += "]}";
    return {};
}

void contents_writer::write_part(const part& one) {
    next();
    json::object_writer part(out_);
    if (one.kind == part_kind::text) {
        part.text("text", one.text);
    } else if (one.data.empty()) {
        part.key("fileData");
        json::object_writer file(out_);
        file.text("mimeType", media_type_of(one.url));
        file.text("fileUri", one.url);
        file.close();
    } else {
        part.key("inlineData");
        json::object_writer data(out_);
        data.text("mimeType", one.media_type);
        data.text("data", one.data);
        data.close();
    }
    part.close();
}

void contents_writer::write_call(const neutral::tool_call& call, bool is_first) {
    const signed_id id = split_id(call.id);
    next();
    json::object_writer part(out_);
    part.key("functionCall");
    json::object_writer function(out_);
    if (traits_.has_call_ids && !id.id.empty()) function.text("id", id.id);
    function.text("name", call.name);
    function.raw("args", call.arguments);
    function.close();
    if (traits_.takes_signature && !id.signature.empty()) {
        part.text("thoughtSignature", id.signature);
    } else if (traits_.wants_signature && is_first) {
        part.text("thoughtSignature", no_signature);
    }
    part.close();
}

result<void> contents_writer::write_result(const neutral::tool_result& one) {
    if (one.name.empty())
        return fail(errc::bad_request,
                    "The 'tool_call_id' of a tool message must be that of a call before it.");
    const signed_id id = split_id(one.call_id);
    next();
    out_ += R"({"functionResponse":)";
    json::object_writer response(out_);
    if (traits_.has_call_ids && !id.id.empty()) response.text("id", id.id);
    response.text("name", one.name);
    response.key("response");
    if (auto good = write_response(one); !good) return good;
    response.close();
    out_ += '}';
    return {};
}

// An object as it is; the API takes nothing else, so that all else is put into one.
result<void> contents_writer::write_response(const neutral::tool_result& one) {
    std::string joined;
    for (const part& each : one.parts) {
        if (each.kind != part_kind::text)
            return fail(neutral::not_supported("messages[].content (of a tool, other than text)", dialect_));
        if (one.parts.size() > 1) joined += each.text;
    }
    std::string_view text = joined;
    if (one.parts.size() == 1) text = one.parts.front().text;
    if (is_object(text)) {
        append_minified(out_, text);
        return {};
    }
    json::object_writer wrapped(out_);
    wrapped.text("result", text);
    wrapped.close();
    return {};
}

} // namespace

signed_id split_id(std::string_view id) noexcept {
    const std::size_t at = id.find(signature_mark);
    if (at == std::string_view::npos) return {id, {}};
    return {id.substr(0, at), id.substr(at + signature_mark.size())};
}

std::string_view media_type_of(std::string_view url) noexcept {
    url = url.substr(0, url.find_first_of("?#"));
    const std::size_t dot = url.find_last_of("./");
    if (dot != std::string_view::npos && url[dot] == '.') {
        const std::string_view ending = url.substr(dot + 1);
        const auto* const found =
            std::find_if(file_types.begin(), file_types.end(), [ending](const file_type& each) {
                return http::iequals(each.ending, ending);
            });
        if (found != file_types.end()) return found->media_type;
    }
    return "image/jpeg"; // what most images are
}

result<void> append_contents(std::string& out,
                             const std::vector<neutral::turn>& turns,
                             const model_traits& traits,
                             const neutral::dialect& dialect) {
    contents_writer writer(out, traits, dialect);
    out += '[';
    for (const turn& each : turns) {
        if (&each != &turns.front()) out += ',';
        if (auto good = writer.write(each); !good) return good;
    }
    out += ']';
    return {};
}

result<void> append_prompt(std::string& out, std::string_view prompt) {
    out += R"([{"role":"user","parts":[)";
    json::object_writer part(out);
    part.text("text", prompt);
    part.close();
    out += "]}]";
    return {};
}

} // namespace sluice::providers::gemini
