// Providers that fail before or inside a whole (JSON) answer: one plain error for the client, whatever the
// provider does, and never another client's bytes. One test for each fault.
#include "tests/integration/faults.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::support::upstream_json_faults_test {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view json_head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

class json_faults : public faults {
protected:
    // The answer to one query while the provider follows its script; always 502.
    void expect_bad_gateway(std::string_view what = "") {
        const answer got = ask();
        EXPECT_EQ(got.status, 502) << what;
        EXPECT_THAT(got.body, HasSubstr(R"({"error_code":"INTERNAL_ERROR")")) << what;
        EXPECT_THAT(got.body, HasSubstr(R"(\"external_model_provider\":\"openai\")")) << what;
        EXPECT_TRUE(got.complete) << what;
        EXPECT_EQ(got.field("served-model-name"), "entity") << what;
    }
    void expect_bad_gateway_for(const std::string& raw) {
        provider_.clear();
        provider_.always().send(raw).close();
        expect_bad_gateway(raw.substr(0, 120));
    }
};

TEST_F(json_faults, dying_before_the_head_is_a_502_after_one_attempt) {
    provider_.when("close").close();
    provider_.when("reset").reset();
    for (const std::string_view how : {"close", "reset"}) {
        const answer got = ask(how);
        EXPECT_EQ(got.status, 502);
        EXPECT_THAT(got.body, HasSubstr("INTERNAL_ERROR"));
    }
    EXPECT_EQ(provider_.request_count(), 2U);
}

TEST_F(json_faults, a_refused_connection_names_the_class_and_not_the_address) {
    std::string url;
    {
        const fake_upstream gone;
        url = gone.base_url();
    }
    proxy_.make_endpoint("gone", {entity(url)});
    const answer got = proxy_.post("/serving-endpoints/gone/invocations", chat_body("x"));
    EXPECT_EQ(got.status, 502);
    EXPECT_THAT(upstream_message(got), HasSubstr("refused"));
    EXPECT_THAT(got.body, Not(HasSubstr("127.0.0.1")));
}

TEST_F(json_faults, a_name_that_does_not_resolve_is_an_upstream_failure) {
    proxy_.make_endpoint("nameless", {entity("https://no-such-host.invalid/v1")});
    const answer got = proxy_.post("/serving-endpoints/nameless/invocations", chat_body("x"));
    EXPECT_THAT(got.status, testing::AnyOf(502, 504)); // by the name server's mood
    EXPECT_THAT(upstream_message(got), HasSubstr("host name"));
}

TEST_F(json_faults, a_stall_before_the_head_is_a_504_and_the_connection_is_closed) {
    provider_.always().stall();
    const answer got = ask();
    EXPECT_EQ(got.status, 504);
    EXPECT_THAT(got.body, HasSubstr("DEADLINE_EXCEEDED"));
    EXPECT_TRUE(provider_.wait_open(0));
    EXPECT_EQ(provider_.request_count(), 1U);
}

TEST_F(json_faults, a_stall_inside_the_head_is_a_504) {
    provider_.always().send("HTTP/1.1 200 OK\r\nContent-").stall();
    EXPECT_EQ(ask().status, 504);
    EXPECT_TRUE(provider_.wait_open(0));
}

TEST_F(json_faults, a_stall_inside_the_body_is_a_504) {
    provider_.always().send(std::string(json_head) + "Content-Length: 100\r\n\r\n{").stall();
    EXPECT_EQ(ask().status, 504);
    EXPECT_TRUE(provider_.wait_open(0));
}

TEST_F(json_faults, a_head_that_trickles_for_ever_ends_at_the_first_byte_deadline) {
    provider_.always().run([](upstream_link& link, const received&) {
        bool good = link.send("HTTP/1.1 200 OK\r\nX: ");
        while (good)
            good = link.send("y") && link.pause(milliseconds(10));
        return false;
    });
    EXPECT_EQ(ask().status, 504);
    EXPECT_TRUE(provider_.wait_open(0));
}

