// Parts of a message: texts, images, files, sound.
#include "providers/neutral_parts.hpp"
#include "providers/sentence.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace sluice::providers::neutral {

namespace {

bool is_base64_digit(char c) noexcept {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Checked, not decoded: what matters is that nothing but base64 goes on.
bool is_base64(std::string_view text) noexcept {
    if (text.empty() || text.size() % 4 != 0) return false;
    if (text.ends_with('=')) text.remove_suffix(text.ends_with("==") ? 2 : 1);
    return std::all_of(text.begin(), text.end(), is_base64_digit);
}

std::string_view without_blanks(std::string_view text, request& out) {
    if (std::none_of(text.begin(), text.end(), is_blank)) return text;
    std::string& kept = out.texts.emplace_back();
    kept.reserve(text.size());
    std::copy_if(text.begin(), text.end(), std::back_inserter(kept), [](char c) { return !is_blank(c); });
    return kept;
}

std::string_view lowered(std::string_view text, request& out) {
    const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (std::none_of(text.begin(), text.end(), is_upper)) return text;
    std::string& kept = out.texts.emplace_back(text);
    for (char& c : kept)
        c = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
    return kept;
}

bool starts_with_scheme(std::string_view url, std::string_view scheme) noexcept {
    return url.size() > scheme.size() &&
           std::equal(scheme.begin(), scheme.end(), url.begin(), [](char wanted, char c) {
               return (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) == wanted;
           });
}

// "data:image/png;charset=x;base64,AAAA" into media type and data.
result<void> read_data_url(std::string_view url, std::string_view where, request& out, part& into) {
    constexpr std::string_view scheme = "data:";
    constexpr std::string_view coding = ";base64";
    const std::size_t comma = url.find(',');
    const std::string_view head = lowered(url.substr(0, comma).substr(scheme.size()), out);
    if (comma == std::string_view::npos || !head.ends_with(coding))
        return bad(sentence({"'", where, "' is not a data URL in base64."}));
    into.media_type = head.substr(0, head.find(';'));
    into.data = without_blanks(url.substr(comma + 1), out);
    if (!is_base64(into.data)) return bad(sentence({"'", where, "' does not hold good base64."}));
    return {};
}

result<part> read_image(slices::node value, std::string_view where, request& out) {
    const bool is_bare = value.is(walk::kind::string);
    auto url = text_of(is_bare ? value : value["url"], where, out);
    if (!url) return fail(std::move(url).error());
    part image;
    image.kind = part_kind::image;
    if (starts_with_scheme(*url, "data:")) {
        if (auto good = read_data_url(*url, where, out, image); !good) return fail(std::move(good).error());
        return image;
    }
    for (const std::string_view scheme : {"http://", "https://", "gs://"}) {
        if (!starts_with_scheme(*url, scheme)) continue;
        image.url = *url;
        return image;
    }
    return bad(sentence({"'", where, "' must be a data:, http:, https: or gs: URL."}));
}

result<part> read_file(slices::node value, std::string_view where, request& out) {
    auto data = text_of(value["file_data"], where, out);
    if (!data) return fail(std::move(data).error());
    auto name = text_of(value["filename"], where, out);
    if (!name) return fail(std::move(name).error());
    if (!starts_with_scheme(*data, "data:"))
        return bad(sentence({"'", where, "' needs 'file_data', a data URL."}));
    part file;
    file.kind = part_kind::file;
    file.name = *name;
    if (auto good = read_data_url(*data, where, out, file); !good) return fail(std::move(good).error());
    return file;
}

result<part> read_audio(slices::node value, std::string_view where, request& out) {
    auto data = text_of(value["data"], where, out);
    if (!data) return fail(std::move(data).error());
    auto format = text_of(value["format"], where, out);
    if (!format) return fail(std::move(format).error());
    part sound;
    sound.kind = part_kind::audio;
    sound.media_type = lowered(out.texts.emplace_back(sentence({"audio/", *format})), out);
    sound.data = without_blanks(*data, out);
    if (!is_base64(sound.data)) return bad(sentence({"'", where, "' does not hold good base64."}));
    return sound;
}

result<part> read_part(slices::node value, std::string_view where, const dialect& of, request& out) {
    auto type = text_of(value["type"], where, out);
    if (!type) return fail(std::move(type).error());
    if (*type == "text" || *type == "refusal") {
        auto text = text_of(value[*type], where, out);
        if (!text) return fail(std::move(text).error());
        part words;
        words.text = *text;
        return words;
    }
    if (*type == "image_url") return read_image(value["image_url"], where, out);
    if (*type == "file") return read_file(value["file"], where, out);
    if (*type == "input_audio") return read_audio(value["input_audio"], where, out);
    if (!value.is(walk::kind::object) || type->empty())
        return bad(sentence({"'", where, "' must be an object with a 'type'."}));
    return fail(not_supported(where, of));
}

} // namespace

result<std::vector<part>>
read_content(slices::node content, std::string_view where, const dialect& of, request& out) {
    std::vector<part> parts;
    if (!content) return parts;
    if (content.is(walk::kind::string)) {
        part words;
        words.text = content.text(out.texts).value_or("");
        if (!words.text.empty()) parts.push_back(words);
        return parts;
    }
    if (!content.is(walk::kind::array))
        return bad(sentence({"'", where, "' must be a text, a list of parts or null."}));
    std::size_t index = 0;
    for (const slices::node each : content.items()) {
        auto read = read_part(each, indexed(where, index++), of, out);
        if (!read) return fail(std::move(read).error());
        if (read->kind != part_kind::text || !read->text.empty()) parts.push_back(*read);
    }
    return parts;
}

} // namespace sluice::providers::neutral
