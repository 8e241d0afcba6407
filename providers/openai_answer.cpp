#include "providers/openai.hpp"
#include "providers/usage.hpp"
#include "providers/walk.hpp"

#include <utility>

namespace sluice::providers::openai {

namespace {

bool read(std::string_view body, usage& used) {
    walk::text text(body);
    auto root = text.root();
    if (!root) return false;
    for (auto next : *root) {
        walk::field of;
        if (std::move(next).get(of)) return false;
        const auto key = text.key(of);
        if (!key) return false;
        walk::value& v = of.value();
        const walk::item seen = text.look(v);
        const bool good = key->raw == "usage" ? read_usage(text, v, seen, used) : text.pass(v, seen, 1);
        if (!good) return false;
    }
    return text.complete();
}

} // namespace

result<answer> read_json_answer(const target& to, std::string_view body) {
    answer out;
    if (!read(body, out.used)) return fail(upstream_error(to, 200, {}, body, 0));
    return out;
}

} // namespace sluice::providers::openai
