// Which upstream addresses may be dialled: public ones, and those that the operator's --upstream-allow CIDRs
// name.
#pragma once

#include "core/base/error.hpp"

#include <boost/asio/ip/address.hpp>

#include <string_view>
#include <vector>

namespace sluice::net {

// One network, IPv4 or IPv6; IPv4-mapped IPv6 addresses are compared as IPv4.
struct cidr {
    boost::asio::ip::address network;
    unsigned prefix = 0;

    [[nodiscard]] bool contains(const boost::asio::ip::address& address) const;
};

// "10.0.0.0/8", "::1/128", or an address alone. Error invalid_parameter_value.
[[nodiscard]] result<cidr> parse_cidr(std::string_view text);

// Globally routable unicast: not private, loopback, link-local (metadata services), CGNAT, multicast,
// reserved, documentation, unspecified, unique-local, nor an IPv4 address of these kinds inside IPv6 (mapped,
// 6to4, NAT64), nor Teredo.
[[nodiscard]] bool is_public(const boost::asio::ip::address& address);

class upstream_policy {
public:
    explicit upstream_policy(std::vector<cidr> allowed)
        : allowed_(std::move(allowed)) {}

    // May a connection to this address be made? Asked when an endpoint is written (literal addresses) and at
    // every connect.
    [[nodiscard]] bool allows(const boost::asio::ip::address& address) const;
    // Is the address named by the operator? Plain http needs that.
    [[nodiscard]] bool named(const boost::asio::ip::address& address) const;

private:
    std::vector<cidr> allowed_;
};

} // namespace sluice::net
