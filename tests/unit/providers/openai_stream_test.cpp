#include "tests/unit/providers/openai_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::providers::openai_stream_test {

namespace {

using testing::EndsWith;
using testing::HasSubstr;

constexpr std::string_view delta =
    R"({"id":"a","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]})";
constexpr std::string_view finish = R"({"id":"a","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})";
constexpr std::string_view done = "data: [DONE]\n\n";

std::string event(std::string_view data) {
    return std::string("data: ").append(data).append("\n\n");
}

std::string one(std::string_view data, bool wants_usage = false, const target& to = openai_target()) {
    const std::string rest = event(finish).append(done);
    const std::string out = decoded({event(data) + rest}, wants_usage, to);
    return out.ends_with(rest) ? out.substr(0, out.size() - rest.size()) : out;
}

constexpr std::string_view truncated =
    R"(!{"external_model_provider":"openai","external_model_error":"stream ended early"})";

TEST(openai_stream, events_go_on_as_they_came) {
    const std::string in = event(delta) + event(R"({ "choices" : [ ] , "x" : "\ud83d" })") + event(finish);
    EXPECT_EQ(decoded({in, done}), in + std::string(done));
    EXPECT_EQ(decoded({in, done}, true), in + std::string(done));
}

TEST(openai_stream, whatever_stands_around_the_data_does_not_go_on) {
    const std::string in =
        std::string("\xef\xbb\xbf: comment\r\nevent: x\r\nid: 7\r\nretry: 5\r\ndata:") + std::string(delta) +
        "\r\n\r\n\r\n: ping\n\ndata:\n\ndata: \n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n" +
        "data:  " + std::string(finish) + "\r\rdata:[DONE] \n\n";
    EXPECT_EQ(decoded({in}), event(delta) + "data:  " + std::string(finish) + "\n\n" + std::string(done));
}

TEST(openai_stream, data_on_several_lines_goes_on_as_one) {
    EXPECT_EQ(one("{\"choices\":[],\ndata: \"x\":\ndata: 1,\ndata:\"usage\":null}"),
              event("{\"choices\":[], \"x\": 1}"));
    EXPECT_THAT(decoded({event("{\"x\":\"a\ndata: b\"}")}), HasSubstr("not a JSON object"));
}

TEST(openai_stream, usage_that_the_client_did_not_ask_for_is_cut_out) {
    EXPECT_EQ(one(R"({"choices":[],"usage":{"total_tokens":3}})"), "");
    EXPECT_EQ(one(R"({"usage":{"total_tokens":3},"id":"x"})"), "");
    EXPECT_EQ(one(R"({"usage":null})"), "");
    const std::vector<std::pair<std::string_view, std::string_view>> table = {
        {R"({"choices":[{"delta":{}}],"usage":null,"o":1})", R"({"choices":[{"delta":{}}],"o":1})"},
        {R"({"usage":null,"choices":[{"delta":{}}]})", R"({"choices":[{"delta":{}}]})"},
        {R"({ "usage":null , "usage":{"total_tokens":1} , "choices":[{"delta":{}}] })",
         R"({ "choices":[{"delta":{}}] })"},
        {R"({"choices":[{"delta":{}}] , "usage":{"total_tokens":1}, "usage":null })",
         R"({"choices":[{"delta":{}}] })"},
        {R"({"usage":null,"choices":[{"delta":{"usage":1}}],"a":2,"usage":null})",
         R"({"choices":[{"delta":{"usage":1}}],"a":2})"},
        {R"({"choices":[],"usage":null,"x":1})", R"({"choices":[],"x":1})"},
    };
    for (const auto& [in, out] : table)
        EXPECT_EQ(one(in), event(out)) << in;
    for (const auto& [in, out] : table)
        EXPECT_EQ(one(in, true), event(in)) << in;
    EXPECT_EQ(one(R"({"choices":[],"usage":{"total_tokens":3}})", true),
              event(R"({"choices":[],"usage":{"total_tokens":3}})"));
}