TEST_F(json_faults, a_body_that_trickles_for_ever_ends_at_the_total_deadline) {
    provider_.always().run([](upstream_link& link, const received&) {
        bool good = link.send(std::string(json_head) + "Content-Length: 100000\r\n\r\n{");
        while (good)
            good = link.send(" ") && link.pause(milliseconds(10));
        return false;
    });
    EXPECT_EQ(ask().status, 504);
    EXPECT_TRUE(provider_.wait_open(0));
}

TEST_F(json_faults, garbage_instead_of_a_status_line_is_not_passed_on) {
    for (const std::string line : {"HTTP/1.1 2x0 OK",
                                   "HTTP/1.1 20 OK",
                                   "HTTP/1.1 2000 OK",
                                   "HTTP/1.1 000 OK",
                                   "HTTP/1.1 600 OK",
                                   "HTTP/1.1  200 OK",
                                   "HTTP/2.0 200 OK",
                                   "HTTP/1.1 -200 OK",
                                   "HTTP/1.1",
                                   "http/1.1 200 OK",
                                   "ICY 200 OK",
                                   "200 OK",
                                   "\x15\x03\x01\x00\x02\x02\x28",
                                   "<html>",
                                   ""}) {
        expect_bad_gateway_for(line + "\r\nContent-Length: 2\r\n\r\n{}");
    }
    expect_bad_gateway_for(std::string(3000, '\0'));
    expect_bad_gateway_for("HTTP/1.1 200 OK\nContent-Length: 2\n\n{}");
}

TEST_F(json_faults, an_ambiguous_length_is_refused) {
    for (const std::string fields : {"Content-Length: 2\r\nContent-Length: 3\r\n",
                                     "Content-Length: -2\r\n",
                                     "Content-Length: +2\r\n",
                                     "Content-Length: 2x\r\n",
                                     "Content-Length: 99999999999999999999999\r\n",
                                     "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
                                     "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
                                     "Transfer-Encoding: cow\r\n",
                                     "Transfer-Encoding: gzip, chunked\r\n",
                                     "Transfer-Encoding: chunked, chunked\r\n",
                                     "Content-Length: 2\r\n folded\r\n",
                                     "Bad Name: x\r\nContent-Length: 2\r\n",
                                     "X: a\rb\r\nContent-Length: 2\r\n"}) {
        expect_bad_gateway_for(std::string(json_head) + fields + "\r\n{}");
    }
}

TEST_F(json_faults, bad_chunks_are_a_502_at_once) {
    for (const std::string body : {"zz\r\n{}\r\n0\r\n\r\n",
                                   "2\r\n{}x\r\n0\r\n\r\n",
                                   "2\n{}\n0\n\n",
                                   "-2\r\n{}\r\n0\r\n\r\n",
                                   "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n",
                                   "2;\x01\r\n{}\r\n0\r\n\r\n",
                                   "\r\n"}) {
        provider_.clear();
        provider_.always().send(std::string(json_head) + "Transfer-Encoding: chunked\r\n\r\n" + body).stall();
        expect_bad_gateway(body);
    }
}

