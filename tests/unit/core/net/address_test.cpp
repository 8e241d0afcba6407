#include "core/net/address.hpp"

#include <boost/asio/ip/address.hpp>
#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace sluice::net::address_test {

namespace {

boost::asio::ip::address at(std::string_view text) {
    boost::system::error_code failed;
    auto address = boost::asio::ip::make_address(text, failed);
    EXPECT_FALSE(failed) << text;
    return address;
}

bool holds(std::string_view network, std::string_view address) {
    const auto parsed = parse_cidr(network);
    EXPECT_TRUE(parsed) << network;
    return parsed && parsed->contains(at(address));
}

} // namespace

TEST(address, public_addresses_are_public_up_to_the_edges_of_the_special_blocks) {
    for (const std::string_view text :
         {"1.1.1.1",         "8.8.8.8",         "9.255.255.255",    "11.0.0.0",        "100.63.255.255",
          "100.128.0.0",     "126.255.255.255", "128.0.0.0",        "169.253.255.255", "169.255.0.0",
          "172.15.255.255",  "172.32.0.0",      "191.255.255.255",  "192.0.1.0",       "192.0.3.0",
          "192.167.255.255", "192.169.0.0",     "198.17.255.255",   "198.20.0.0",      "198.51.99.255",
          "198.51.101.0",    "203.0.112.255",   "203.0.114.0",      "223.255.255.255", "2606:4700::1111",
          "2a00:1450::1",    "2001:200::1",     "2001:db7:ffff::1", "2001:db9::1",     "3ffd:ffff::1",
          "3fff:1000::1",    "::ffff:8.8.8.8",  "64:ff9b::8.8.8.8", "2002:808:808::1"}) {
        EXPECT_TRUE(is_public(at(text))) << text;
    }
}

TEST(address, special_addresses_are_not_public) {
    for (const std::string_view text : {"0.0.0.0",
                                        "0.1.2.3",
                                        "10.0.0.0",
                                        "10.255.255.255",
                                        "100.64.0.0",
                                        "100.127.255.255",
                                        "127.0.0.1",
                                        "127.255.255.255",
                                        "169.254.169.254",
                                        "172.16.0.0",
                                        "172.31.255.255",
                                        "192.0.0.8",
                                        "192.0.0.170",
                                        "192.0.2.1",
                                        "192.31.196.1",
                                        "192.52.193.1",
                                        "192.88.99.1",
                                        "192.168.0.1",
                                        "192.175.48.1",
                                        "198.18.0.1",
                                        "198.19.255.255",
                                        "198.51.100.1",
                                        "203.0.113.1",
                                        "224.0.0.1",
                                        "239.255.255.255",
                                        "240.0.0.1",
                                        "255.255.255.255",
                                        "::",
                                        "::1",
                                        "::2",
                                        "64:ff9b:1::1",
                                        "100::1",
                                        "2001::1",
                                        "2001:2::1",
                                        "2001:10::1",
                                        "2001:20::1",
                                        "2001:1ff:ffff::1",
                                        "2001:db8::1",
                                        "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
                                        "2620:4f:8000::1",
                                        "3ffe::1",
                                        "3fff::1",
                                        "3fff:fff::1",
                                        "5f00::1",
                                        "fc00::1",
                                        "fd12:3456::1",
                                        "fdff::1",
                                        "fe80::1",
                                        "febf::1",
                                        "fec0::1",
                                        "ff02::1",
                                        "ffff::1"}) {
        EXPECT_FALSE(is_public(at(text))) << text;
    }
}

TEST(address, an_ipv4_address_inside_ipv6_is_judged_as_what_it_is) {
    for (const std::string_view text : {"::ffff:127.0.0.1",
                                        "::ffff:10.1.2.3",
                                        "::ffff:169.254.169.254",
                                        "::ffff:0.0.0.0",
                                        "::127.0.0.1",
                                        "::8.8.8.8",
                                        "64:ff9b::10.0.0.1",
                                        "64:ff9b::169.254.169.254",
                                        "2002:7f00:1::1",
                                        "2002:a00:1::",
                                        "2002:a9fe:a9fe::1",
                                        "2001:0:7f00:1::",
                                        "2001:0:808:808:0:0:80ff:fffe"}) {
        EXPECT_FALSE(is_public(at(text))) << text;
    }
}

