#include "core/base/base64.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace sluice {

namespace {

using digit_table = std::array<std::uint8_t, 256>;

constexpr std::string_view standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view for_urls = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t no_digit = 0xff;

constexpr digit_table make_digits(std::string_view alphabet) {
    digit_table out{};
    out.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        out[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return out;
}

constexpr digit_table standard_digits = make_digits(standard);
constexpr digit_table url_digits = make_digits(for_urls);

// Without padding.
std::string encode(std::string_view bytes, std::string_view alphabet) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t count = bytes.size() - at < 3 ? bytes.size() - at : 3;
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            group = group << 8U | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        }
        for (std::size_t i = 0; i <= count; ++i)
            out += alphabet[group >> (18U - 6U * i) & 63U];
    }
    return out;
}

// Of a text without padding.
std::optional<std::string> decode(std::string_view text, const digit_table& digits) {
    if (text.size() % 4 == 1) return std::nullopt;
    std::string out;
    out.reserve(text.size() * 3 / 4);
    std::uint32_t group = 0;
    unsigned bits = 0;
    for (const char c : text) {
        const std::uint8_t digit = digits[static_cast<unsigned char>(c)];
        if (digit == no_digit) return std::nullopt;
        group = (group << 6U | digit) & 0xffffU;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out += static_cast<char>(group >> bits & 0xffU);
        }
    }
    if ((group & ((1U << bits) - 1U)) != 0) return std::nullopt;
    return out;
}

} // namespace

std::string base64_encode(std::string_view bytes) {
    std::string out = encode(bytes, standard);
    while (out.size() % 4 != 0)
        out += '=';
    return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding)
        text.remove_suffix(1);
    return decode(text, standard_digits);
}

std::string base64url_encode(std::string_view bytes) {
    return encode(bytes, for_urls);
}

std::optional<std::string> base64url_decode(std::string_view text) {
    return decode(text, url_digits);
}

} // namespace sluice
