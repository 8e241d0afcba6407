// The client's side of HTTP/1.1: what is served, what is refused, and that nothing refused reaches a
// provider.
#include "tests/integration/framing.hpp"
#include "tests/support/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace sluice::support::framing_test {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using namespace std::string_literals;

TEST_F(framing, pipelined_requests_are_answered_in_order) {
    provider_.clear();
    provider_.when("slow").pause(milliseconds(50)).answer_json(chat_answer("first"));
    provider_.when("stream").stream(chat_stream({"third"}));
    raw_client client = proxy_.connect();
    client.send(chat_request("chat", "slow") + request("GET", "/healthz") +
                chat_request("chat", "stream", true) + request("GET", "/no/such"));
    EXPECT_EQ(client.read_answer().body, chat_answer("first"));
    EXPECT_THAT(client.read_answer().body, HasSubstr("ok"));
    EXPECT_THAT(client.read_answer().body, HasSubstr("third"));
    EXPECT_EQ(client.read_answer().status, 404);
}

TEST_F(framing, many_pipelined_requests_are_all_answered) {
    raw_client client = proxy_.connect();
    std::string all;
    for (int i = 0; i < 50; ++i)
        all += chat_request("chat", "number " + std::to_string(i));
    client.send(all);
    for (int i = 0; i < 50; ++i)
        ASSERT_EQ(client.read_answer().status, 200) << i;
    const auto sent = provider_.requests();
    ASSERT_EQ(sent.size(), 50U);
    for (std::size_t i = 0; i < sent.size(); ++i)
        EXPECT_THAT(sent[i].body, HasSubstr("number " + std::to_string(i) + "\""));
}

TEST_F(framing, an_expected_continue_is_sent_before_the_body) {
    raw_client client = proxy_.connect();
    const std::string body = chat_body("x");
    client.send(head_of("Expect: 100-continue\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"));
    EXPECT_EQ(client.read_answer().status, 100);
    client.send(body);
    EXPECT_EQ(client.read_answer().status, 200);
}

TEST_F(framing, a_body_that_will_not_be_taken_gets_no_continue) {
    raw_client client = proxy_.connect();
    client.send(head_of("Expect: 100-continue\r\nContent-Length: 99999999\r\n"));
    EXPECT_EQ(client.read_answer().status, 400);
    EXPECT_TRUE(client.is_closed());
}

