#include "core/http/framing.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sluice::http::framing_test {

namespace {

constexpr std::string_view whole_request = "POST /serving-endpoints/chat/invocations?a=1 HTTP/1.1\r\n"
                                           "Host: gateway.example:8080\r\n"
                                           "Authorization: Bearer dapi-0123\r\n"
                                           "Content-Type:application/json\r\n"
                                           "X-Empty:\r\n"
                                           "X-Blanks: \t a \t b \t \r\n"
                                           "Content-Length: 42\r\n"
                                           "\r\n";

std::string request_with(std::string_view fields) {
    return "POST / HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}

// The head of a request that must be good.
request_head parsed(std::string_view text) {
    request_head head;
    const auto took = parse_request_head(text, request_head_limits, head);
    EXPECT_TRUE(took) << took.error().message << " in " << text;
    EXPECT_EQ(took.value_or(0), text.size());
    return head;
}

bool accepts(std::string_view text) {
    request_head head;
    const auto took = parse_request_head(text, request_head_limits, head);
    if (!took) {
        EXPECT_EQ(took.error().code, errc::bad_request);
    }
    return took && *took == text.size();
}

} // namespace

TEST(framing, a_request_head_is_read_into_its_parts) {
    const request_head head = parsed(whole_request);
    EXPECT_EQ(head.verb, method::post);
    EXPECT_EQ(head.verb_text, "POST");
    EXPECT_EQ(head.target, "/serving-endpoints/chat/invocations?a=1");
    EXPECT_EQ(head.path, "/serving-endpoints/chat/invocations");
    EXPECT_EQ(head.query, "a=1");
    EXPECT_EQ(head.minor_version, 1);
    EXPECT_EQ(head.host, "gateway.example:8080");
    EXPECT_EQ(head.body, body_kind::length);
    EXPECT_EQ(head.content_length, 42U);
    EXPECT_TRUE(head.keep_alive);
    EXPECT_FALSE(head.expect_continue);
    ASSERT_EQ(head.fields.size(), 6U);
    EXPECT_EQ(head.fields[2].name, "Content-Type");
    EXPECT_EQ(head.fields[2].value, "application/json");
    EXPECT_EQ(head.fields[3].value, "");
    EXPECT_EQ(head.fields[4].value, "a \t b");
    EXPECT_EQ(find(head.fields, "x-empty"), "");
    EXPECT_EQ(find(head.fields, "x-none"), std::nullopt);
}

TEST(framing, a_head_in_pieces_asks_for_more_until_its_last_byte) {
    request_head head;
    for (std::size_t size = 0; size < whole_request.size(); ++size) {
        EXPECT_EQ(parse_request_head(whole_request.substr(0, size), request_head_limits, head).value_or(999),
                  0U)
            << size;
    }
    const std::string with_body = std::string(whole_request) + "{}";
    EXPECT_EQ(parse_request_head(with_body, request_head_limits, head).value_or(0), whole_request.size());
}

TEST(framing, a_head_is_reused_without_leaving_anything_behind) {
    request_head head;
    const std::string first = "POST /a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: "
                              "100-continue\r\nConnection: close\r\n\r\n";
    ASSERT_TRUE(parse_request_head(first, request_head_limits, head));
    ASSERT_TRUE(head.expect_continue);
    ASSERT_TRUE(
        parse_request_head("GET /c HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", request_head_limits, head));
    EXPECT_EQ(head.verb, method::get);
    EXPECT_EQ(head.query, "");
    EXPECT_EQ(head.host, "");
    EXPECT_EQ(head.fields.size(), 1U);
    EXPECT_EQ(head.body, body_kind::none);
    EXPECT_EQ(head.content_length, 0U);
    EXPECT_TRUE(head.keep_alive);
    EXPECT_FALSE(head.expect_continue);
}

TEST(framing, methods_are_told_apart_by_case) {
    EXPECT_EQ(parsed("GET / HTTP/1.1\r\nHost: h\r\n\r\n").verb, method::get);
    EXPECT_EQ(parsed("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n").verb, method::head);
    EXPECT_EQ(parsed("PUT / HTTP/1.1\r\nHost: h\r\n\r\n").verb, method::put);
    EXPECT_EQ(parsed("PATCH / HTTP/1.1\r\nHost: h\r\n\r\n").verb, method::patch);
    EXPECT_EQ(parsed("DELETE / HTTP/1.1\r\nHost: h\r\n\r\n").verb, method::delete_);
    EXPECT_EQ(parsed("OPTIONS / HTTP/1.1\r\nHost: h\r\n\r\n").verb, method::options);
    EXPECT_EQ(parsed("get / HTTP/1.1\r\nHost: h\r\n\r\n").verb, method::other);
    EXPECT_EQ(parsed("BREW / HTTP/1.1\r\nHost: h\r\n\r\n").verb_text, "BREW");
}

TEST(framing, the_end_of_a_body_is_found_by_one_rule) {
    EXPECT_EQ(parsed(request_with("")).body, body_kind::none);
    EXPECT_EQ(parsed(request_with("Content-Length: 0\r\n")).body, body_kind::length);
    EXPECT_EQ(parsed(request_with("content-length:  0018446744073709551615 \r\n")).content_length,
              18446744073709551615U);
    EXPECT_EQ(parsed(request_with("transfer-ENCODING:\tCHUNKED\t\r\n")).body, body_kind::chunked);
}

TEST(framing, keep_alive_is_what_version_and_connection_say) {
    const auto keeps = [](std::string_view version, std::string_view fields) {
        const std::string text =
            "GET / HTTP/" + std::string(version) + "\r\nHost: h\r\n" + std::string(fields) + "\r\n";
        return parsed(text).keep_alive;
    };
    EXPECT_TRUE(keeps("1.1", ""));
    EXPECT_FALSE(keeps("1.0", ""));
    EXPECT_FALSE(keeps("1.1", "Connection: Close\r\n"));
    EXPECT_FALSE(keeps("1.1", "Connection: a, close ,b\r\n"));
    EXPECT_FALSE(keeps("1.1", "Connection: keep-alive\r\nconnection: close\r\n"));
    EXPECT_TRUE(keeps("1.1", "Connection: closed\r\n"));
    EXPECT_TRUE(keeps("1.1", "Connection: ,,\r\n"));
    EXPECT_TRUE(keeps("1.0", "Connection: ,Keep-Alive\r\n"));
    EXPECT_FALSE(keeps("1.0", "Connection: keep-alive, close\r\n"));
}

TEST(framing, a_client_waits_for_100_only_when_a_body_follows_in_http_1_1) {
    EXPECT_TRUE(parsed(request_with("Content-Length: 1\r\nExpect: 100-Continue\r\n")).expect_continue);
    EXPECT_TRUE(
        parsed(request_with("Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n")).expect_continue);
    EXPECT_FALSE(parsed(request_with("Content-Length: 0\r\nExpect: 100-continue\r\n")).expect_continue);
    EXPECT_FALSE(parsed(request_with("Expect: 100-continue\r\n")).expect_continue);
    EXPECT_FALSE(
        parsed("POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n").expect_continue);
}

TEST(framing, up_to_two_empty_lines_before_a_request_are_skipped) {
    const std::string request = request_with("");
    EXPECT_TRUE(accepts("\r\n" + request));
    EXPECT_TRUE(accepts("\r\n\r\n" + request));
    EXPECT_FALSE(accepts("\r\n\r\n\r\n" + request));
    EXPECT_FALSE(accepts("\n" + request));
    request_head head;
    for (const std::string_view start : {"", "\r", "\r\n", "\r\n\r", "\r\n\r\n"}) {
        EXPECT_EQ(parse_request_head(start, request_head_limits, head).value_or(9), 0U);
    }
}

TEST(framing, hosts_that_name_one_origin_are_accepted) {
    for (const std::string_view host : {"a",
                                        "example.com",
                                        "example.com:80",
                                        "127.0.0.1:65535",
                                        "[::1]",
                                        "[::1]:8080",
                                        "[2001:DB8::1]:1",
                                        "my_host-1.x~"}) {
        EXPECT_TRUE(accepts("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n")) << host;
    }
}

TEST(framing, upgrade_and_unknown_fields_change_nothing) {
    const request_head head = parsed(request_with(
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nTE: trailers\r\nX_Y: \x80\xFF\r\n"));
    EXPECT_TRUE(head.keep_alive);
    EXPECT_EQ(head.body, body_kind::none);
}

TEST(framing, the_size_limits_of_a_head_hold_to_the_byte) {
    const std::string request = request_with("A: b\r\n");
    request_head head;
    EXPECT_TRUE(parse_request_head(request, {request.size(), 2, 1}, head));
    EXPECT_FALSE(parse_request_head(request, {request.size() - 1, 2, 1}, head));
    EXPECT_FALSE(parse_request_head(request.substr(0, request.size() - 1), {request.size() - 1, 2, 1}, head));
    EXPECT_EQ(parse_request_head(request.substr(0, request.size() - 2), {request.size() - 1, 2, 1}, head)
                  .value_or(9),
              0U);
    EXPECT_FALSE(parse_request_head(request, {request.size(), 1, 1}, head));
    EXPECT_FALSE(parse_request_head(request, {request.size(), 2, 0}, head));
}

TEST(framing, the_default_limits_are_32_kib_100_fields_and_8_kib_of_target) {
    std::string fields;
    for (int i = 1; i < 100; ++i)
        fields += "A: b\r\n";
    EXPECT_TRUE(accepts(request_with(fields)));
    EXPECT_FALSE(accepts(request_with(fields + "A: b\r\n")));
    const auto with_target = [](std::size_t size) {
        return "GET /" + std::string(size - 1, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n";
    };
    EXPECT_TRUE(accepts(with_target(8 * 1024)));
    EXPECT_FALSE(accepts(with_target(8 * 1024 + 1)));
    const std::size_t rest = request_with("A: \r\n").size();
    EXPECT_TRUE(accepts(request_with("A: " + std::string(32 * 1024 - rest, 'v') + "\r\n")));
    EXPECT_FALSE(accepts(request_with("A: " + std::string(32 * 1024 - rest + 1, 'v') + "\r\n")));
}

TEST(framing, a_response_head_is_read_into_its_parts) {
    response_head head;
    const std::string_view text =
        "HTTP/1.1 429 Too Many\tRequests \xFF\r\nRetry-After: 3\r\ntransfer-encoding: Chunked\r\n\r\n";
    EXPECT_EQ(parse_response_head(text, response_head_limits, head).value_or(0), text.size());
    EXPECT_EQ(head.status, 429);
    EXPECT_EQ(head.minor_version, 1);
    EXPECT_EQ(head.body, body_kind::chunked);
    EXPECT_TRUE(head.keep_alive);
    EXPECT_EQ(find(head.fields, "retry-after"), "3");
    for (std::size_t size = 0; size < text.size(); ++size) {
        EXPECT_EQ(parse_response_head(text.substr(0, size), response_head_limits, head).value_or(999), 0U)
            << size;
    }
}

TEST(framing, the_reason_of_a_response_may_be_missing) {
    response_head head;
    EXPECT_TRUE(parse_response_head("HTTP/1.1 200\r\nContent-Length: 1\r\n\r\n", response_head_limits, head));
    EXPECT_TRUE(
        parse_response_head("HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\n", response_head_limits, head));
    EXPECT_EQ(head.content_length, 1U);
}

TEST(framing, a_response_ends_by_length_chunks_or_close) {
    const auto read = [](std::string_view text) {
        response_head head;
        EXPECT_EQ(parse_response_head(text, response_head_limits, head).value_or(0), text.size()) << text;
        return head;
    };
    EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n").body, body_kind::length);
    EXPECT_EQ(read("HTTP/1.1 200 OK\r\n\r\n").body, body_kind::until_close);
    EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n").keep_alive);
    EXPECT_FALSE(read("HTTP/1.0 200 OK\r\nContent-Length: 7\r\n\r\n").keep_alive);
    EXPECT_TRUE(read("HTTP/1.0 200 OK\r\nContent-Length: 7\r\nConnection: keep-alive\r\n\r\n").keep_alive);
    EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\n").keep_alive);
    EXPECT_EQ(read("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n").body, body_kind::none);
    EXPECT_EQ(read("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n").body, body_kind::none);
    EXPECT_EQ(read("HTTP/1.1 100 Continue\r\n\r\n").body, body_kind::none);
    EXPECT_EQ(read("HTTP/1.1 101 Switching Protocols\r\n\r\n").status, 101);
}

TEST(framing, outgoing_fields_cannot_break_a_head) {
    std::string head;
    EXPECT_TRUE(append_field(head, "X-Request-Id", "a b\t\xC3\xA4"));
    EXPECT_TRUE(append_field(head, "Empty", ""));
    EXPECT_EQ(head, "X-Request-Id: a b\t\xC3\xA4\r\nEmpty: \r\n");
    for (const std::string_view name : {"", "a b", "a:", "a\r", "\xC3\xA4", "a\n"}) {
        EXPECT_FALSE(append_field(head, name, "v")) << name;
    }
    for (const char bad : {'\r', '\n', '\0', '\x01', '\x1F', '\x7F'}) {
        for (std::size_t before = 0; before < 20; ++before) {
            EXPECT_FALSE(append_field(head, "A", std::string(before, 'v') + bad + "v")) << int{bad};
        }
    }
    EXPECT_EQ(head, "X-Request-Id: a b\t\xC3\xA4\r\nEmpty: \r\n");
}

TEST(framing, every_byte_is_sorted_into_names_and_values_as_rfc_9110_says) {
    const std::string_view others = "!#$%&'*+-.^_`|~";
    for (int c = 0; c < 256; ++c) {
        const bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        const std::string text(1, static_cast<char>(c));
        EXPECT_EQ(is_token(text),
                  alnum || (c != 0 && c < 128 && others.find(static_cast<char>(c)) != others.npos))
            << c;
        for (std::size_t before : {0U, 3U, 7U, 8U, 12U}) {
            const std::string value = std::string(before, 'a') + text + std::string(9, 'b');
            EXPECT_EQ(is_field_value(value), c == '\t' || (c >= 0x20 && c != 0x7F))
                << c << " behind " << before;
        }
    }
}

TEST(framing, percent_escapes_are_decoded_once_and_never_to_nul) {
    EXPECT_EQ(percent_decode("a%41%2f%C3%a4+%2541"), "aA/\xC3\xA4+%41");
    EXPECT_EQ(percent_decode(""), "");
    for (const std::string_view bad : {"%", "a%4", "%G1", "%1g", "%00", "%%41"}) {
        EXPECT_EQ(percent_decode(bad), std::nullopt) << bad;
    }
}

TEST(framing, decimal_numbers_have_digits_only_and_fit_64_bits) {
    EXPECT_EQ(parse_decimal("0"), 0U);
    EXPECT_EQ(parse_decimal("007"), 7U);
    EXPECT_EQ(parse_decimal("18446744073709551615"), 18446744073709551615U);
    for (const std::string_view bad :
         {"", "18446744073709551616", "99999999999999999999", "+1", "-1", " 1", "1 ", "1,1", "0x1", "1e3"}) {
        EXPECT_EQ(parse_decimal(bad), std::nullopt) << bad;
    }
}

} // namespace sluice::http::framing_test
