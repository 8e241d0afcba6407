#include "providers/embeddings_coding.hpp"

#include "providers/walk.hpp"

#include <algorithm>
#include <string>

namespace sluice::providers {

namespace {

// Is this JSON string that text, however it is escaped?
bool spells(std::string_view json, std::string_view text) {
    if (json.size() < 2 || json.front() != '"') return false;
    const std::string_view inside = walk::without_quotes(json);
    if (inside.find('\\') == std::string_view::npos) return inside == text;
    std::string decoded;
    walk::append_unescaped(decoded, inside);
    return decoded == text;
}

} // namespace

bool wants_base64(const unified::call& call) {
    const auto part = [&call](std::size_t begin, std::size_t end) {
        return call.body.substr(begin, end - begin);
    };
    return std::any_of(call.members.begin(), call.members.end(), [&part](const unified::member& each) {
        return each.name == unified::known::other &&
               spells(part(each.begin, each.key_end), "encoding_format") &&
               spells(part(each.value_begin, each.value_end), "base64");
    });
}

} // namespace sluice::providers
