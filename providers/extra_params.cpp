#include "providers/extra_params.hpp"

#include "core/json/reader.hpp"
#include "core/json/writer.hpp"
#include "providers/key_set.hpp"
#include "providers/names.hpp"
#include "providers/sentence.hpp"
#include "providers/walk.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace sluice::providers::unified {

namespace {

// Far above what any API has members.
constexpr std::size_t most_extra_params = 100;

// A client's name for an error sentence, which must not grow with it.
std::string_view shown(std::string_view key) {
    constexpr std::size_t most = 64;
    std::size_t end = std::min(key.size(), most);
    while (end < key.size() && end > 0 && (static_cast<unsigned char>(key[end]) & 0xC0U) == 0x80U)
        --end;
    return key.substr(0, end);
}

std::string unescaped(std::string_view raw) {
    std::string text;
    walk::append_unescaped(text, raw);
    return text;
}

// Names that the gateway sets or takes out itself, whether the body has them or not.
bool is_reserved(known name) noexcept {
    switch (name) {
    case known::model:
    case known::stream:
    case known::stream_options:
    case known::messages:
    case known::prompt:
    case known::input:
    case known::extra_params:
    case known::client_request_id:
    case known::usage_context: return true;
    default: return false;
    }
}

void add_keys(const call& of, key_set& into) {
    for (const member& each : of.members)
        into.add(of.body.substr(each.begin + 1, each.key_end - each.begin - 2));
}

bool has_member(const call& of, const key_set& own, std::string_view key) {
    // Two names of one limit: max_tokens goes as max_completion_tokens to some models.
    if (key == "max_completion_tokens" && of.find(known::max_tokens) != nullptr) return true;
    if (key == "max_tokens" && of.find(known::max_completion_tokens) != nullptr) return true;
    return own.has(key);
}

// Of JSON: how deep its brackets nest.
int depth_of(std::string_view json) noexcept {
    int depth = 0;
    int deepest = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (in_string) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            deepest = std::max(deepest, ++depth);
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return deepest;
}

bool goes_in_parsed(std::string_view value) {
    const std::size_t start = value.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return false;
    const char first = value[start];
    const bool may_be = first == '{' || first == '[' || first == 't' || first == 'f' || first == '-' ||
                        (first >= '0' && first <= '9');
    return may_be && json::is_json(value) && depth_of(value) < json::max_depth;
}

void append_member(std::string& out, std::string_view key, std::string_view value) {
    if (!out.empty()) out += ',';
    json::append_string(out, key);
    out += ':';
    if (goes_in_parsed(value)) {
        out.append(value);
    } else {
        json::append_string(out, value);
    }
}

} // namespace

result<void>
read_extra_params(const member& extra_params, call& out, std::span<const std::string_view> reserved) {
    const std::size_t size = extra_params.value_end - extra_params.value_begin;
    const std::string_view json = out.body.substr(extra_params.value_begin, size);
    if (json == "null") return {};
    key_set own;
    add_keys(out, own);
    key_set keys;
    std::size_t count = 0;
    walk::text text(json);
    auto root = text.root();
    if (!root) return fail(errc::bad_request, "'extra_params' must be an object of texts.");
    for (auto next : *root) {
        walk::field of;
        if (std::move(next).get(of))
            return fail(errc::bad_request, "'extra_params' must be an object of texts.");
        const auto raw = text.key(of);
        const walk::item value = text.look(of.value());
        if (!raw || value.type != walk::kind::string)
            return fail(errc::bad_request, "'extra_params' must be an object of texts.");
        if (++count > most_extra_params)
            return fail(errc::bad_request, "'extra_params' has more than 100 members.");
        const auto [key, is_new] = keys.add(raw->raw);
        if (is_reserved(known_name(key)) ||
            std::find(reserved.begin(), reserved.end(), key) != reserved.end())
            return fail(errc::bad_request, sentence({"'extra_params' must not have '", key, "'."}));
        if (has_member(out, own, key)) {
            return fail(errc::bad_request,
                        sentence({"'extra_params' has '", shown(key), "', which the body has already."}));
        }
        if (!is_new)
            return fail(errc::bad_request, sentence({"'extra_params' has '", shown(key), "' twice."}));
        append_member(out.extra, key, unescaped(walk::without_quotes(value.raw)));
    }
    return {};
}

} // namespace sluice::providers::unified
