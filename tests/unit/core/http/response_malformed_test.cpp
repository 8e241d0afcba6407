// Provider answers that two parsers could read differently. A provider is as able to smuggle as a client is:
// bytes that are left on a pooled connection would be the answer to somebody else.
#include "core/http/framing.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::http::response_malformed_test {

namespace {

using namespace std::string_view_literals;

// clang-format off: a row per line would hide the table
constexpr std::string_view status_lines[] = {
    ""sv, " "sv, "HTTP/1.1"sv, "HTTP/1.1 "sv, "HTTP/1.1  200 OK"sv, "HTTP/1.1 20 OK"sv, "HTTP/1.1 2 OK"sv,
    "HTTP/1.1 2000 OK"sv, "HTTP/1.1 2x0 OK"sv, "HTTP/1.1 000 OK"sv, "HTTP/1.1 099 OK"sv,
    "HTTP/1.1 600 OK"sv, "HTTP/1.1 999 OK"sv, "HTTP/1.1 -20 OK"sv, "HTTP/1.1 +20 OK"sv, "HTTP/1.1 200OK"sv,
    "HTTP/1.1 200\tOK"sv, "HTTP/1.1\t200 OK"sv, "HTTP/1.1 OK"sv, "HTTP/1.1 0200 OK"sv, "HTTP/1.1 2.0 OK"sv,
    "HTTP/1.1 \xD9\xA2\xD9\xA0\xD9\xA0 OK"sv, "HTTP/0.9 200 OK"sv, "HTTP/1.2 200 OK"sv, "HTTP/2.0 200 OK"sv,
    "HTTP/2 200"sv, "HTTP/3 200"sv, "HTTP/1.10 200 OK"sv, "HTTP/1 200 OK"sv, "http/1.1 200 OK"sv,
    "HTTPS/1.1 200 OK"sv, "ICY 200 OK"sv, "HTTP/1.1-200 OK"sv, " HTTP/1.1 200 OK"sv,
    "\r\nHTTP/1.1 200 OK"sv, "xHTTP/1.1 200 OK"sv, "HTTP/1.1 200 O\0K"sv, "HTTP/1.1 200 O\rK"sv,
    "HTTP/1.1 200 O\nK"sv, "HTTP/1.1 200 O\x7FK"sv, "HTTP/1.1 200 O\x1BK"sv, "HTTP/1.1 200\n"sv,
    "GET / HTTP/1.1"sv, "<html>"sv, "{\"a\":1}"sv, "data: x"sv, "\x15\x03\x01\x00\x02\x02"sv, "SSH-2.0-x"sv,
    "+OK"sv, "220 ready"sv,
};

constexpr std::string_view fields[] = {
    "Content-Length: "sv, "Content-Length: -1"sv, "Content-Length: -0"sv, "Content-Length: +5"sv,
    "Content-Length: 5x"sv, "Content-Length: x"sv, "Content-Length: 0x5"sv, "Content-Length: 5,5"sv,
    "Content-Length: 5, 6"sv, "Content-Length: 5 5"sv, "Content-Length: 5.0"sv, "Content-Length: 5e1"sv,
    "Content-Length: \"5\""sv, "Content-Length: 18446744073709551616"sv,
    "Content-Length: 99999999999999999999999"sv, "Content-Length: 5\r\nContent-Length: 5"sv,
    "Content-Length: 5\r\nContent-Length: 6"sv, "Content-Length: 5\r\ncontent-length: -5"sv,
    "Transfer-Encoding:"sv, "Transfer-Encoding: identity"sv, "Transfer-Encoding: gzip"sv,
    "Transfer-Encoding: gzip, chunked"sv, "Transfer-Encoding: chunked, gzip"sv,
    "Transfer-Encoding: chunked, chunked"sv, "Transfer-Encoding: chunked,"sv,
    "Transfer-Encoding: ,chunked"sv, "Transfer-Encoding: xchunked"sv, "Transfer-Encoding: \"chunked\""sv,
    "Transfer-Encoding: chunked;q=1"sv, "Transfer-Encoding: cow"sv,
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"sv,
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"sv,
    "Transfer-Encoding: chunked\r\nContent-Length: 5"sv,
    "Content-Length: 5\r\nTransfer-Encoding: chunked"sv,
    "Content-Length: 5\r\nTransfer-Encoding: identity"sv,
    "Transfer-Encoding: chunked\r\nContent-Length: x"sv, " X: y"sv, "X: y\r\n folded"sv,
    "X: y\r\n\tfolded"sv, "X : y"sv, "X\t: y"sv, ": y"sv, "X"sv, "X\0: y"sv, "X\xC3\xA4: y"sv, "X Y: z"sv,
    "X: a\0b"sv, "X: a\rb"sv, "X: a\nb"sv, "X: \x7F"sv, "X: \x1B"sv, "X: a\r"sv, "X: a\r\r\n"sv, "\rX: a"sv,
    "<p>: a"sv,
};
// clang-format on

std::vector<std::string> all_rows() {
    std::vector<std::string> rows;
    for (const auto part : status_lines)
        rows.push_back(std::string(part) + "\r\nX: y\r\n\r\n");
    for (const auto part : fields)
        rows.push_back("HTTP/1.1 200 OK\r\n" + std::string(part) + "\r\n\r\nhello");
    for (const std::string_view raw :
         {"HTTP/1.1 200 OK\nX: y\r\n\r\n"sv,
          "HTTP/1.1 200 OK\r\nX: y\n\r\n"sv,
          "HTTP/1.1 200 OK\r\nX: y\r\n\n"sv,
          "HTTP/1.1 200 OK\n\n"sv,
          "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"sv,
          "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n"sv,
          "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello"sv,
          "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"sv,
          "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n"sv,
          "HTTP/1.1 103 Early Hints\r\nTransfer-Encoding: chunked\r\n\r\n"sv,
          "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n"sv}) {
        rows.emplace_back(raw);
    }
    return rows;
}

} // namespace

