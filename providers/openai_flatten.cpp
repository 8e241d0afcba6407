#include "providers/openai_flatten.hpp"

#include <string>
#include <string_view>

namespace sluice::providers::openai {

namespace {

using walk::item;
using walk::kind;

bool summaries(walk::text& text, walk::value& v, std::string& out) {
    return text.each_element(v, 6, [&](walk::value& element, const item& outside) {
        if (outside.type != kind::object) return text.pass(element, outside, 7);
        return text.each_member(element, 7, [&](std::string_view key, walk::value& value, const item& seen) {
            if (key == "text" && seen.type == kind::string) out.append(walk::without_quotes(seen.raw));
            return text.pass(value, seen, 8);
        });
    });
}

// {"url":"…"}, or that text alone.
bool image(walk::text& text, walk::value& v, const item& outside, flat_content& out) {
    const auto note = [&out](const item& seen) {
        if (seen.type == kind::string && seen.raw.size() > 2) out.image_urls.push_back(seen.raw);
    };
    note(outside);
    if (outside.type != kind::object) return text.pass(v, outside, 6);
    return text.each_member(v, 6, [&](std::string_view key, walk::value& value, const item& seen) {
        if (key == "url") note(seen);
        return text.pass(value, seen, 7);
    });
}

// {"type":"text","text":"…"}, {"type":"reasoning","summary":[…]}, {"type":"image_url","image_url":…}, or a
// plain text.
bool part(walk::text& text, walk::value& v, const item& outside, flat_content& out) {
    if (outside.type == kind::string) out.text.append(walk::without_quotes(outside.raw));
    if (outside.type != kind::object) return text.pass(v, outside, 5);
    return text.each_member(v, 5, [&](std::string_view key, walk::value& value, const item& seen) {
        if (key == "summary" && seen.type == kind::array) return summaries(text, value, out.reasoning);
        if (key == "image_url") return image(text, value, seen, out);
        if (key == "text" && seen.type == kind::string) out.text.append(walk::without_quotes(seen.raw));
        return text.pass(value, seen, 6);
    });
}

} // namespace

bool flatten(walk::text& text, walk::value& v, flat_content& out) {
    return text.each_element(
        v, 4, [&](walk::value& element, const item& seen) { return part(text, element, seen, out); });
}

} // namespace sluice::providers::openai
