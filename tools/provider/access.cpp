#include "tools/provider/access.hpp"

#include "tools/provider/text.hpp"

#include <charconv>

namespace sluice::sim {

namespace {

constexpr std::size_t half_of_token = 16;
// Not a secret: it tells our tokens from those that a test has made up.
constexpr std::uint64_t proof_seed = 0x510ce;

std::string_view prefix_of(token_kind kind) noexcept {
    switch (kind) {
    case token_kind::google: return "ya29.sim-";
    case token_kind::entra: return "eyJ0eXAiOiJKV1QifQ.sim-";
    case token_kind::aws_session: return "FwoGZXIvYXdzSIM/";
    case token_kind::instance: return "AQAEAsim";
    }
    return "";
}

} // namespace

std::string make_token(token_kind kind, std::int64_t expires) {
    std::string token(prefix_of(kind));
    append_hex(token, static_cast<std::uint64_t>(expires));
    const std::uint64_t proof = hash_text(token, proof_seed);
    append_hex(token, proof);
    return token;
}

bool is_good_token(token_kind kind, std::string_view token, std::int64_t now) {
    const std::size_t begin = prefix_of(kind).size();
    if (token.size() != begin + 2 * half_of_token) return false;
    const std::string_view digits = token.substr(begin, half_of_token);
    std::uint64_t expires = 0;
    const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), expires, 16);
    if (ec != std::errc() || end != digits.data() + digits.size()) return false;
    const auto last = static_cast<std::int64_t>(expires);
    return now < last && token == make_token(kind, last);
}

} // namespace sluice::sim
