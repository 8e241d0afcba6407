#include "core/base/crc32.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice::crc32_test {

namespace {

TEST(crc32, gives_the_known_checksums) {
    EXPECT_EQ(crc32(""), 0U);
    EXPECT_EQ(crc32("123456789"), 0xCBF43926U); // the check value of the algorithm
    EXPECT_EQ(crc32("The quick brown fox jumps over the lazy dog"), 0x414FA339U);
    EXPECT_EQ(crc32(std::string(32, '\xFF')), 0xFF6CAB0BU);
}

} // namespace
} // namespace sluice::crc32_test
