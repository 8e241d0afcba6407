#include "providers/own_members.hpp"

#include "providers/names.hpp"
#include "providers/sentence.hpp"

#include <cstddef>
#include <string_view>
#include <utility>

namespace sluice::providers::unified {

namespace {

constexpr std::size_t most_usage_context_bytes = std::size_t{10} * 1024;

bool must_be(known name, std::string_view what, std::string& refusal) {
    refusal = sentence({"'", to_string(name), "' must be ", what, "."});
    return false;
}

bool read_map(known name, walk::text& text, walk::value& v, const walk::item& seen, std::string& refusal) {
    constexpr std::string_view wanted = "an object of texts";
    if (seen.type != walk::kind::object) return must_be(name, wanted, refusal);
    auto map = text.open_object(v, 1);
    if (!map) return false;
    for (auto next : *map) {
        walk::field of;
        if (std::move(next).get(of)) return text.failed(walk::fault::not_json);
        if (!text.key(of)) return false;
        const walk::item outside = text.look(of.value());
        if (outside.type == walk::kind::invalid) return false;
        if (outside.type != walk::kind::string) return must_be(name, wanted, refusal);
    }
    const auto end = text.end_of(seen);
    if (!end) return false;
    const bool too_long =
        name == known::usage_context && *end - text.offset(seen.raw) > most_usage_context_bytes;
    return !too_long || must_be(name, "at most 10 KiB", refusal);
}

} // namespace

bool is_own(known name) noexcept {
    return name == known::extra_params || name == known::client_request_id || name == known::usage_context;
}

bool read_own_member(
    known name, walk::text& text, walk::value& v, const walk::item& seen, call& out, std::string& refusal) {
    if (seen.type == walk::kind::null) return true;
    if (name != known::client_request_id) return read_map(name, text, v, seen, refusal);
    if (seen.type != walk::kind::string) return must_be(name, "a text", refusal);
    walk::append_unescaped(out.client_request_id, walk::without_quotes(seen.raw));
    return true;
}

} // namespace sluice::providers::unified