TEST(response_malformed, every_row_is_a_bad_upstream) {
    const std::vector<std::string> rows = all_rows();
    EXPECT_EQ(std::set<std::string>(rows.begin(), rows.end()).size(), rows.size());
    EXPECT_GE(rows.size(), 100U);
    for (const std::string& raw : rows) {
        response_head head;
        const auto took = parse_response_head(raw, response_head_limits, head);
        ASSERT_FALSE(took) << testing::PrintToString(raw);
        EXPECT_EQ(took.error().code, errc::bad_upstream);
    }
}

TEST(response_malformed, no_beginning_of_a_row_is_a_whole_head_and_a_refusal_stays) {
    for (const std::string& raw : all_rows()) {
        bool refused = false;
        for (std::size_t size = 0; size <= raw.size(); ++size) {
            response_head head;
            const auto took =
                parse_response_head(std::string_view(raw).substr(0, size), response_head_limits, head);
            EXPECT_FALSE(took && *took > 0) << testing::PrintToString(raw);
            EXPECT_FALSE(refused && took) << testing::PrintToString(raw);
            refused = !took;
        }
    }
}

TEST(response_malformed, a_head_beyond_64_kib_or_200_fields_is_refused) {
    const std::string start = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";
    const auto accepts = [](const std::string& text) {
        response_head head;
        const auto took = parse_response_head(text, response_head_limits, head);
        return took && *took == text.size();
    };
    std::string fields_199;
    for (int i = 0; i < 199; ++i)
        fields_199 += "A: b\r\n";
    EXPECT_TRUE(accepts(start + fields_199 + "\r\n"));
    EXPECT_FALSE(accepts(start + fields_199 + "A: b\r\n\r\n"));
    const std::size_t rest = start.size() + 7; // "A: " and two line ends
    EXPECT_TRUE(accepts(start + "A: " + std::string(64 * 1024 - rest, 'b') + "\r\n\r\n"));
    EXPECT_FALSE(accepts(start + "A: " + std::string(64 * 1024 - rest + 1, 'b') + "\r\n\r\n"));
}

} // namespace sluice::http::response_malformed_test
