// Requests that two parsers could read differently, or that are no HTTP/1.1 at all: every row is a shape of
// its own, seen in request smuggling reports or taken from the MUSTs of RFC 9110 and 9112. All are refused,
// whole and however they are cut.
#include "core/http/framing.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::http::framing_malformed_test {

namespace {

using namespace std::string_view_literals;

enum class verdict { refused, waiting, complete };

// Reads head and body as the server does.
verdict judge(std::string_view raw) {
    request_head head;
    const auto took = parse_request_head(raw, request_head_limits, head);
    if (!took) return verdict::refused;
    if (*took == 0) return verdict::waiting;
    std::string_view rest = raw.substr(*took);
    if (head.body == body_kind::length)
        return rest.size() < head.content_length ? verdict::waiting : verdict::complete;
    if (head.body == body_kind::none) return verdict::complete;
    chunk_decoder body;
    for (;;) {
        const auto step = body.feed(rest);
        if (!step) return verdict::refused;
        if (step->finished) return verdict::complete;
        if (step->consumed == 0) return verdict::waiting;
        rest.remove_prefix(step->consumed);
    }
}

// clang-format off: a row per line would hide the table
constexpr std::string_view request_lines[] = {
    ""sv, " "sv, "GET"sv, "GET "sv, "GET /"sv, "GET / "sv, "GET /  HTTP/1.1"sv, "GET  / HTTP/1.1"sv,
    " GET / HTTP/1.1"sv, "\tGET / HTTP/1.1"sv, "GET\t/ HTTP/1.1"sv, "GET /\tHTTP/1.1"sv,
    "GET / HTTP/1.1 "sv, "GET / HTTP/1.1\t"sv, "GET / HTTP/1.1 x"sv, "GET / HTTP/1.1\r"sv,
    "GET / HTTP/1.1\0"sv, "GET /\rHTTP/1.1"sv, "GET /\vHTTP/1.1"sv, "GET\v/ HTTP/1.1"sv,
    // versions
    "GET / HTTP/0.9"sv, "GET / HTTP/1.2"sv, "GET / HTTP/1.9"sv, "GET / HTTP/2.0"sv, "GET / HTTP/2"sv,
    "GET / HTTP/3"sv, "GET / HTTP/9.9"sv, "GET / HTTP/1"sv, "GET / HTTP/1."sv, "GET / HTTP/.1"sv,
    "GET / HTTP/1.11"sv, "GET / HTTP/1.01"sv, "GET / HTTP/01.1"sv, "GET / HTTP/1,1"sv, "GET / HTTP/ 1.1"sv,
    "GET / HTTP /1.1"sv, "GET / HTTP/1 .1"sv, "GET / HTTP/-1.1"sv, "GET / HTTP/+1.1"sv, "GET / http/1.1"sv,
    "GET / Http/1.1"sv, "GET / HTTPS/1.1"sv, "GET / HTP/1.1"sv, "GET / HTTP\\1.1"sv, "GET / ICY"sv,
    "GET / RTSP/1.0"sv, "GET / \xC2\xA0HTTP/1.1"sv, "PRI * HTTP/2.0"sv,
    // methods
    "G@T / HTTP/1.1"sv, "GET: / HTTP/1.1"sv, "GE,T / HTTP/1.1"sv, "(GET) / HTTP/1.1"sv,
    "\"GET\" / HTTP/1.1"sv, "G\0T / HTTP/1.1"sv, "G\x7FT / HTTP/1.1"sv, "G\xC3\x8BT / HTTP/1.1"sv,
    "GET/ HTTP/1.1"sv, "[GET] / HTTP/1.1"sv, "/ HTTP/1.1"sv, "\x16\x03\x01 / HTTP/1.1"sv,
    // targets
    "GET x HTTP/1.1"sv, "GET * HTTP/1.1"sv, "OPTIONS * HTTP/1.1"sv, "GET ?a=1 HTTP/1.1"sv,
    "GET http://h/ HTTP/1.1"sv, "GET https://h HTTP/1.1"sv, "CONNECT h:443 HTTP/1.1"sv,
    "GET h:80/ HTTP/1.1"sv, "GET ../ HTTP/1.1"sv, "GET \\ HTTP/1.1"sv, "GET /a b HTTP/1.1"sv,
    "GET /#f HTTP/1.1"sv, "GET /a\\b HTTP/1.1"sv, "GET /<a> HTTP/1.1"sv, "GET /\"a\" HTTP/1.1"sv,
    "GET /\0 HTTP/1.1"sv, "GET /\x01 HTTP/1.1"sv, "GET /\x1F HTTP/1.1"sv, "GET /\x7F HTTP/1.1"sv,
    "GET /\xC3\xA4 HTTP/1.1"sv, "GET /\xFF HTTP/1.1"sv, "GET /\x80 HTTP/1.1"sv, "GET %2F HTTP/1.1"sv,
};

constexpr std::string_view hosts[] = {
    "a, b"sv, "a,b"sv, "a b"sv, "a\tb"sv, "user@a"sv, "user:pass@a"sv, "@a"sv, "a@"sv, "http://a"sv,
    "//a"sv, "a/"sv, "a/b"sv, "a?b"sv, "a#b"sv, "a\\b"sv, "a:"sv, ":80"sv, ":"sv, "a:0"sv, "a:65536"sv,
    "a:-1"sv, "a:+80"sv, "a:8 0"sv, "a:80a"sv, "a:http"sv, "a:80:80"sv, "a:080000"sv,
    "a:99999999999999999999"sv, "a: 80"sv, "a :80"sv, "::1"sv, "[::1"sv, "::1]"sv, "[]"sv, "[::1]x"sv,
    "[::1]80"sv, "[::g]"sv, "[1.2.3.4]"sv, "[::1%25eth0]"sv, "[v1.x]"sv, "[::1]:"sv, "[::1]:x"sv, "a]"sv,
    "a[0]"sv, "a%2eb"sv, "a%00"sv, "a;b"sv, "a=b"sv, "a&b"sv, "'a'"sv, "\"a\""sv, "<a>"sv, "a|b"sv, "{a}"sv,
    "a*"sv, "a\0"sv, "a\x7F"sv, "b\xC3\xBC" "cher"sv, "\xFF"sv, ""sv, " "sv,
};

constexpr std::string_view field_lines[] = {
    "Host: h"sv, "host: h"sv, "Host: other"sv, "HOST:"sv, // a second Host
    " X: y"sv, "\tX: y"sv, "X: y\r\n folded"sv, "X: y\r\n\tfolded"sv, "X: y\r\n "sv, // folded lines
    "X : y"sv, "X\t: y"sv, ": y"sv, "X"sv, "X y"sv, "X\r\n: y"sv, "X;: y"sv, "X\0: y"sv, // names
    "X\x7F: y"sv, "X\xC3\xA4: y"sv, "(X): y"sv, "X/Y: z"sv, "\"X\": y"sv, "X@: y"sv, "X[]: y"sv, "{X}: y"sv,
    "X=: y"sv, "X,Y: z"sv, "X\\: y"sv, "X\v: y"sv, "X\r: y"sv, "\xEF\xBB\xBFX: y"sv, "=: y"sv, "X: \0"sv,
    "X: a\0b"sv, "X: \x01"sv, "X: \b"sv, "X: \v"sv, "X: \f"sv, "X: \x1B[0m"sv, "X: \x1F"sv, "X: \x7F"sv, // values
    "X: a\rb"sv, "X: a\r"sv, "X: \ra"sv, "X: a\nb"sv, "X: a\nHost: b"sv, "X: a\n\r\nGET / HTTP/1.1"sv,
    "X: a\r\r\n"sv, "\r: a"sv, "X:\n"sv, "Expect: 200-ok"sv, "Expect: 100-continue, x"sv,
    "Expect: 100-continue;q=1"sv, "Expect: x=100-continue"sv, "Expect:"sv,
    "Expect: 100-continue\r\nExpect: 100-continue"sv, "Connection: a b"sv, "Connection: close;x"sv,
    "Connection: (close)"sv, "Connection: \"close\""sv, "Connection: a, b c"sv,
};

constexpr std::string_view lengths[] = {
    ""sv, "-0"sv, "-1"sv, "+5"sv, "+0"sv, "5 5"sv, "5,5"sv, "5, 5"sv, "5,"sv, ",5"sv, "5;"sv, "5;q=1"sv,
    "5.0"sv, "5."sv, "5e0"sv, "0x5"sv, "5h"sv, "\"5\""sv, "'5'"sv, "five"sv, "NaN"sv, "1_0"sv, "5\v"sv,
    "5\0"sv, "5\x7F"sv, "\xC2\xB2"sv, "\xD9\xA5"sv, "18446744073709551616"sv, "18446744073709551621"sv,
    "99999999999999999999"sv, "340282366920938463463374607431768211456"sv, "5\r\nContent-Length: 5"sv,
    "5\r\nContent-Length: 6"sv, "0\r\nContent-Length: 5"sv, "5\r\ncontent-length: 5"sv,
    "5\r\nContent-Length:"sv, "5\r\n 0"sv, "5\r\nTransfer-Encoding: chunked"sv,
    "0\r\nTransfer-Encoding: chunked"sv, "5\r\nTransfer-Encoding: identity"sv,
};

constexpr std::string_view codings[] = {
    ""sv, " "sv, "identity"sv, "gzip"sv, "deflate"sv, "compress"sv, "x-gzip"sv, "br"sv, "zstd"sv, "cow"sv,
    "xchunked"sv, "chunkedx"sv, "chunke"sv, "chunk"sv, "\"chunked\""sv, "'chunked'"sv, "chunked,"sv,
    ",chunked"sv, ", chunked"sv, "chunked, chunked"sv, "chunked,chunked"sv, "gzip, chunked"sv,
    "chunked, gzip"sv, "identity, chunked"sv, "chunked, identity"sv, "x, chunked"sv, "chunked, x"sv,
    "chunked;q=1"sv, "chunked; a=b"sv, "chunked;"sv, ";chunked"sv, "chunked chunked"sv, "x chunked"sv,
    "chunked x"sv, "c hunked"sv, "chunked\0"sv, "\0chunked"sv, "chunked\v"sv, "\vchunked"sv, "\fchunked"sv,
    "\x7F" "chunked"sv, "\rchunked"sv, "chunked\r"sv, "\nchunked"sv, "\r\n chunked"sv, "chunked\r\n x"sv,
    "\xC2\xA0" "chunked"sv, "chun\xC5\xB7" "ked"sv, "(chunked)"sv, "chunked=1"sv, "trailers"sv, "0"sv,
    "chunked\r\nTransfer-Encoding: chunked"sv, "chunked\r\nTransfer-Encoding: identity"sv,
    "identity\r\nTransfer-Encoding: chunked"sv, "chunked\r\nTransfer-Encoding:"sv,
    "\r\nTransfer-Encoding: chunked"sv, "chunked\r\ntransfer-encoding: cow"sv,
    "chunked\r\nContent-Length: 5"sv, "chunked\r\nContent-Length: 0"sv, "chunked\r\nContent-Length: x"sv,
    "chunked\r\nContent-Length:"sv,
};

constexpr std::string_view chunked_bodies[] = {
    "\r\n"sv, "\n"sv, "x\r\n"sv, "g\r\n"sv, "-1\r\n"sv, "+1\r\n"sv, "0x1\r\n"sv, "0X1\r\n"sv, "1h\r\n"sv,
    "1 \r\n"sv, " 1\r\n"sv, "\t1\r\n"sv, "1\t\r\n"sv, "1\n"sv, "1\r" "a"sv, "1\n\r"sv, "1\v\r\n"sv,
    "1\0\r\n"sv, "\0" "1\r\n"sv, "1,1\r\n"sv, "1.0\r\n"sv, "1_0\r\n"sv, "\"1\"\r\n"sv, "\xD9\xA1\r\n"sv,
    "00000000000000001\r\n"sv, "10000000000000000\r\n"sv, "fffffffffffffffff\r\n"sv,
    "100000000000000005\r\nhello\r\n0\r\n\r\n"sv, "1\r\nab\r\n"sv, "1\r\nab"sv, "1\r\na\n0\r\n\r\n"sv,
    "1\r\na\r0\r\n"sv, "1\r\na0\r\n\r\n"sv, "1\r\na\r\r\n"sv, "1\r\na \r\n"sv, "2\r\na\r\n0\r\n\r\n"sv,
    "1;\r\na\r\n"sv, "1; a\r\na\r\n"sv, "1 ;a\r\na\r\n"sv, "1;a \r\na\r\n"sv, "1;a =b\r\n"sv,
    "1;a= b\r\n"sv, "1;a=\r\na\r\n"sv, "1;=b\r\na\r\n"sv, "1;a;\r\na\r\n"sv, "1;;a\r\na\r\n"sv, "1;a\n"sv,
    "1;a\rx"sv, "1;a\0\r\n"sv, "1;\0\r\n"sv, "1;a=\0\r\n"sv, "1;a=\"\0\"\r\n"sv, "1;a=\"b\r\na\r\n"sv,
    "1;a=\"b\"c\r\n"sv, "1;a=\"\\\r\n"sv, "1;a=\"\\\0\"\r\n"sv, "1;a=\"b\nc\"\r\n"sv, "1;a\x7F\r\n"sv,
    "1;a=\x1B\r\n"sv, "1;\xC3\xA4\r\n"sv, "1;a=b c\r\n"sv, "1;a=b=c\r\na\r\n"sv, "0;\r\n\r\n"sv,
    "0\r\n\n"sv, "0\n\r\n"sv, "0\r\n\rx"sv, "0\r\n \r\n"sv, "0\r\nX\r\n\r\n"sv, "0\r\nX : y\r\n\r\n"sv,
    "0\r\n: y\r\n\r\n"sv, "0\r\n X: y\r\n\r\n"sv, "0\r\nX: y\r\n z\r\n\r\n"sv, "0\r\nX: y\n\r\n"sv,
    "0\r\nX: y\rz"sv, "0\r\nX: \0\r\n\r\n"sv, "0\r\nX: \x7F\r\n\r\n"sv, "0\r\nX\0: y\r\n\r\n"sv,
    "0\r\nX\xC3\xA4: y\r\n\r\n"sv, "0\r\nGET / HTTP/1.1\r\n\r\n"sv, "-0\r\n\r\n"sv, "0x0\r\n\r\n"sv,
    "0,0\r\n\r\n"sv, "00000000000000000\r\n\r\n"sv,
};
// clang-format on

std::vector<std::string> whole_heads() {
    const std::string get = "GET / HTTP/1.1\r\nHost: h\r\n";
    return {
        "GET / HTTP/1.1\r\n\r\n",                       // no Host
        "GET / HTTP/1.1\r\nX-Host: h\r\n\r\n",          // nor this
        "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", // 1.0 may lack it, but not have two
        "GET / HTTP/1.0\r\nHost:\r\n\r\n",
        "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
        "GET / HTTP/1.1\nHost: h\r\n\r\n", // bare LF, line by line
        "GET / HTTP/1.1\r\nHost: h\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n\n",
        "GET / HTTP/1.1\nHost: h\n\n",
        "GET / HTTP/1.1\r\rHost: h\r\r\r\r",
        get + "\rX: y\r\n\r\n",
        "\n" + get + "\r\n",
        "\r\n\n" + get + "\r\n",
        "\r\r\n" + get + "\r\n",
        "\r\n\r\n\r\n" + get + "\r\n",
        " \r\n" + get + "\r\n",
        std::string("\0", 1) + get + "\r\n",
        "\xEF\xBB\xBF" + get + "\r\n",
        "GET /\r\n", // HTTP/0.9
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\x16\x03\x01\x02" + std::string("\0\x01\0\x01", 4), // TLS ClientHello
        "\x80\x2E\x01" + std::string("\0\x02\0\x15", 4),     // SSLv2
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HELO example.com\r\n\r\n",
        "{\"model\":\"x\"}\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + get + "\r\n",
        "GET /" + std::string(8 * 1024, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", // limits
        std::string(33 * 1024, 'A') + " / HTTP/1.1\r\nHost: h\r\n\r\n",
        get + std::string(33 * 1024, 'a') + ": b\r\n\r\n",
        get + "A: " + std::string(33 * 1024, 'b') + "\r\n\r\n",
        get + "Host: " + std::string(300, 'a') + "\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: " + std::string(256, 'a') + "\r\n\r\n",
    };
}

struct row {
    std::string group;
    std::string raw;
};

std::vector<row> all_rows() {
    std::vector<row> rows;
    const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
    const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
    for (const auto part : request_lines)
        rows.push_back({"request line", std::string(part) + "\r\nHost: h\r\n\r\n"});
    for (const auto part : hosts)
        rows.push_back({"host", "GET / HTTP/1.1\r\nHost: " + std::string(part) + "\r\n\r\n"});
    for (const auto part : field_lines)
        rows.push_back({"field", post + std::string(part) + "\r\n\r\n"});
    for (const auto part : lengths) {
        rows.push_back({"length", post + "Content-Length: " + std::string(part) + "\r\n\r\nhello"});
    }
    for (const auto part : codings) {
        rows.push_back({"coding", post + "Transfer-Encoding: " + std::string(part) + "\r\n\r\n0\r\n\r\n"});
    }
    for (const auto part : chunked_bodies)
        rows.push_back({"chunks", chunked + std::string(part)});
    for (auto& raw : whole_heads())
        rows.push_back({"whole", std::move(raw)});
    return rows;
}

} // namespace

TEST(framing_malformed, the_table_has_more_than_200_different_rows) {
    std::set<std::string> different;
    for (const row& each : all_rows()) {
        EXPECT_TRUE(different.insert(each.raw).second)
            << each.group << ": " << testing::PrintToString(each.raw);
    }
    EXPECT_GE(different.size(), 200U);
}

TEST(framing_malformed, the_frame_around_the_rows_is_good) {
    const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
    EXPECT_EQ(judge("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), verdict::complete);
    EXPECT_EQ(judge(post + "X: y\r\n\r\n"), verdict::complete);
    EXPECT_EQ(judge(post + "Expect: 100-continue\r\n\r\n"), verdict::complete);
    EXPECT_EQ(judge(post + "Content-Length: 5\r\n\r\nhello"), verdict::complete);
    EXPECT_EQ(judge(post + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), verdict::complete);
    EXPECT_EQ(judge(post + "Transfer-Encoding: chunked\r\n\r\n1;a=\"b\\\"c\"\r\na\r\n00;d\r\nX: y\r\n\r\n"),
              verdict::complete);
}

TEST(framing_malformed, every_row_is_refused) {
    for (const row& each : all_rows()) {
        EXPECT_EQ(judge(each.raw), verdict::refused)
            << each.group << ": " << testing::PrintToString(each.raw.substr(0, 200));
    }
}

TEST(framing_malformed, no_beginning_of_a_row_is_a_whole_request_and_a_refusal_stays) {
    for (const row& each : all_rows()) {
        if (each.raw.size() > 4096) continue; // the limits have tests of their own
        bool refused = false;
        for (std::size_t size = 0; size <= each.raw.size(); ++size) {
            const verdict now = judge(std::string_view(each.raw).substr(0, size));
            EXPECT_NE(now, verdict::complete) << each.group << ": " << testing::PrintToString(each.raw);
            EXPECT_FALSE(refused && now != verdict::refused)
                << each.group << ": " << testing::PrintToString(each.raw);
            refused = now == verdict::refused;
        }
    }
}

TEST(framing_malformed, every_control_character_is_refused_at_every_place_of_a_head) {
    const std::string good = "GET /a?b HTTP/1.1\r\nHost: h\r\nX: some value\r\n\r\n";
    for (int c = 0; c < 256; ++c) {
        if (c == '\t' || (c >= 0x20 && c != 0x7F)) continue;
        for (std::size_t at = 0; at < good.size(); ++at) {
            std::string broken = good;
            if (broken[at] == static_cast<char>(c)) continue;
            broken[at] = static_cast<char>(c);
            EXPECT_NE(judge(broken), verdict::complete) << c << " at " << at;
            broken = good;
            broken.insert(at, 1, static_cast<char>(c));
            // A CR in front of a head starts an empty line; what follows it here is not LF.
            EXPECT_NE(judge(broken), verdict::complete) << c << " before " << at;
        }
    }
}

} // namespace sluice::http::framing_malformed_test
