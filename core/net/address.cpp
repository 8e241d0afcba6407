#include "core/net/address.hpp"

#include "core/http/framing.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace sluice::net {

namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

struct block_v4 {
    std::uint32_t network;
    unsigned prefix;
};

constexpr std::uint32_t ipv4(unsigned a, unsigned b, unsigned c, unsigned d) noexcept {
    return (a << 24U) | (b << 16U) | (c << 8U) | d;
}

// The IANA special-purpose registry (RFC 6890 and its updates), multicast and class E.
constexpr std::array<block_v4, 17> special_v4 = {{
    {ipv4(0, 0, 0, 0), 8},       // this network, "unspecified"
    {ipv4(10, 0, 0, 0), 8},      // private
    {ipv4(100, 64, 0, 0), 10},   // CGNAT
    {ipv4(127, 0, 0, 0), 8},     // loopback
    {ipv4(169, 254, 0, 0), 16},  // link-local, with the metadata services of clouds
    {ipv4(172, 16, 0, 0), 12},   // private
    {ipv4(192, 0, 0, 0), 24},    // protocol assignments
    {ipv4(192, 0, 2, 0), 24},    // documentation
    {ipv4(192, 31, 196, 0), 24}, // AS112
    {ipv4(192, 52, 193, 0), 24}, // AMT
    {ipv4(192, 88, 99, 0), 24},  // 6to4 relays, deprecated
    {ipv4(192, 168, 0, 0), 16},  // private
    {ipv4(192, 175, 48, 0), 24}, // AS112
    {ipv4(198, 18, 0, 0), 15},   // benchmarks
    {ipv4(198, 51, 100, 0), 24}, // documentation
    {ipv4(203, 0, 113, 0), 24},  // documentation
    {ipv4(224, 0, 0, 0), 3},     // multicast, reserved, broadcast
}};

struct block_v6 {
    std::array<std::uint8_t, 6> network; // the rest of the address is zero
    unsigned prefix;
};

// Inside 2000::/3, the only global unicast space there is.
constexpr std::array<block_v6, 5> special_v6 = {{
    {{0x20, 0x01, 0x00, 0x00}, 23}, // protocol assignments: Teredo (IPv4 inside), ORCHID, benchmarks
    {{0x20, 0x01, 0x0D, 0xB8}, 32}, // documentation
    {{0x26, 0x20, 0x00, 0x4F, 0x80, 0x00}, 48}, // AS112
    {{0x3F, 0xFE}, 16},                         // 6bone, returned
    {{0x3F, 0xFF}, 20},                         // documentation
}};

template <std::size_t Size, std::size_t OtherSize>
bool same_prefix(const std::array<std::uint8_t, Size>& a,
                 const std::array<std::uint8_t, OtherSize>& b,
                 unsigned bits) noexcept {
    const std::size_t whole = bits / 8;
    if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin())) return false;
    const unsigned rest = bits % 8;
    return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

address_v4 embedded_v4(const address_v6::bytes_type& bytes, std::size_t at) {
    address_v4::bytes_type inner{};
    for (std::size_t i = 0; i < inner.size(); ++i)
        inner[i] = bytes[at + i];
    return address_v4(inner);
}

bool is_public_v4(const address_v4& a) {
    const std::uint32_t value = a.to_uint();
    return std::none_of(special_v4.begin(), special_v4.end(), [value](const block_v4& block) {
        return (value >> (32 - block.prefix)) == (block.network >> (32 - block.prefix));
    });
}

bool is_public_v6(const address_v6& a) {
    const address_v6::bytes_type bytes = a.to_bytes();
    constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    constexpr std::array<std::uint8_t, 12> nat64 = {0x00, 0x64, 0xFF, 0x9B};
    constexpr std::array<std::uint8_t, 2> six_to_four = {0x20, 0x02};
    if (same_prefix(bytes, mapped, 96) || same_prefix(bytes, nat64, 96))
        return is_public_v4(embedded_v4(bytes, 12));
    if (same_prefix(bytes, six_to_four, 16)) return is_public_v4(embedded_v4(bytes, 2));
    if ((bytes[0] & 0xE0U) != 0x20) return false;
    return std::none_of(special_v6.begin(), special_v6.end(), [&bytes](const block_v6& block) {
        return same_prefix(bytes, block.network, block.prefix);
    });
}

address unmapped(const address& a) {
    if (a.is_v6() && a.to_v6().is_v4_mapped()) return make_address_v4(boost::asio::ip::v4_mapped, a.to_v6());
    return a;
}

tl::unexpected<error> not_a_network(std::string_view text) {
    return fail(errc::invalid_parameter_value,
                "'" + std::string(text) + "' is not an IP address or network (CIDR).");
}

} // namespace

bool cidr::contains(const boost::asio::ip::address& a) const {
    const address one = unmapped(a);
    if (one.is_v4() != network.is_v4()) return false;
    if (one.is_v4()) return same_prefix(one.to_v4().to_bytes(), network.to_v4().to_bytes(), prefix);
    return same_prefix(one.to_v6().to_bytes(), network.to_v6().to_bytes(), prefix);
}

result<cidr> parse_cidr(std::string_view text) {
    const std::size_t slash = text.find('/');
    boost::system::error_code failed;
    const address parsed = boost::asio::ip::make_address(std::string(text.substr(0, slash)), failed);
    if (failed || (parsed.is_v6() && parsed.to_v6().scope_id() != 0)) return not_a_network(text);
    const unsigned most = parsed.is_v4() ? 32 : 128;
    unsigned prefix = most;
    if (slash != std::string_view::npos) {
        const auto number = http::parse_decimal(text.substr(slash + 1));
        if (!number || *number > most) return not_a_network(text);
        prefix = static_cast<unsigned>(*number);
    }
    const address network = unmapped(parsed);
    if (network.is_v4() == parsed.is_v4()) return cidr{network, prefix};
    // A mapped network is one of IPv4 addresses if it is no wider than all of them.
    if (prefix < 96) return not_a_network(text);
    return cidr{network, prefix - 96};
}

bool is_public(const boost::asio::ip::address& a) {
    return a.is_v4() ? is_public_v4(a.to_v4()) : is_public_v6(a.to_v6());
}

bool upstream_policy::allows(const boost::asio::ip::address& a) const {
    return is_public(a) || named(a);
}

bool upstream_policy::named(const boost::asio::ip::address& a) const {
    return std::any_of(allowed_.begin(), allowed_.end(), [&a](const cidr& one) { return one.contains(a); });
}

} // namespace sluice::net
