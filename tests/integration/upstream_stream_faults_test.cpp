// Providers that fail inside a stream: what had come before stays, then one error event, no [DONE], a proper
// end of the body, and the connection closes (api.md §10.3). One test for each fault.
#include "tests/integration/faults.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::support::upstream_stream_faults_test {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

class stream_faults : public faults {
protected:
    // A stream that began with event("one") and then failed. `code`: as in the error event.
    void expect_broken(std::string_view what, std::string_view code = "502") {
        raw_client client = proxy_.connect();
        client.send(chat_request("chat", "hello", true));
        const answer got = client.read_answer();
        EXPECT_EQ(got.status, 200) << what;
        EXPECT_THAT(got.body, testing::StartsWith(event("one"))) << what;
        const auto data = event_data(got.body);
        ASSERT_EQ(data.size(), 2U) << what << got.body;
        EXPECT_THAT(data[1], testing::StartsWith(R"({"error":{"message":)")) << what;
        EXPECT_THAT(data[1], HasSubstr("\"code\":\"" + std::string(code) + "\"")) << what;
        EXPECT_THAT(data[1], HasSubstr("\"error_code\":\"")) << what;
        EXPECT_THAT(got.body, Not(HasSubstr("[DONE]"))) << what;
        EXPECT_TRUE(got.complete) << what << ": the chunked body ends properly";
        EXPECT_TRUE(client.is_closed()) << what;
    }
    script& begin() {
        provider_.clear();
        return provider_.always().stream_head().send_chunk(event("one"));
    }
};

TEST_F(stream_faults, dying_before_the_head_is_a_502) {
    provider_.when("close").close();
    provider_.when("reset").reset();
    EXPECT_EQ(ask_stream("close").status, 502);
    EXPECT_EQ(ask_stream("reset").status, 502);
    EXPECT_EQ(provider_.request_count(), 2U);
}

TEST_F(stream_faults, dying_between_the_head_and_the_first_event_is_a_502) {
    provider_.when("close").stream_head().close();
    provider_.when("comment").stream_head().send_chunk(": hello\n\n").close();
    provider_.when("empty").stream({});
    for (const std::string_view how : {"close", "comment", "empty"}) {
        const answer got = ask_stream(how);
        EXPECT_EQ(got.status, 502) << how;
        EXPECT_THAT(got.body, HasSubstr("INTERNAL_ERROR")) << how;
    }
}

TEST_F(stream_faults, dying_in_the_middle_is_told_in_the_stream) {
    begin().close();
    expect_broken("FIN");
    begin().reset();
    expect_broken("RST");
    begin().send("30\r\ndata: {").close();
    expect_broken("inside a chunk");
}

TEST_F(stream_faults, an_end_without_a_finish_is_not_made_to_look_finished) {
    begin().end_chunks();
    expect_broken("chunks end");
    begin().send_chunk(done_event).end_chunks();
    expect_broken("only [DONE]");
    begin().send_chunk("data: {\"choices\":").end_chunks();
    expect_broken("half an event");
}

TEST_F(stream_faults, an_end_with_a_finish_but_without_done_is_complete) {
    begin().send_chunk(last_event()).end_chunks();
    const answer got = ask_stream();
    EXPECT_EQ(got.body, event("one") + last_event() + std::string(done_event));
    EXPECT_TRUE(got.complete);
}

TEST_F(stream_faults, a_connection_that_breaks_behind_the_finish_leaves_a_complete_stream) {
    const std::string whole = event("one") + last_event() + std::string(done_event);
    begin().send_chunk(last_event()).close();
    EXPECT_EQ(ask_stream().body, whole);
    begin().send_chunk(last_event()).reset();
    EXPECT_EQ(ask_stream().body, whole);
    begin().send_chunk(last_event()).send("zz\r\n").stall();
    EXPECT_EQ(ask_stream().body, whole);
    begin().send_chunk(last_event()).stall();
    EXPECT_THAT(event_data(ask_stream().body).back(), HasSubstr(R"("code":"504")"));
}

TEST_F(stream_faults, a_stall_before_the_first_event_is_a_504) {
    provider_.when("head").stall();
    provider_.when("event").stream_head().stall();
    for (const std::string_view how : {"head", "event"}) {
        const answer got = ask_stream(how);
        EXPECT_EQ(got.status, 504) << how;
        EXPECT_THAT(got.body, HasSubstr("DEADLINE_EXCEEDED")) << how;
    }
    EXPECT_TRUE(provider_.wait_open(0));
}

