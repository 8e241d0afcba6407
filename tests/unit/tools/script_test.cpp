#include "tools/provider/script.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sluice::sim::script_test {
namespace {

using std::chrono::milliseconds;

class three_events final : public event_source {
public:
    event_kind next(std::string& out) override {
        switch (at_++) {
        case 0: out += "role"; return event_kind::other;
        case 1: out += "one"; return event_kind::content;
        case 2: out += "two"; return event_kind::content;
        case 3: out += "done"; return event_kind::other;
        default: return event_kind::none;
        }
    }

private:
    int at_ = 0;
};

struct played {
    std::string bytes;
    std::vector<milliseconds> pauses;
    std::vector<std::string> before_pause; // what had been written when each pause began
    int contents = 0;
    action ending = action::more;
};

played play(answer a, std::string_view spec) {
    script s(std::move(a), parse_knobs(spec).value());
    played out;
    for (int steps = 0; steps < 100'000; ++steps) {
        const step now = s.next(out.bytes);
        out.contents += now.content ? 1 : 0;
        if (now.what == action::wait) {
            out.pauses.push_back(now.pause);
            out.before_pause.push_back(out.bytes);
        } else if (now.what != action::more) {
            out.ending = now.what;
            return out;
        }
    }
    return out;
}

answer json_answer(std::string body = R"({"a":1})") {
    answer a;
    a.body = std::move(body);
    return a;
}

answer stream_answer() {
    answer a;
    a.content_type = "text/event-stream";
    a.events = std::make_unique<three_events>();
    return a;
}

std::string head_of(const played& p) {
    return p.bytes.substr(0, p.bytes.find("\r\n\r\n") + 4);
}
std::string body_of(const played& p) {
    return p.bytes.substr(head_of(p).size());
}
bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(script, a_json_answer_has_a_length_and_keeps_the_connection) {
    const played p = play(json_answer(), "");
    EXPECT_TRUE(p.bytes.starts_with("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"));
    EXPECT_TRUE(has(head_of(p), "\r\nContent-Length: 7\r\n"));
    EXPECT_FALSE(has(head_of(p), "Connection:"));
    EXPECT_EQ(body_of(p), R"({"a":1})");
    EXPECT_EQ(p.ending, action::keep);
    EXPECT_TRUE(p.pauses.empty());
}

TEST(script, a_stream_is_chunked_and_terminated) {
    const played p = play(stream_answer(), "");
    EXPECT_TRUE(has(head_of(p), "Transfer-Encoding: chunked\r\n"));
    EXPECT_FALSE(has(head_of(p), "Content-Length"));
    EXPECT_EQ(body_of(p), "4\r\nrole\r\n3\r\none\r\n3\r\ntwo\r\n4\r\ndone\r\n0\r\n\r\n");
    EXPECT_EQ(p.contents, 2);
    EXPECT_EQ(p.ending, action::keep);
}

TEST(script, latency_comes_before_the_first_byte) {
    const played p = play(json_answer(), "l60");
    EXPECT_EQ(p.pauses, std::vector<milliseconds>{milliseconds(60)});
    EXPECT_EQ(p.before_pause.at(0), "");
    EXPECT_EQ(p.ending, action::keep);
}

TEST(script, a_paced_stream_pauses_before_each_content_chunk_only) {
    const played p = play(stream_answer(), "d20");
    EXPECT_EQ(p.pauses, (std::vector<milliseconds>{milliseconds(20), milliseconds(20)}));
    EXPECT_TRUE(p.before_pause.at(0).ends_with("role\r\n"));
    EXPECT_TRUE(p.before_pause.at(1).ends_with("one\r\n"));
    EXPECT_TRUE(p.bytes.ends_with("0\r\n\r\n"));
}

TEST(script, a_client_that_does_not_keep_alive_is_told_so) {
    answer a = json_answer();
    a.keep_alive = false;
    const played p = play(std::move(a), "");
    EXPECT_TRUE(has(head_of(p), "Connection: close\r\n"));
    EXPECT_EQ(p.ending, action::close);
}

TEST(script, an_http_1_0_client_gets_no_chunks) {
    answer a = stream_answer();
    a.http_1_0 = true;
    const played p = play(std::move(a), "");
    EXPECT_EQ(body_of(p), "roleonetwodone");
    EXPECT_EQ(p.ending, action::close);
}

TEST(script, cuts_before_and_inside_the_head_close) {
    const played before = play(json_answer(), "cut");
    EXPECT_EQ(before.bytes, "");
    EXPECT_EQ(before.ending, action::close);
    const played inside = play(json_answer(), "cuthead-rst");
    EXPECT_TRUE(inside.bytes.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_FALSE(has(inside.bytes, "\r\n\r\n"));
    EXPECT_EQ(inside.ending, action::reset);
}

TEST(script, a_cut_body_promises_more_than_it_brings) {
    const played p = play(json_answer(), "cut3");
    EXPECT_TRUE(has(head_of(p), "Content-Length: 7\r\n"));
    EXPECT_EQ(body_of(p), R"({"a)");
    EXPECT_EQ(p.ending, action::close);
}

TEST(script, a_cut_stream_has_its_chunks_and_no_end) {
    EXPECT_EQ(body_of(play(stream_answer(), "cut1")), "4\r\nrole\r\n3\r\none\r\n");
    EXPECT_EQ(body_of(play(stream_answer(), "cut0")), "");
    const played late = play(stream_answer(), "cut99");
    EXPECT_TRUE(late.bytes.ends_with("4\r\ndone\r\n"));
    EXPECT_EQ(late.ending, action::close);
}

TEST(script, a_stall_is_silence_with_the_connection_open) {
    const played p = play(json_answer(), "stall");
    EXPECT_EQ(body_of(p), "");
    EXPECT_EQ(p.ending, action::hang);
    EXPECT_EQ(body_of(play(stream_answer(), "stall1")), "4\r\nrole\r\n3\r\none\r\n");
    EXPECT_EQ(play(stream_answer(), "stall1").ending, action::hang);
}

TEST(script, a_drip_writes_each_byte_after_a_pause) {
    const played whole = play(json_answer(), "");
    const played p = play(json_answer(), "drip3");
    EXPECT_EQ(p.bytes, whole.bytes);
    ASSERT_EQ(p.pauses.size(), whole.bytes.size());
    EXPECT_EQ(p.pauses.front(), milliseconds(3));
    EXPECT_EQ(p.before_pause.back().size() + 1, whole.bytes.size());
    EXPECT_EQ(p.ending, action::keep);
    EXPECT_EQ(play(stream_answer(), "drip0").contents, 2);
}

TEST(script, a_broken_chunk_size_stands_in_the_middle_of_a_stream) {
    const played p = play(stream_answer(), "badchunk");
    EXPECT_EQ(body_of(p), "4\r\nrole\r\n3\r\none\r\nzz\r\ntwo\r\n4\r\ndone\r\n0\r\n\r\n");
    EXPECT_EQ(p.ending, action::close);
    EXPECT_TRUE(body_of(play(json_answer(), "badchunk")).starts_with("zz\r\n"));
}

TEST(script, a_body_without_length_ends_with_the_connection) {
    const played p = play(json_answer(), "noclen");
    EXPECT_FALSE(has(head_of(p), "Content-Length"));
    EXPECT_EQ(p.ending, action::close);
    EXPECT_EQ(body_of(play(stream_answer(), "noclen")), "roleonetwodone");
}

TEST(script, a_json_body_may_be_chunked) {
    EXPECT_EQ(body_of(play(json_answer("12345"), "chunked")), "2\r\n12\r\n3\r\n345\r\n0\r\n\r\n");
}

TEST(script, interim_answers_come_first) {
    const played p = play(json_answer(), "s103");
    EXPECT_TRUE(p.bytes.starts_with("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(p.ending, action::keep);
    const played upgrade = play(json_answer(), "s101");
    EXPECT_TRUE(upgrade.bytes.starts_with("HTTP/1.1 101 "));
    EXPECT_EQ(upgrade.ending, action::hang);
}

TEST(script, a_204_has_neither_body_nor_framing) {
    answer a;
    a.status = 204;
    const played p = play(std::move(a), "s204");
    EXPECT_FALSE(has(p.bytes, "Content-"));
    EXPECT_TRUE(p.bytes.ends_with("\r\n\r\n"));
    EXPECT_EQ(p.ending, action::keep);
}

TEST(script, extra_bytes_follow_on_a_connection_that_is_kept) {
    const played p = play(json_answer(), "extra");
    EXPECT_TRUE(body_of(p).starts_with(R"({"a":1}HTTP/1.1 200 OK)"));
    EXPECT_EQ(p.ending, action::keep);
}

TEST(script, a_gzip_body_is_labelled_and_measured) {
    const played p = play(json_answer(), "gzip");
    EXPECT_TRUE(has(head_of(p), "Content-Encoding: gzip\r\n"));
    EXPECT_TRUE(has(head_of(p), "Content-Length: " + std::to_string(body_of(p).size()) + "\r\n"));
    EXPECT_TRUE(body_of(p).starts_with("\x1f\x8b"));
}

} // namespace
} // namespace sluice::sim::script_test
