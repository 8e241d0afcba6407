#include "providers/openai.hpp"
#include "providers/openai_repair.hpp"
#include "providers/usage.hpp"
#include "providers/walk.hpp"

#include <utility>

namespace sluice::providers::openai {

namespace {

bool read(std::string_view body, answer& out) {
    walk::text text(body, walk::deepest_answer);
    auto root = text.root();
    if (!root) return false;
    for (auto next : *root) {
        walk::field of;
        if (std::move(next).get(of)) return false;
        const auto key = text.key(of);
        if (!key) return false;
        walk::value& v = of.value();
        const walk::item seen = text.look(v);
        out.has_choices = out.has_choices || key->raw == "choices";
        const bool good = key->raw == "usage" ? read_usage(text, v, seen, out.used) : text.pass(v, seen, 1);
        if (!good) return false;
    }
    return text.complete();
}

} // namespace

result<answer> read_json_answer(const target& to, std::string_view body) {
    answer out;
    if (!read(body, out)) return fail(upstream_error(to, 200, {}, body, 0));
    if (to.repairs == repair::none || !out.has_choices) return out;
    const repairs_found found = find_repairs(body, to.repairs, nullptr);
    if (!found.edits.empty()) append_edited(out.rewritten.emplace(), body, found.edits);
    return out;
}

} // namespace sluice::providers::openai