TEST_F(stream_faults, a_stall_in_the_middle_is_told_in_the_stream_and_the_connection_closed) {
    begin().stall();
    expect_broken("stall", "504");
    EXPECT_TRUE(provider_.wait_open(0));
}

TEST_F(stream_faults, a_stream_that_trickles_for_ever_ends_at_the_total_deadline) {
    provider_.always().run([](upstream_link& link, const received&) {
        bool good = link.send(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        while (good)
            good = link.send(chunk(event("drip"))) && link.pause(milliseconds(50));
        return false;
    });
    const answer got = ask_stream();
    EXPECT_EQ(got.status, 200);
    EXPECT_THAT(event_data(got.body).back(), HasSubstr(R"("code":"504")"));
    EXPECT_THAT(got.body, Not(HasSubstr("[DONE]")));
    EXPECT_TRUE(provider_.wait_open(0));
}

TEST_F(stream_faults, a_line_that_trickles_for_ever_ends_too) {
    begin().run([](upstream_link& link, const received&) {
        while (link.send("1\r\nx\r\n") && link.pause(milliseconds(20))) {
        }
        return false;
    });
    expect_broken("dripping line", "504");
}

TEST_F(stream_faults, bad_chunks_end_the_stream_at_once) {
    for (const std::string bytes :
         {"zz\r\n", "5\r\nhelloworld\r\n", "-1\r\n", "fffffffffffffffff\r\n", "\n"}) {
        begin().send(bytes).stall();
        expect_broken(bytes);
    }
}

TEST_F(stream_faults, what_is_no_json_object_ends_the_stream) {
    for (const std::string data :
         {"<html>", "[1]", "5", "null", "{\"choices\":[", "{\"choices\":[}", "{} {}"}) {
        begin().send_chunk("data: " + data + "\n\n").send_chunk(last_event()).end_chunks();
        expect_broken(data);
    }
}

TEST_F(stream_faults, broken_utf8_is_never_passed_on) {
    for (const std::string bytes : {"\xFF", "\xC3", "\xED\xA0\x80", "\xF5\x80\x80\x80"}) {
        begin()
            .send_chunk("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + bytes + "\"}}]}\n\n")
            .stall();
        raw_client client = proxy_.connect();
        client.send(chat_request("chat", "hello", true));
        const answer got = client.read_answer();
        EXPECT_THAT(got.body, Not(HasSubstr(bytes)));
        EXPECT_THAT(event_data(got.body).back(), HasSubstr("\"error\""));
    }
}

TEST_F(stream_faults, an_error_of_the_provider_in_the_stream_keeps_its_meaning) {
    begin()
        .send_chunk("data: {\"error\":{\"message\":\"slow down\",\"code\":\"rate_limit_exceeded\"}}\n\n")
        .send_chunk(done_event)
        .end_chunks();
    expect_broken("error event", "429");
}

TEST_F(stream_faults, an_error_whose_end_is_lost_keeps_its_meaning) {
    const std::string error =
        "data: {\"error\":{\"message\":\"slow down\",\"code\":\"rate_limit_exceeded\"}}\n";
    begin().send_chunk(error).close();
    expect_broken("FIN", "429");
    begin().send_chunk(error).reset();
    expect_broken("RST", "429");
    provider_.clear();
    provider_.always().stream_head().send_chunk(error).close();
    EXPECT_EQ(ask_stream().status, 429);
}

TEST_F(stream_faults, a_first_event_that_is_an_error_is_a_plain_answer) {
    provider_.always().stream(
        {"data: {\"error\":{\"message\":\"slow down\",\"code\":\"rate_limit_exceeded\"}}\n\n"});
    const answer got = ask_stream();
    EXPECT_EQ(got.status, 429);
    EXPECT_THAT(got.body, HasSubstr("REQUEST_LIMIT_EXCEEDED"));
}

TEST_F(stream_faults, an_error_that_looks_like_a_chunk_is_one) {
    const std::string error = "data: {\"object\":\"error\",\"message\":\"m\",\"code\":400}\n\n";
    begin().send_chunk(error).send_chunk(done_event).end_chunks();
    expect_broken("object", "400");
    provider_.clear();
    provider_.always().stream({error, std::string(done_event)});
    EXPECT_EQ(ask_stream().status, 400);
}

TEST_F(stream_faults, an_endless_line_ends_at_a_limit) {
    provider_.always().run([](upstream_link& link, const received&) {
        bool good = link.send(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        good = good && link.send(chunk(event("one")));
        const std::string piece = chunk(std::string(1 << 20, 'x'));
        for (int i = 0; good && i < 64; ++i)
            good = link.send(piece);
        return false;
    });
    const answer got = ask_stream();
    EXPECT_THAT(event_data(got.body).back(), HasSubstr(R"("code":"502")"));
    EXPECT_LT(provider_.bytes_sent(), std::uint64_t{40} << 20U);
}

TEST_F(stream_faults, a_compressed_stream_is_refused) {
    provider_.always()
        .send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n"
              "Transfer-Encoding: chunked\r\n\r\n" +
              chunk("\x1f\x8b"))
        .stall();
    EXPECT_EQ(ask_stream().status, 502);
    EXPECT_TRUE(provider_.wait_open(0));
}

TEST_F(stream_faults, a_json_answer_to_a_stream_request_goes_back_as_json) {
    provider_.always().answer_json(chat_answer("whole"));
    const answer got = ask_stream();
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.field("content-type"), "application/json");
    EXPECT_EQ(got.body, chat_answer("whole"));
}

