#include "core/net/byte_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace sluice::net::byte_buffer_test {
namespace {

void append(byte_buffer& to, std::string_view text) {
    to.reserve(text.size());
    std::copy(text.begin(), text.end(), to.space());
    to.commit(text.size());
}

TEST(byte_buffer, what_is_committed_is_readable_and_what_is_consumed_is_gone) {
    byte_buffer buffer;
    EXPECT_EQ(buffer.readable(), "");
    append(buffer, "hello world");
    buffer.consume(6);
    EXPECT_EQ(buffer.readable(), "world");
    buffer.retract(2);
    EXPECT_EQ(buffer.readable(), "wor");
}

TEST(byte_buffer, the_place_of_what_was_consumed_is_used_again) {
    byte_buffer buffer;
    append(buffer, std::string(3000, 'a'));
    const std::size_t capacity = buffer.capacity();
    for (int i = 0; i < 100; ++i) {
        buffer.consume(1000);
        append(buffer, std::string(1000, 'b'));
    }
    EXPECT_EQ(buffer.capacity(), capacity);
    EXPECT_EQ(buffer.readable(), std::string(3000, 'b'));
}

TEST(byte_buffer, growing_keeps_the_content_and_drops_nothing_behind_a_consumed_front) {
    byte_buffer buffer;
    append(buffer, "xx" + std::string(4000, 'a'));
    buffer.consume(2);
    append(buffer, std::string(100'000, 'b'));
    EXPECT_EQ(buffer.readable(), std::string(4000, 'a') + std::string(100'000, 'b'));
}

TEST(byte_buffer, a_full_buffer_has_readable_padding_behind_it) {
    byte_buffer buffer;
    append(buffer, std::string(4096, 'a'));
    buffer.reserve(0);
    append(buffer, std::string(buffer.space_size(), 'b'));
    EXPECT_EQ(buffer.space_size(), 0U);
    const char* const end = buffer.readable().data() + buffer.size();
    EXPECT_EQ(std::count(end, end + byte_buffer::padding, '\0'),
              static_cast<std::ptrdiff_t>(byte_buffer::padding));
}

TEST(byte_buffer, memory_is_given_back_only_when_nothing_is_in_it_and_it_is_large) {
    byte_buffer buffer;
    append(buffer, std::string(100'000, 'a'));
    buffer.release(1000);
    EXPECT_GE(buffer.capacity(), 100'000U) << "not empty";
    buffer.clear();
    buffer.release(200'000);
    EXPECT_GE(buffer.capacity(), 100'000U) << "not too large";
    buffer.release(1000);
    EXPECT_EQ(buffer.capacity(), 0U);
    append(buffer, "again");
    EXPECT_EQ(buffer.readable(), "again");
}

} // namespace
} // namespace sluice::net::byte_buffer_test
