#include "core/base/crc32.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice {

namespace {

TEST(crc32, gives_the_known_checksums) {
    EXPECT_EQ(crc32(""), 0U);
    EXPECT_EQ(crc32("123456789"), 0xCBF43926U); // the check value of the algorithm
    EXPECT_EQ(crc32("The quick brown fox jumps over the lazy dog"), 0x414FA339U);
    EXPECT_EQ(crc32(std::string(32, '\xFF')), 0xFF6CAB0BU);
}

TEST(crc32, goes_on_from_any_place) {
    const std::string text = "The quick brown fox jumps over the lazy dog";
    for (std::size_t at = 0; at <= text.size(); ++at) {
        const std::string_view all = text;
        EXPECT_EQ(crc32(all.substr(at), crc32(all.substr(0, at))), 0x414FA339U) << at;
    }
}

} // namespace
} // namespace sluice