TEST_F(stream_faults, a_login_page_instead_of_a_stream_is_a_502) {
    provider_.always().answer(200, "Content-Type: text/html\r\n", "<html>log in</html>");
    EXPECT_EQ(ask_stream().status, 502);
}

TEST_F(stream_faults, a_stream_that_ends_with_its_connection_is_served) {
    provider_.always()
        .send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n" + event("one") +
              last_event() + std::string(done_event))
        .close();
    const answer got = ask_stream();
    EXPECT_EQ(got.body, event("one") + last_event() + std::string(done_event));
    EXPECT_TRUE(got.complete);
}

TEST_F(stream_faults, legal_oddities_of_event_streams_are_served) {
    const std::string plain = event("one") + last_event();
    std::string crlf = "\xEF\xBB\xBF: comment\r\n\r\nevent: message\r\nid: 1\r\n";
    for (const char c : plain) {
        if (c == '\n') crlf += '\r';
        crlf += c;
    }
    provider_.always().stream({crlf, "data:[DONE]\r\n\r\n"});
    const answer got = ask_stream();
    EXPECT_EQ(got.body, plain + std::string(done_event));
}

TEST_F(stream_faults, a_stream_leaves_its_connection_to_the_next_request) {
    provider_.when("stream").stream(chat_stream({"a"}));
    provider_.when("late end")
        .stream_head()
        .send_chunk(event("a") + last_event() + std::string(done_event))
        .pause(milliseconds(50))
        .end_chunks();
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(ask_stream("stream").complete);
    EXPECT_EQ(provider_.accepted(), 1U);
    EXPECT_TRUE(ask_stream("late end").complete);
    EXPECT_TRUE(ask_stream("stream").complete);
    EXPECT_LE(provider_.accepted(), 2U);
}

TEST_F(stream_faults, bytes_behind_a_stream_answer_nobody) {
    const std::string foreign = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"foreign\":1}";
    // With the end of the stream: what comes later than the next request cannot be told from its answer.
    provider_.when("first")
        .stream_head()
        .send_chunk(event("a") + last_event() + std::string(done_event))
        .send_together({"0\r\n\r\n", foreign})
        .stall();
    provider_.when("behind done")
        .stream_head()
        .send_chunk(event("a") + last_event() + std::string(done_event) + event("late"))
        .end_chunks();
    provider_.when("next").answer_json(chat_answer("own"));
    EXPECT_TRUE(ask_stream("first").complete);
    EXPECT_EQ(ask("next").body, chat_answer("own"));
    EXPECT_THAT(ask_stream("behind done").body, Not(HasSubstr("late")));
    EXPECT_EQ(ask("next").body, chat_answer("own"));
}

TEST_F(stream_faults, a_stale_connection_is_replaced_once_for_a_stream_too) {
    ASSERT_EQ(warm_up(), 200);
    provider_.when("stale").times(1).close();
    provider_.when("stale").stream(chat_stream({"second try"}));
    EXPECT_THAT(ask_stream("stale").body, HasSubstr("second try"));
    EXPECT_EQ(provider_.request_count(), 3U);
}

} // namespace
} // namespace sluice::support::upstream_stream_faults_test
