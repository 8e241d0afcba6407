// Updates that ask the provider first (probe_updates), with real shards and a scripted provider.
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <tuple>

namespace sluice::support::probe_test {
namespace {

const std::string chat_path = "/api/2.0/serving-endpoints/chat";

void probe(proxy::settings& config) {
    config.probe_updates = true;
}

std::string create_body(std::string_view entity_text) {
    return R"({"name":"chat","config":{"served_entities":[)" + std::string(entity_text) + "]}}";
}

std::string at(const std::string& json, std::string_view pointer) {
    boost::json::error_code failed;
    const boost::json::value tree = boost::json::parse(json, failed);
    if (failed) return "(not JSON)";
    const boost::json::value* found =
        tree.find_pointer(boost::json::string_view(pointer.data(), pointer.size()), failed);
    return found && found->is_string() ? std::string(found->get_string().c_str()) : "(none)";
}

std::string update_of(const gateway& here) {
    return at(here.get(chat_path).body, "/state/config_update");
}

bool update_becomes(const gateway& here, std::string_view state) {
    return comes_true([&] { return update_of(here) == state; });
}

std::string message_of(const gateway& here) {
    return at(here.get(chat_path).body, "/pending_config/served_entities/0/state/deployment_state_message");
}

TEST(probe, an_endpoint_is_ready_when_its_provider_has_answered_the_smallest_chat) {
    fake_upstream upstream;
    upstream.always().answer_json(chat_answer("hi"));
    const gateway here(probe);
    const answer made = here.post("/api/2.0/serving-endpoints", create_body(entity(upstream.base_url())));
    ASSERT_EQ(made.status, 200) << made.body;
    ASSERT_TRUE(update_becomes(here, "NOT_UPDATING"));
    EXPECT_EQ(at(here.get(chat_path).body, "/state/ready"), "READY");
    const auto asked = upstream.requests();
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_NE(asked[0].head.find("POST /v1/chat/completions "), std::string::npos) << asked[0].head;
    EXPECT_NE(asked[0].head.find(provider_key), std::string::npos);
    EXPECT_NE(asked[0].body.find(R"("max_tokens":1)"), std::string::npos) << asked[0].body;
    EXPECT_EQ(here.post("/serving-endpoints/chat/invocations", chat_body("hello")).status, 200);
}

TEST(probe, every_task_has_its_own_request) {
    fake_upstream upstream;
    upstream.when("/v1/completions")
        .answer_json(
            R"({"object":"text_completion","choices":[{"index":0,"text":"b","finish_reason":"stop"}]})");
    upstream.when("/v1/embeddings")
        .answer_json(R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[1.5]}]})");
    const gateway here(probe);
    for (const auto& [task, path, member] :
         {std::tuple("llm/v1/completions", "/v1/completions ", R"("prompt":)"),
          std::tuple("llm/v1/embeddings", "/v1/embeddings ", R"("input":)")}) {
        const std::size_t before = upstream.request_count();
        const answer made = here.post("/api/2.0/serving-endpoints",
                                      create_body(entity(upstream.base_url(), "entity", "some-model", task)));
        ASSERT_EQ(made.status, 200) << made.body;
        ASSERT_TRUE(update_becomes(here, "NOT_UPDATING"));
        ASSERT_EQ(upstream.request_count(), before + 1);
        EXPECT_NE(upstream.requests()[before].head.find(path), std::string::npos);
        EXPECT_NE(upstream.requests()[before].body.find(member), std::string::npos);
        EXPECT_EQ(here.call("DELETE", chat_path).status, 200);
    }
}

TEST(probe, a_refused_key_fails_the_update_with_status_and_class_and_without_the_key) {
    fake_upstream upstream;
    upstream.always().answer_json(R"({"error":{"message":"Incorrect API key provided: )" +
                                      std::string(provider_key) +
                                      R"(","type":"invalid_request_error","code":"invalid_api_key"}})",
                                  401);
    const gateway here(probe);
    const answer made = here.post("/api/2.0/serving-endpoints", create_body(entity(upstream.base_url())));
    ASSERT_EQ(made.status, 200);
    ASSERT_TRUE(update_becomes(here, "UPDATE_FAILED"));
    const std::string shown = here.get(chat_path).body;
    EXPECT_EQ(at(shown, "/state/ready"), "NOT_READY");
    EXPECT_EQ(message_of(here),
              "Served entity 'entity': The provider 'openai' answered the probe with 401 "
              "(invalid_request_error, invalid_api_key).");
    EXPECT_EQ(shown.find(provider_key), std::string::npos);
    const answer query = here.post("/serving-endpoints/chat/invocations", chat_body("hello"));
    EXPECT_EQ(query.status, 400) << "nothing is coming, so nobody has to try again";
}

TEST(probe, words_of_the_provider_that_hold_the_key_are_taken_out) {
    fake_upstream upstream;
    upstream.always().answer_json(R"({"error":{"type":")" + std::string(provider_key) +
                                      R"(","code":"with blanks and \"quotes\""}})",
                                  403);
    const gateway here(probe);
    ASSERT_EQ(here.post("/api/2.0/serving-endpoints", create_body(entity(upstream.base_url()))).status, 200);
    ASSERT_TRUE(update_becomes(here, "UPDATE_FAILED"));
    EXPECT_EQ(message_of(here).find(provider_key), std::string::npos) << message_of(here);
    EXPECT_NE(message_of(here).find("403"), std::string::npos) << message_of(here);
    EXPECT_EQ(message_of(here).find("quotes"), std::string::npos) << message_of(here);
}