TEST(address, networks_are_parsed_with_and_without_a_prefix) {
    EXPECT_TRUE(holds("10.0.0.0/8", "10.255.255.255"));
    EXPECT_FALSE(holds("10.0.0.0/8", "11.0.0.0"));
    EXPECT_TRUE(holds("10.1.2.3/8", "10.0.0.0"));
    EXPECT_TRUE(holds("127.0.0.1", "127.0.0.1"));
    EXPECT_FALSE(holds("127.0.0.1", "127.0.0.2"));
    EXPECT_TRUE(holds("192.168.4.0/22", "192.168.7.255"));
    EXPECT_FALSE(holds("192.168.4.0/22", "192.168.8.0"));
    EXPECT_TRUE(holds("0.0.0.0/0", "255.1.2.3"));
    EXPECT_FALSE(holds("0.0.0.0/0", "::1"));
    EXPECT_TRUE(holds("::1/128", "::1"));
    EXPECT_TRUE(holds("::1", "::1"));
    EXPECT_FALSE(holds("::1", "::2"));
    EXPECT_TRUE(holds("fd00::/9", "fd7f::1"));
    EXPECT_FALSE(holds("fd00::/9", "fd80::1"));
    EXPECT_TRUE(holds("::/0", "2001:db8::1"));
    EXPECT_FALSE(holds("::/0", "1.2.3.4"));
}

TEST(address, mapped_addresses_and_networks_are_ipv4) {
    EXPECT_TRUE(holds("127.0.0.0/8", "::ffff:127.0.0.1"));
    EXPECT_TRUE(holds("::ffff:127.0.0.1", "127.0.0.1"));
    EXPECT_TRUE(holds("::ffff:10.0.0.0/104", "10.9.9.9"));
    EXPECT_FALSE(holds("::/0", "::ffff:10.0.0.1"));
    EXPECT_FALSE(parse_cidr("::ffff:10.0.0.0/95"));
}

TEST(address, texts_that_are_no_network_are_refused) {
    for (const std::string_view text : {"",
                                        "/",
                                        "10.0.0.0/",
                                        "10.0.0.0/33",
                                        "10.0.0.0/-1",
                                        "10.0.0.0/+8",
                                        "10.0.0.0/8 ",
                                        " 10.0.0.0/8",
                                        "10.0.0/8",
                                        "10.0.0.0/8/8",
                                        "::1/129",
                                        "::1%1/128",
                                        "fe80::1%1",
                                        "localhost",
                                        "10.0.0.256",
                                        "10.0.0.0/255.0.0.0",
                                        "[::1]/128",
                                        "010.0.0.1"}) {
        const auto parsed = parse_cidr(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, errc::invalid_parameter_value);
    }
}

TEST(address, what_the_operator_names_may_be_dialled_and_nothing_else_that_is_not_public) {
    const upstream_policy strict({});
    EXPECT_TRUE(strict.allows(at("8.8.8.8")));
    EXPECT_FALSE(strict.named(at("8.8.8.8")));
    EXPECT_FALSE(strict.allows(at("127.0.0.1")));
    const upstream_policy open({*parse_cidr("127.0.0.0/8"), *parse_cidr("::1")});
    EXPECT_TRUE(open.allows(at("127.3.2.1")));
    EXPECT_TRUE(open.named(at("::ffff:127.0.0.1")));
    EXPECT_TRUE(open.allows(at("::1")));
    EXPECT_FALSE(open.allows(at("10.0.0.1")));
    EXPECT_FALSE(open.named(at("8.8.8.8")));
}

} // namespace sluice::net::address_test
