// Agents of Databricks behind the gateway, which do not answer with chats.
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"
#include "tests/support/text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::support::databricks_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view messages =
    R"({"messages":[{"role":"assistant","content":"Hi","id":"m-1"}],"finish_reason":null,)"
    R"("usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}})";
constexpr std::string_view response =
    R"({"object":"response","output":[{"type":"message","role":"assistant","content":[]}],)"
    R"("usage":{"input_tokens":8,"output_tokens":4,"total_tokens":12}})";

std::string agent_event(std::string_view data) {
    return joined({"data: ", data, "\n\n"});
}

class databricks_agents : public testing::Test {
protected:
    databricks_agents() {
        proxy_.make_endpoint(
            "agent",
            {joined(
                {R"({"name":"a","external_model":{"name":"agent","provider":"databricks-model-serving",)",
                 R"("task":"llm/v1/chat","databricks_model_serving_config":{"databricks_workspace_url":")",
                 "http://127.0.0.1:" + std::to_string(provider_.port()),
                 R"(","databricks_api_token_plaintext":"dapi-0123456789"}}})"})},
            "",
            R"(,"ai_gateway":{"usage_tracking_config":{"enabled":true}})");
    }
    answer ask(bool stream = false) const {
        return proxy_.post("/serving-endpoints/agent/invocations", chat_body("x", stream));
    }
    // Prompt and completion tokens of every query so far.
    std::vector<std::pair<std::int64_t, std::int64_t>> counted() const {
        const answer got = proxy_.get("/api/2.0/sluice/usage");
        const boost::json::value rows = boost::json::parse(got.body).at("usage");
        std::vector<std::pair<std::int64_t, std::int64_t>> out;
        out.reserve(rows.as_array().size());
        for (const boost::json::value& row : rows.as_array())
            out.emplace_back(row.at("input_token_count").as_int64(), row.at("output_token_count").as_int64());
        return out;
    }

    fake_upstream provider_;
    gateway proxy_;
};

TEST_F(databricks_agents, whole_answers_pass_as_they_came_and_count) {
    for (const std::string_view body : {messages, response}) {
        provider_.clear();
        provider_.always().answer_json(body);
        const answer got = ask();
        EXPECT_EQ(got.status, 200);
        EXPECT_EQ(got.body, body);
    }
    EXPECT_THAT(counted(), testing::UnorderedElementsAre(testing::Pair(7, 3), testing::Pair(8, 4)));
}

TEST_F(databricks_agents, streams_pass_until_done) {
    const std::string part = agent_event(R"({"delta":{"role":"assistant","content":"Hi","id":"m-1"}})");
    const std::string item = agent_event(R"({"type":"response.output_item.done","item":{"type":"message"}})");
    for (const std::string& one : {part, item}) {
        provider_.clear();
        provider_.always().times(1).stream({one, one, std::string(done_event)});
        const answer got = ask(true);
        EXPECT_EQ(got.status, 200);
        EXPECT_EQ(got.body, joined({one, one, done_event}));
        provider_.clear();
        provider_.always().stream({one});
        EXPECT_THAT(ask(true).body, AllOf(HasSubstr("upstream_stream_truncated"), Not(HasSubstr("[DONE]"))));
    }
}

TEST_F(databricks_agents, a_chat_that_never_says_why_it_ended_is_whole_when_it_is_done) {
    provider_.always().stream({event("Hi"), std::string(done_event)});
    const answer got = ask(true);
    EXPECT_EQ(got.body, event("Hi") + last_event() + std::string(done_event));
}

TEST_F(databricks_agents, clients_whose_api_is_translated_are_told_why_there_is_nothing_to_show) {
    const std::string part = agent_event(R"({"delta":{"role":"assistant","content":"Hi","id":"m-1"}})");
    struct call {
        std::string_view path;
        std::string_view body;
    };
    constexpr std::array<call, 2> calls = {
        {{"/serving-endpoints/anthropic/v1/messages",
          R"({"model":"agent","max_tokens":5,"messages":[{"role":"user","content":"x"}],"stream":)"},
         {"/serving-endpoints/responses", R"({"model":"agent","input":"x","stream":)"}}};
    for (const call& each : calls) {
        for (const std::string_view stream : {"false", "true"}) {
            provider_.clear();
            if (stream == "true")
                provider_.always().stream({part, std::string(done_event)});
            else
                provider_.always().answer_json(messages);
            const answer got = proxy_.post(each.path, joined({each.body, stream, "}"}));
            EXPECT_EQ(got.status, 400) << got.body;
            EXPECT_THAT(got.body, AllOf(HasSubstr("agent"), HasSubstr("/invocations")));
        }
    }
}

} // namespace
} // namespace sluice::support::databricks_test
