#include "providers/openai_flatten.hpp"

#include <utility>

namespace sluice::providers::openai {

namespace {

using walk::item;
using walk::kind;

bool summaries(walk::text& text, walk::value& v, std::string& out) {
    auto list = text.open_array(v, 6);
    if (!list) return false;
    for (auto next : *list) {
        walk::value element;
        if (std::move(next).get(element)) return false;
        const item outside = text.look(element);
        if (outside.type != kind::object) {
            if (!text.pass(element, outside, 7)) return false;
            continue;
        }
        auto members = text.open_object(element, 7);
        if (!members) return false;
        for (auto inner : *members) {
            walk::field of;
            if (std::move(inner).get(of)) return false;
            const auto key = text.key(of);
            if (!key) return false;
            const item seen = text.look(of.value());
            if (key->raw == "text" && seen.type == kind::string) out.append(walk::without_quotes(seen.raw));
            if (!text.pass(of.value(), seen, 8)) return false;
        }
    }
    return true;
}

// {"type":"text","text":"…"}, {"type":"reasoning","summary":[…]}, or a plain text.
bool part(walk::text& text, walk::value& v, flat_content& out) {
    const item outside = text.look(v);
    if (outside.type == kind::string) out.text.append(walk::without_quotes(outside.raw));
    if (outside.type != kind::object) return text.pass(v, outside, 5);
    auto members = text.open_object(v, 5);
    if (!members) return false;
    for (auto next : *members) {
        walk::field of;
        if (std::move(next).get(of)) return false;
        const auto key = text.key(of);
        if (!key) return false;
        const item seen = text.look(of.value());
        if (key->raw == "summary" && seen.type == kind::array) {
            if (!summaries(text, of.value(), out.reasoning)) return false;
            continue;
        }
        if (key->raw == "text" && seen.type == kind::string) out.text.append(walk::without_quotes(seen.raw));
        if (!text.pass(of.value(), seen, 6)) return false;
    }
    return true;
}

} // namespace

bool flatten(walk::text& text, walk::value& v, flat_content& out) {
    auto list = text.open_array(v, 4);
    if (!list) return false;
    for (auto next : *list) {
        walk::value element;
        if (std::move(next).get(element)) return false;
        if (!part(text, element, out)) return false;
    }
    return true;
}

} // namespace sluice::providers::openai