TEST(openai_stream, the_last_usage_counts) {
    const target to = openai_target();
    const auto decoder = to.via->make_decoder({}, to);
    EXPECT_FALSE(decoder->used().known);
    std::string out;
    const padded in(
        event(
            R"({"choices":[{"delta":{}}],"usage":{"prompt_tokens":5,"completion_tokens":1,"total_tokens":6}})") +
        event(R"({"choices":[{"delta":{}}],"usage":null})") +
        event(R"({"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}})"));
    ASSERT_TRUE(decoder->body(in.view(), out));
    EXPECT_EQ(decoder->used(), (usage{true, 5, 2, 7, 0, 0}));
    EXPECT_FALSE(decoder->finished());
}

TEST(openai_stream, nothing_goes_on_after_done) {
    const std::string good = event(finish) + std::string(done);
    EXPECT_EQ(decoded({good + "data: [DONE]\n\ndata: {\"choices\":[],\"usage\":{}}\n\ndata: garbage\n\n",
                       "data: more\n\n"}),
              good);
    EXPECT_EQ(decoded({event(finish), "data: [DONE] and more\n\n"}), good);
}

TEST(openai_stream, a_missing_done_is_put_in_once_all_choices_have_ended) {
    EXPECT_EQ(decoded({event(delta), event(finish)}), event(delta) + event(finish) + std::string(done));
    EXPECT_EQ(decoded({event(delta), "data: " + std::string(finish)}),
              event(delta) + event(finish) + std::string(done));
    EXPECT_EQ(decoded({event(finish), "data: [DONE]"}), event(finish) + std::string(done));
    EXPECT_EQ(decoded({event(finish), "data: {\"choices\":[],\"usa"}), event(finish) + std::string(done));
}

TEST(openai_stream, a_stream_that_ends_before_its_choices_is_an_error) {
    EXPECT_EQ(decoded({}), truncated);
    EXPECT_EQ(decoded({event(delta)}), event(delta).append(truncated));
    EXPECT_EQ(decoded({event(delta), done}), event(delta).append(truncated));
    EXPECT_EQ(decoded({done}), truncated);
    EXPECT_EQ(decoded({event(delta), "data: {\"choices\":[{\"finish"}), event(delta).append(truncated));
    const std::string second = event(R"({"choices":[{"index":1,"delta":{},"finish_reason":null}]})");
    EXPECT_EQ(decoded({second + event(finish), done}), second + event(finish).append(truncated));
    const std::string second_end =
        event(R"({"choices":[{"index":1.0,"delta":{},"finish_reason":"length"}]})");
    EXPECT_EQ(decoded({second + event(finish) + second_end, done}),
              second + event(finish) + second_end + std::string(done));
}

TEST(openai_stream, an_empty_finish_reason_is_no_end) {
    const std::string empty =
        event(R"({"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":""}]})");
    EXPECT_EQ(decoded({empty}), empty + std::string(truncated));
}

TEST(openai_stream, odd_choices_pass) {
    for (const std::string_view data : {R"({"choices":null})",
                                        R"({"choices":{}})",
                                        R"({"choices":[1,"a",[],null]})",
                                        R"({"choices":[{}]})",
                                        R"({"choices":[{"index":"a","text":"x","finish_reason":"stop"}]})",
                                        R"({"choices":[{"index":-1,"finish_reason":7}]})",
                                        R"({"choices":[{"index":5000,"delta":{}}]})",
                                        R"({"x":1})",
                                        R"({"error":null})"}) {
        EXPECT_EQ(one(data), event(data)) << data;
    }
}

