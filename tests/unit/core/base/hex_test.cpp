#include "core/base/hex.hpp"

#include <gtest/gtest.h>

namespace sluice::hex_test {

namespace {

// RFC 4648 §10, in lower case.
TEST(hex, bytes_become_two_digits_each) {
    EXPECT_EQ(hex_encode(""), "");
    EXPECT_EQ(hex_encode("foobar"), "666f6f626172");
    constexpr std::string_view bytes("\x00\x7f\x80\xff", 4);
    EXPECT_EQ(hex_encode(bytes), "007f80ff");
}

} // namespace
} // namespace sluice::hex_test