TEST_F(json_faults, a_body_that_is_cut_short_is_a_502) {
    expect_bad_gateway_for(std::string(json_head) + "Content-Length: 100\r\n\r\n{}");
    expect_bad_gateway_for(std::string(json_head) + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n");
    expect_bad_gateway_for(std::string(json_head) + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n");
    expect_bad_gateway_for(std::string(json_head) + "Content-Length");
    provider_.clear();
    provider_.always().send(std::string(json_head) + "Content-Length: 100\r\n\r\n{}").reset();
    expect_bad_gateway("reset");
}

TEST_F(json_faults, interim_answers_are_skipped_up_to_a_limit) {
    std::string interim;
    for (int i = 0; i < 5; ++i)
        interim += "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    provider_.when("just within").send(interim).answer_json(chat_answer("hi"));
    EXPECT_EQ(ask("just within").body, chat_answer("hi"));
    provider_.when("beyond").send(interim + "HTTP/1.1 102 Processing\r\n\r\n").answer_json(chat_answer("hi"));
    EXPECT_EQ(ask("beyond").status, 502);
    provider_.when("flood").run([](upstream_link& link, const received&) {
        while (link.send("HTTP/1.1 100 Continue\r\n\r\n")) {
        }
        return false;
    });
    EXPECT_EQ(ask("flood").status, 502);
    EXPECT_TRUE(comes_true([&] { return provider_.open() <= 1; }));
}

TEST_F(json_faults, an_unasked_101_is_not_passed_on) {
    expect_bad_gateway_for(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nraw");
}

TEST_F(json_faults, redirects_are_not_followed) {
    const fake_upstream elsewhere;
    for (const int status : {301, 302, 303, 307, 308}) {
        provider_.clear();
        provider_.always().answer(status, "Location: " + elsewhere.base_url() + "\r\n", "{}");
        expect_bad_gateway(std::to_string(status));
    }
    EXPECT_EQ(elsewhere.accepted(), 0U);
}

TEST_F(json_faults, an_answer_without_content_is_a_502) {
    expect_bad_gateway_for("HTTP/1.1 204 No Content\r\n\r\n");
    expect_bad_gateway_for("HTTP/1.1 304 Not Modified\r\n\r\n");
    expect_bad_gateway_for(std::string(json_head) + "Content-Length: 0\r\n\r\n");
    expect_bad_gateway_for(std::string(json_head) + "\r\n");
}

TEST_F(json_faults, a_compressed_answer_is_refused_unread) {
    for (const std::string coding : {"gzip", "br", "deflate", "GZIP, identity", "x"})
        expect_bad_gateway_for(std::string(json_head) + "Content-Encoding: " + coding +
                               "\r\nContent-Length: 2\r\n\r\n{}");
    provider_.clear();
    provider_.always().answer(
        200, "Content-Type: application/json\r\nContent-Encoding: identity\r\n", chat_answer("a"));
    EXPECT_EQ(ask().status, 200);
}

TEST_F(json_faults, what_is_no_json_object_is_a_502) {
    for (const std::string body : {"<html>log in</html>",
                                   "[{}]",
                                   "null",
                                   "5",
                                   "\"text\"",
                                   "{\"choices\":[",
                                   "{} {}",
                                   "{\"a\":\"\xFF\"}",
                                   "",
                                   " ",
                                   "{\"a\":1e}",
                                   "data: {}\n\n"}) {
        provider_.clear();
        provider_.always().answer_json(body);
        expect_bad_gateway(body);
    }
}

TEST_F(json_faults, what_is_no_answer_is_a_502_without_the_key) {
    for (const std::string body : {R"({"error":{"message":"bad sk-0123456789abcdefghijklmnop"}})",
                                   R"({"object":"error","message":"bad sk-0123456789abcdefghijklmnop"})",
                                   R"({"detail":"bad sk-0123456789abcdefghijklmnop"})",
                                   R"({"choices":null})",
                                   "{}"}) {
        provider_.clear();
        provider_.always().answer_json(body);
        expect_bad_gateway(body);
        EXPECT_THAT(ask().body, Not(HasSubstr("0123456789")));
        provider_.clear();
        provider_.always().answer(206, "Content-Type: application/json\r\n", body);
        expect_bad_gateway("206 " + body);
    }
}

TEST_F(json_faults, an_oversized_head_is_a_502) {
    expect_bad_gateway_for(std::string(json_head) + "X: " + std::string(70'000, 'y') +
                           "\r\nContent-Length: 2\r\n\r\n{}");
    std::string many(json_head);
    for (int i = 0; i < 300; ++i)
        many += "X-" + std::to_string(i) + ": y\r\n";
    expect_bad_gateway_for(many + "Content-Length: 2\r\n\r\n{}");
    provider_.clear();
    provider_.always().run([](upstream_link& link, const received&) {
        while (link.send(std::string(4096, 'x'))) {
        }
        return false;
    });
    expect_bad_gateway("an endless line");
}

TEST_F(json_faults, an_answer_over_the_limit_is_a_502) {
    const std::string large = R"({"a":")" + std::string(answer_limit, 'x') + "\"}";
    provider_.when("declared").answer_json(large);
    provider_.when("chunked")
        .send(std::string(json_head) + "Transfer-Encoding: chunked\r\n\r\n")
        .send_chunk(large)
        .end_chunks();
    provider_.when("until-close").send(std::string(json_head) + "\r\n" + large).close();
    for (const std::string_view how : {"declared", "chunked", "until-close"}) {
        const answer got = ask(how);
        EXPECT_EQ(got.status, 502) << how;
        EXPECT_THAT(upstream_message(got), HasSubstr("limit")) << how;
    }
    provider_.clear();
    const std::string fits = chat_answer(std::string(answer_limit - chat_answer("").size(), 'x'));
    ASSERT_EQ(fits.size(), answer_limit);
    provider_.always().answer_json(fits);
    EXPECT_EQ(ask().body, fits);
}

TEST_F(json_faults, an_answer_that_ends_with_its_connection_is_read_and_the_connection_is_not_used_again) {
    provider_.when("plain").send(std::string(json_head) + "\r\n" + chat_answer("a")).close();
    provider_.when("old").send("HTTP/1.0 200 OK\r\n\r\n" + chat_answer("b")).close();
    const std::string sized =
        "Content-Length: " + std::to_string(chat_answer("c").size()) + "\r\n\r\n" + chat_answer("c");
    provider_.when("sized").send("HTTP/1.0 200 OK\r\n" + sized).close();
    provider_.when("said").send(std::string(json_head) + "Connection: close\r\n" + sized).stall();
    EXPECT_EQ(ask("plain").body, chat_answer("a"));
    EXPECT_EQ(ask("old").body, chat_answer("b"));
    EXPECT_EQ(ask("sized").body, chat_answer("c"));
    EXPECT_EQ(ask("said").body, chat_answer("c"));
    EXPECT_EQ(provider_.accepted(), 4U);
    EXPECT_TRUE(provider_.wait_open(0));
}

TEST_F(json_faults, legal_oddities_are_served) {
    const std::string whole = chat_answer("a");
    const std::string size = std::to_string(whole.size());
    provider_.when("extension")
        .send(std::string(json_head) + "Transfer-Encoding: chunked\r\n\r\n1;a=\"b;c\"\r\n{\r\n" +
              chunk(whole.substr(1, whole.size() - 2)) + "01\r\n}\r\n0\r\nX: y\r\n\r\n");
    provider_.when("reasonless").send("HTTP/1.1 200\r\nContent-Length: " + size + "\r\n\r\n" + whole);
    provider_.when("typeless").send("HTTP/1.1 200 \r\ncontent-LENGTH:" + size + "\r\n\r\n" + whole);
    for (const std::string_view how : {"extension", "reasonless", "typeless"})
        EXPECT_EQ(ask(how).body, whole) << how;
    EXPECT_EQ(provider_.accepted(), 1U) << "the connection is used again";
}

TEST_F(json_faults, a_provider_that_dies_during_the_upload_is_a_502) {
    provider_.on_accept().pause(milliseconds(50)).reset();
    EXPECT_EQ(proxy_.post("/serving-endpoints/chat/invocations", chat_body(std::string(8 << 20, 'x'))).status,
              502);
}

TEST_F(json_faults, a_provider_that_takes_no_bytes_is_a_504) {
    provider_.on_accept().stall();
    const answer got =
        proxy_.post("/serving-endpoints/chat/invocations", chat_body(std::string(12 << 20, 'x')));
    EXPECT_EQ(got.status, 504);
}

// --- kept-alive connections

} // namespace
} // namespace sluice::support::upstream_json_faults_test
