#include "core/http/framing.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice::http::chunk_decoder_test {

namespace {

struct decoded {
    std::string body;
    std::string rest; // what follows the chunked body
    bool finished = false;
    bool failed = false;

    friend bool operator==(const decoded&, const decoded&) = default;
};

void PrintTo(const decoded& what, std::ostream* out) {
    *out << testing::PrintToString(what.body) << " + " << testing::PrintToString(what.rest)
         << (what.finished ? " finished" : "") << (what.failed ? " failed" : "");
}

decoded decode(const std::vector<std::string_view>& reads) {
    decoded result;
    chunk_decoder decoder;
    for (std::string_view in : reads) {
        for (;;) {
            const auto step = decoder.feed(in);
            if (!step) {
                EXPECT_EQ(step.error().code, errc::bad_request);
                result.failed = true;
                return result;
            }
            in.remove_prefix(step->consumed);
            result.body += step->data;
            result.finished = step->finished;
            if (step->finished || step->consumed == 0) break;
        }
        result.rest += in;
    }
    return result;
}

void expect_for_any_split(std::string_view text, const decoded& expected) {
    EXPECT_EQ(decode({text}), expected);
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < text.size(); ++i)
        bytes.push_back(text.substr(i, 1));
    EXPECT_EQ(decode(bytes), expected) << "byte by byte";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        EXPECT_EQ(decode({text.substr(0, cut), text.substr(cut)}), expected) << "cut at " << cut;
    }
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i)
        out += text;
    return out;
}

} // namespace

TEST(chunk_decoder, chunks_are_put_together_for_any_split) {
    expect_for_any_split("5\r\nhello\r\n1\r\n \r\n0A\r\n0123456789\r\n0\r\n\r\n",
                         {"hello 0123456789", "", true, false});
    expect_for_any_split("0\r\n\r\n", {"", "", true, false});
    expect_for_any_split("2\r\n\r\n\r\n0\r\n\r\n", {"\r\n", "", true, false});
}

TEST(chunk_decoder, extensions_and_trailers_are_dropped_for_any_split) {
    expect_for_any_split("3;a;b=c;d=\"e;\\\"\r\"\r\nabc\r\n0\r\n\r\n", {"", "", false, true});
    expect_for_any_split("3;a;b=c;d=\"e; \\\"\"\r\nabc\r\n0;last\r\nAuthorization: x\r\nY:\r\n\r\n",
                         {"abc", "", true, false});
}

TEST(chunk_decoder, what_follows_the_last_chunk_is_left_alone) {
    expect_for_any_split("1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n", {"a", "GET / HTTP/1.1\r\n", true, false});
}

TEST(chunk_decoder, a_body_that_is_not_whole_asks_for_more) {
    const std::string_view text = "5\r\nhello\r\n0;a=\"b\"\r\nX: y\r\n\r\n";
    for (std::size_t size = 0; size < text.size(); ++size) {
        const decoded part = decode({text.substr(0, size)});
        EXPECT_FALSE(part.finished || part.failed) << size;
    }
}

TEST(chunk_decoder, data_is_a_view_of_the_input) {
    const std::string text = "64\r\n" + std::string(100, 'x') + "\r\n";
    chunk_decoder decoder;
    const auto step = decoder.feed(text);
    ASSERT_TRUE(step);
    EXPECT_EQ(step->data.data(), text.data() + 4);
    EXPECT_EQ(step->data.size(), 100U);
    EXPECT_EQ(step->consumed, 104U);
}

TEST(chunk_decoder, a_chunk_may_be_as_large_as_64_bits_say) {
    chunk_decoder decoder;
    const auto step = decoder.feed("fffffffffffffffF\r\nabc");
    ASSERT_TRUE(step);
    EXPECT_EQ(step->data, "abc");
    EXPECT_TRUE(decode({"00000000000000001\r\n"}).failed); // 17 digits
}

TEST(chunk_decoder, extensions_are_bounded_in_the_whole_body) {
    const std::string chunk = "1;" + std::string(511, 'e') + "\r\na\r\n"; // ';', name and CR are counted
    const std::string most = repeated(chunk, max_extension_bytes / 513);
    EXPECT_FALSE(decode({most}).failed);
    EXPECT_TRUE(decode({most + chunk}).failed);
    EXPECT_TRUE(decode({"1;" + std::string(max_extension_bytes, 'e')}).failed);
    EXPECT_FALSE(decode({"1;" + std::string(max_extension_bytes - 1, 'e')}).failed);
}

TEST(chunk_decoder, trailers_are_bounded) {
    const std::string trailer = "X: " + std::string(59, 'y') + "\r\n"; // 64 bytes
    const std::string most = "0\r\n" + repeated(trailer, max_trailer_bytes / 64 - 1);
    EXPECT_TRUE(decode({most + "X: " + std::string(57, 'y') + "\r\n\r\n"}).finished);
    EXPECT_TRUE(decode({most + "X: " + std::string(58, 'y') + "\r\n\r\n"}).failed);
    EXPECT_TRUE(decode({"0\r\nX: " + std::string(max_trailer_bytes, 'y')}).failed);
}

TEST(chunk_decoder, a_finished_decoder_takes_nothing_more) {
    chunk_decoder decoder;
    ASSERT_TRUE(decoder.feed("0\r\n\r\n"));
    const auto step = decoder.feed("1\r\n");
    ASSERT_TRUE(step);
    EXPECT_TRUE(step->finished);
    EXPECT_EQ(step->consumed, 0U);
}

} // namespace sluice::http::chunk_decoder_test