TEST_F(framing, a_chunked_body_reaches_the_provider_as_one) {
    const std::string body = chat_body(std::string(100'000, 'x'));
    std::string chunks;
    for (std::size_t at = 0; at < body.size(); at += 7'777)
        chunks += chunk(body.substr(at, 7'777));
    raw_client client = proxy_.connect();
    client.send(head_of("Transfer-Encoding: chunked\r\n") + chunks + "0\r\nX-Trailer: 1\r\n\r\n" +
                request("GET", "/healthz"));
    EXPECT_EQ(client.read_answer().status, 200);
    EXPECT_EQ(client.read_answer().status, 200);
    const auto sent = provider_.requests();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].body, R"({"model":"gpt-4",)" + body.substr(1));
    EXPECT_EQ(find_field(sent[0].head, "transfer-encoding"), std::nullopt);
}

TEST_F(framing, a_request_may_arrive_byte_by_byte) {
    raw_client client = proxy_.connect();
    const std::string sized = chat_request("chat", "sized");
    const std::string chunked = head_of("Transfer-Encoding: chunked\r\n") +
                                chunk(chat_body("chu").substr(0, 9)) + chunk(chat_body("chu").substr(9)) +
                                "0\r\n\r\n";
    for (const std::string& text : {sized, chunked}) {
        for (const char c : text)
            client.send(std::string_view(&c, 1));
        EXPECT_EQ(client.read_answer().status, 200);
    }
}

TEST_F(framing, a_request_may_be_split_anywhere) {
    const std::string text =
        head_of("Transfer-Encoding: chunked\r\n") + chunk(chat_body("split")) + "0\r\n\r\n";
    raw_client client = proxy_.connect();
    for (std::size_t at = 1; at < text.size(); ++at) {
        // The rest of one request and the beginning of the next one come together.
        client.send(at == 1 ? text.substr(0, at) : text.substr(at - 1) + text.substr(0, at));
        if (at > 1) {
            const answer got = client.read_answer();
            ASSERT_EQ(got.status, 200) << at << got.body;
        }
    }
    client.send(text.substr(text.size() - 1));
    EXPECT_EQ(client.read_answer().status, 200);
}

TEST_F(framing, a_body_of_the_limit_is_served) {
    const std::string frame = chat_body("");
    const std::string body = chat_body(std::string(body_limit - frame.size(), 'x'));
    ASSERT_EQ(body.size(), body_limit);
    raw_client client = proxy_.connect();
    client.send(request("POST", "/serving-endpoints/chat/invocations", body));
    EXPECT_EQ(client.read_answer().status, 200);
    client.send(head_of("Transfer-Encoding: chunked\r\n") + chunk(body) + "0\r\n\r\n");
    EXPECT_EQ(client.read_answer().status, 200);
    EXPECT_EQ(provider_.requests().back().body.size(),
              body_limit + std::string_view(R"("model":"gpt-4",)").size());
}

TEST_F(framing, a_body_that_declares_too_much_is_refused_before_it_is_read) {
    const std::string length = "Content-Length: " + std::to_string(body_limit + 1) + "\r\n";
    raw_client invocations = proxy_.connect();
    invocations.send(head_of(length));
    const answer first = invocations.read_answer();
    EXPECT_EQ(first.status, 400);
    EXPECT_THAT(first.body, HasSubstr("BAD_REQUEST"));
    EXPECT_EQ(first.field("connection"), "close");
    EXPECT_TRUE(invocations.is_closed());

    raw_client openai = proxy_.connect();
    openai.send("POST /serving-endpoints/chat/completions HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer " +
                std::string(admin_token) + "\r\n" + length + "\r\n");
    EXPECT_EQ(openai.read_answer().status, 413);
    EXPECT_TRUE(openai.is_closed());

    raw_client management = proxy_.connect();
    management.send("POST /api/2.0/serving-endpoints HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer " +
                    std::string(admin_token) + "\r\n" + length + "\r\n");
    EXPECT_EQ(management.read_answer().status, 400);
    EXPECT_TRUE(management.is_closed());
    EXPECT_EQ(provider_.request_count(), 0U);
}

TEST_F(framing, a_chunked_body_that_grows_too_large_is_refused) {
    raw_client client = proxy_.connect();
    client.send(head_of("Transfer-Encoding: chunked\r\n"));
    const std::string piece = chunk(std::string(8192, ' '));
    for (std::size_t sent = 0; sent <= body_limit; sent += 8192)
        client.send(piece);
    EXPECT_EQ(client.read_answer().status, 400);
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(provider_.request_count(), 0U);
}

TEST_F(framing, ambiguous_requests_are_refused_once_and_for_all) {
    const std::string ghost = chat_request("chat", "ghost");
    const std::string auth = "Host: g\r\nAuthorization: Bearer " + std::string(admin_token) + "\r\n";
    const std::string post = "POST /serving-endpoints/chat/invocations HTTP/1.1\r\n";
    const std::vector<std::string> heads = {
        post + auth + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        post + auth + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        post + auth + "Content-Length: 5\r\nContent-Length: 6\r\n",
        post + auth + "Content-Length: 5, 6\r\n",
        post + auth + "Content-Length: +5\r\n",
        post + auth + "Content-Length: -5\r\n",
        post + auth + "Content-Length: 0x5\r\n",
        post + auth + "Content-Length: 5 5\r\n",
        post + auth + "Content-Length: \r\n",
        post + auth + "Content-Length: 18446744073709551621\r\n",
        post + auth + "Content-Length : 5\r\n",
        post + auth + "Transfer-Encoding: xchunked\r\n",
        post + auth + "Transfer-Encoding: chunked, identity\r\n",
        post + auth + "Transfer-Encoding: gzip, chunked\r\n",
        post + auth + "Transfer-Encoding: chunked, chunked\r\n",
        post + auth + "Transfer-Encoding: identity\r\n",
        post + auth + "Transfer-Encoding: \"chunked\"\r\n",
        post + auth + "Transfer-Encoding: chunked;q=1\r\n",
        post + auth +
            "Transfer-Encoding:\x0b"
            "chunked\r\n",
        post + auth + "Transfer-Encoding: \r\n",
        post + auth + "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n",
        post + auth + "X: a\r\n Transfer-Encoding: chunked\r\n",
        post + auth + "X: a\rTransfer-Encoding: chunked\r\n",
        post + auth + "X: a\nTransfer-Encoding: chunked\r\n",
        post + auth + "Host: other\r\n",
        "POST /serving-endpoints/chat/invocations HTTP/1.0\r\n" + auth + "Transfer-Encoding: chunked\r\n",
        "POST /serving-endpoints/chat/invocations HTTP/1.1\r\nAuthorization: Bearer x\r\n",
        "POST /serving-endpoints/chat/invocations HTTP/2.0\r\n" + auth,
        "POST /serving-endpoints/chat/invocations HTTP/1.1 \r\n" + auth,
        "POST  /serving-endpoints/chat/invocations HTTP/1.1\r\n" + auth,
        "POST http://g/serving-endpoints/chat/invocations HTTP/1.1\r\n" + auth,
        "POST serving-endpoints/chat/invocations HTTP/1.1\r\n" + auth,
    };
    for (const std::string& head : heads) {
        raw_client client = proxy_.connect();
        client.send(joined({head, "\r\n0\r\n\r\n", ghost}));
        const std::string all = client.read_to_end();
        EXPECT_THAT(all, testing::StartsWith("HTTP/1.1 400 ")) << head;
        EXPECT_EQ(count(all, "x-request-id: "), 1U) << head;
        EXPECT_EQ(count(all, "connection: close"), 1U) << head;
    }
    EXPECT_EQ(provider_.request_count(), 0U);
    expect_healthy();
}

TEST_F(framing, malformed_chunks_are_refused) {
    const std::vector<std::string> bodies = {
        "5\nhello\r\n0\r\n\r\n",
        "5\r\nhello!0\r\n\r\n",
        "-5\r\nhello\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        " 5\r\nhello\r\n0\r\n\r\n",
        "5 \r\nhello\r\n0\r\n\r\n",
        "\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nhello\r\n",
        "5;a\nb\r\nhello\r\n0\r\n\r\n",
        "5;\0\r\nhello\r\n0\r\n\r\n"s,
    };
    for (const std::string& body : bodies) {
        raw_client client = proxy_.connect();
        client.send(head_of("Transfer-Encoding: chunked\r\n") + body + chat_request("chat", "ghost"));
        const std::string all = client.read_to_end();
        EXPECT_THAT(all, testing::StartsWith("HTTP/1.1 400 ")) << body;
        EXPECT_EQ(count(all, "x-request-id: "), 1U) << body;
    }
    EXPECT_EQ(provider_.request_count(), 0U);
}

TEST_F(framing, a_head_answer_has_no_body) {
    raw_client client = proxy_.connect();
    client.send(request("HEAD", "/no/such/thing") + request("GET", "/healthz"));
    const answer first = client.read_answer(true);
    EXPECT_EQ(first.status, 404);
    EXPECT_FALSE(first.field("content-length").empty());
    EXPECT_EQ(client.read_answer().status, 200);
}

TEST_F(framing, http_1_0_closes_unless_asked_to_stay) {
    const auto old = [](std::string_view more) {
        return "GET /healthz HTTP/1.0\r\n" + std::string(more) + "\r\n";
    };
    raw_client closing = proxy_.connect();
    closing.send(old(""));
    EXPECT_EQ(closing.read_answer().status, 200);
    EXPECT_TRUE(closing.is_closed());
    raw_client staying = proxy_.connect();
    staying.send(old("Connection: keep-alive\r\n"));
    EXPECT_EQ(staying.read_answer().field("connection"), "keep-alive");
    staying.send(old("Connection: keep-alive\r\n"));
    EXPECT_EQ(staying.read_answer().status, 200);
}

TEST_F(framing, a_stream_to_http_1_0_is_not_chunked_and_ends_with_the_connection) {
    provider_.clear();
    provider_.always().stream(chat_stream({"a", "b"}));
    const std::string body = chat_body("x", true);
    raw_client client = proxy_.connect();
    client.send("POST /serving-endpoints/chat/invocations HTTP/1.0\r\nConnection: "
                "keep-alive\r\nAuthorization: Bearer " +
                std::string(admin_token) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                body);
    const answer got = client.read_answer();
    EXPECT_EQ(got.status, 200);
    EXPECT_FALSE(got.chunked);
    EXPECT_EQ(got.field("connection"), "close");
    EXPECT_EQ(got.body, event("a") + event("b") + last_event() + std::string(done_event));
    EXPECT_TRUE(client.is_closed());
}

TEST_F(framing, connection_close_is_obeyed) {
    raw_client client = proxy_.connect();
    client.send(chat_request("chat", "x", false, "Connection: close\r\n"));
    const answer got = client.read_answer();
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.field("connection"), "close");
    EXPECT_TRUE(client.is_closed());
}

TEST_F(framing, nonsense_ends_the_connection_and_nothing_else) {
    std::mt19937 random(7); // the same bytes in every run
    std::string noise(4096, '\0');
    for (char& c : noise)
        c = static_cast<char>(random());
    const std::vector<std::string> inputs = {
        noise,
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s + std::string(512, 'x') + "\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\r\n\r\n\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: g\r\nX" + std::string(100'000, 'y') + "\r\n\r\n",
        "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: g\r\n\r\n",
        "get /healthz HTTP/1.1\r\nHost g\r\n\r\n",
        "GET /\0 HTTP/1.1\r\nHost: g\r\n\r\n"s,
    };
    for (const std::string& input : inputs) {
        raw_client client = proxy_.connect();
        client.send(input);
        const std::string all = client.read_to_end();
        EXPECT_THAT(all, testing::StartsWith("HTTP/1.1 400 ")) << input.substr(0, 40);
        EXPECT_EQ(count(all, "x-request-id: "), 1U) << input.substr(0, 40);
    }
    std::string fields;
    for (int i = 0; i < 200; ++i)
        fields += "X-" + std::to_string(i) + ": y\r\n";
    raw_client many = proxy_.connect();
    many.send(request("GET", "/healthz", "", fields));
    EXPECT_EQ(many.read_answer().status, 400);
    expect_healthy();
}

TEST_F(framing, an_unread_body_does_not_become_the_next_request) {
    raw_client client = proxy_.connect();
    // Refused before its body is looked at; the short body is dropped and the connection goes on.
    client.send("POST /no/such HTTP/1.1\r\nHost: g\r\nContent-Length: 30\r\n\r\nGET /healthz "
                "HTTP/1.1\r\nHost: g\r\n\r\n" +
                request("GET", "/healthz"));
    EXPECT_EQ(client.read_answer().status, 404);
    const std::string rest = client.read_for(milliseconds(200));
    EXPECT_LE(count(rest, "x-request-id: "), 1U);
}

} // namespace
} // namespace sluice::support::framing_test