TEST(openai_stream, what_is_no_json_object_ends_the_stream) {
    for (const std::string_view data : {"{\"choices\":[{\"delta\":{}},\"a\":null]}",
                                        "{\"choices\":[{\"delta\":\"a\":{}}]}",
                                        "{\"usage\":{\"prompt_tokens\":\"a\":1}}",
                                        "hello",
                                        "7",
                                        "\"x\"",
                                        "{\"a\":01}",
                                        "{\"a\":tru}",
                                        "{\"a\":1}{",
                                        "{\"a\":\"\xff\"}",
                                        "{\"a\":\"\\x\"}",
                                        "{\"choices\":[{\"index\":}]}",
                                        "{\"usage\":{\"total_tokens\":1,}}",
                                        "{\"a\":1}\ndata: {\"b\":1}"}) {
        const std::string out = decoded({event(delta) + event(data) + event(finish)});
        EXPECT_EQ(
            out,
            event(delta) +
                R"(!{"external_model_provider":"openai","external_model_error":"an event of the stream is not a JSON object"})")
            << data;
    }
}

TEST(openai_stream, an_error_of_the_upstream_ends_the_stream) {
    const auto nested = [](std::string_view data) {
        return event(delta) + R"(!{"external_model_provider":"openai","external_model_error":)" +
               std::string(data) + "}";
    };
    for (const std::string_view data : {R"({"error":{"message":"m","type":"server_error"}})",
                                        R"({"error":"m"})",
                                        R"([{"error":{"message":"m"}}])",
                                        R"({"type":"error","error":{"message":"m"}})",
                                        R"({"type":"error","message":"m"})",
                                        R"({"detail":"m"})",
                                        R"({"choices":[],"error":{"code":502}})"}) {
        EXPECT_EQ(decoded({event(delta) + event(data) + event(finish)}), nested(data)) << data;
    }
    EXPECT_EQ(decoded({event(delta) + "event: error\ndata: {\"message\":\"m\"}\n\n"}),
              nested(R"({"message":"m"})"));
    EXPECT_EQ(one(R"({"choices":[{"delta":{}}],"type":"error","detail":"x"})"),
              event(R"({"choices":[{"delta":{}}],"type":"error","detail":"x"})"));
}

TEST(openai_stream, events_of_azures_content_filter_are_dropped) {
    const std::string_view first = R"({"choices":[],"id":"","model":"","prompt_filter_results":[]})";
    const std::string_view late =
        R"({"choices":[{"content_filter_results":{},"finish_reason":null,"index":0}],"id":""})";
    const std::string_view usage_chunk = R"({"choices":[],"usage":{"total_tokens":3}})";
    EXPECT_EQ(one(first, false, azure_target()), "");
    EXPECT_EQ(one(late, false, azure_target()), "");
    EXPECT_EQ(one(late, true, azure_target()), "");
    EXPECT_EQ(one(usage_chunk, true, azure_target()), event(usage_chunk));
    EXPECT_EQ(one(first), event(first));
    const std::string_view ended =
        R"({"choices":[{"content_filter_results":{},"finish_reason":"content_filter","index":0}]})";
    EXPECT_EQ(one(ended, false, azure_target()), event(ended));
}

TEST(openai_stream, an_event_that_is_too_long_ends_the_stream) {
    const std::string piece(std::size_t{1} << 20U, 'x');
    std::vector<std::string_view> pieces = {"data: {\"a\":\""};
    for (int i = 0; i < 17; ++i)
        pieces.push_back(piece);
    EXPECT_THAT(decoded(pieces),
                HasSubstr(R"(!{"external_model_provider":"openai","external_model_error":")"));
}

TEST(openai_stream, every_split_gives_the_same) {
    const std::string in =
        "\xef\xbb\xbf: c\r\ndata: " + std::string(delta) +
        "\r\n\r\ndata: {\"choices\":[],\r\ndata: \"usage\":null,\"x\":\"\xf0\x9f\xaa\x90\"}\n\n" +
        event(R"({"choices":[{"delta":{}}],"usage":null,"o":1})") + event(finish) + "data: [DONE]\n\n";
    const std::string whole = decoded({in});
    EXPECT_THAT(whole, EndsWith(std::string(done)));
    for (std::size_t at = 0; at <= in.size(); ++at) {
        EXPECT_EQ(decoded({std::string_view(in).substr(0, at), std::string_view(in).substr(at)}), whole)
            << at;
    }
}

} // namespace
} // namespace sluice::providers::openai_stream_test