TEST(probe, a_200_that_is_no_answer_fails_the_update) {
    for (const auto& [told, shown] : {std::pair(R"({"error":{"message":"m","type":"invalid_request_error"}})",
                                                " (invalid_request_error)"),
                                      std::pair("<html></html>", "")}) {
        fake_upstream upstream;
        upstream.always().answer_json(told);
        const gateway here(probe);
        ASSERT_EQ(here.post("/api/2.0/serving-endpoints", create_body(entity(upstream.base_url()))).status,
                  200);
        ASSERT_TRUE(update_becomes(here, "UPDATE_FAILED")) << told;
        EXPECT_EQ(message_of(here),
                  "Served entity 'entity': The provider 'openai' answered the probe with 200, but with no "
                  "chat completion" +
                      std::string(shown) + ".");
    }
}

TEST(probe, a_provider_that_is_busy_is_there) {
    fake_upstream upstream;
    upstream.always().answer_json(R"({"error":{"type":"requests"}})", 429);
    const gateway here(probe);
    ASSERT_EQ(here.post("/api/2.0/serving-endpoints", create_body(entity(upstream.base_url()))).status, 200);
    EXPECT_TRUE(update_becomes(here, "NOT_UPDATING"));
}

TEST(probe, a_provider_that_is_not_there_fails_the_update) {
    std::string base_url;
    {
        const fake_upstream gone;
        base_url = gone.base_url();
    }
    const gateway here(probe);
    ASSERT_EQ(here.post("/api/2.0/serving-endpoints", create_body(entity(base_url))).status, 200);
    ASSERT_TRUE(update_becomes(here, "UPDATE_FAILED"));
    EXPECT_NE(message_of(here).find("did not reach the provider 'openai'"), std::string::npos)
        << message_of(here);
}

TEST(probe, a_provider_that_says_nothing_fails_the_update_when_its_time_is_up) {
    fake_upstream upstream;
    upstream.always().stall();
    const gateway here([](proxy::settings& config) {
        config.probe_updates = true;
        config.timeouts.first_byte = std::chrono::milliseconds(50);
    });
    ASSERT_EQ(here.post("/api/2.0/serving-endpoints", create_body(entity(upstream.base_url()))).status, 200);
    EXPECT_TRUE(update_becomes(here, "UPDATE_FAILED"));
}

TEST(probe, the_old_config_serves_while_a_slow_probe_runs_and_after_it_is_cancelled) {
    fake_upstream old_one;
    old_one.always().answer_json(chat_answer("old"));
    fake_upstream slow;
    slow.always().hold().answer_json(chat_answer("new"));
    const gateway here(probe);
    ASSERT_EQ(here.post("/api/2.0/serving-endpoints", create_body(entity(old_one.base_url()))).status, 200);
    ASSERT_TRUE(update_becomes(here, "NOT_UPDATING"));
    here.update_endpoint("chat", {entity(slow.base_url(), "new")});
    ASSERT_TRUE(slow.wait_requests(1));
    EXPECT_EQ(update_of(here), "IN_PROGRESS");
    EXPECT_NE(here.post("/serving-endpoints/chat/invocations", chat_body("q")).body.find("old"),
              std::string::npos);
    EXPECT_EQ(here.post(chat_path + "/config:cancel", "").status, 200);
    EXPECT_EQ(update_of(here), "UPDATE_CANCELED");
    // The late result changes nothing: a second update goes its own way.
    fake_upstream third;
    third.always().hold().answer_json(chat_answer("third"));
    here.update_endpoint("chat", {entity(third.base_url(), "third")});
    ASSERT_TRUE(third.wait_requests(1));
    slow.release();
    EXPECT_EQ(update_of(here), "IN_PROGRESS");
    third.release();
    ASSERT_TRUE(update_becomes(here, "NOT_UPDATING"));
    EXPECT_EQ(at(here.get(chat_path).body, "/config/served_entities/0/name"), "third");
}

TEST(probe, an_update_that_a_stop_has_interrupted_is_probed_at_the_next_start) {
    fake_upstream upstream;
    upstream.when("").times(1).stall();
    const data_directory kept;
    const auto settings = [&kept](proxy::settings& config) {
        config.probe_updates = true;
        config.data_dir = kept.path();
    };
    {
        const gateway first(settings);
        ASSERT_EQ(first.post("/api/2.0/serving-endpoints", create_body(entity(upstream.base_url()))).status,
                  200);
        ASSERT_TRUE(upstream.wait_requests(1));
        EXPECT_EQ(update_of(first), "IN_PROGRESS");
    }
    upstream.always().answer_json(chat_answer("hi"));
    const gateway second(settings);
    EXPECT_TRUE(update_becomes(second, "NOT_UPDATING"));
    EXPECT_EQ(upstream.request_count(), 2U);
    EXPECT_EQ(second.post("/serving-endpoints/chat/invocations", chat_body("q")).status, 200);
}

} // namespace
} // namespace sluice::support::probe_test
