// What control tells the metrics history, and what it asks.
#include "tests/unit/proxy/control/plane_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sluice::control::plane_history_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class noted_history final : public model::metrics_history {
public:
    result<void> open() override {
        ++opened;
        return {};
    }
    void follow(std::string_view endpoint_id, std::vector<model::followed_entity> entities) override {
        followed[std::string(endpoint_id)] = std::move(entities);
    }
    void endpoint_deleted(std::string_view endpoint_id) override { deleted.emplace_back(endpoint_id); }
    void only_these_are_left(std::vector<std::string> endpoint_ids) override {
        left = std::move(endpoint_ids);
    }
    result<model::metrics_answer> read(const model::metrics_query& wanted) override {
        asked = wanted;
        if (failure != errc::cancelled) return fail(failure, "no");
        model::metrics_answer out;
        out.total.points.resize(static_cast<std::size_t>((wanted.end - wanted.start) / wanted.step) + 1);
        return out;
    }

    int opened = 0;
    std::map<std::string, std::vector<model::followed_entity>> followed;
    std::vector<std::string> deleted;
    std::vector<std::string> left;
    model::metrics_query asked;
    errc failure = errc::cancelled; // that: none
};

class history_calls : public plane_test {
protected:
    void SetUp() override {
        reopen();
        make_secret("my_scope", "my_openai_api_key", "sk-first-key");
        ASSERT_EQ(create(endpoint_body("chat", entity("one"))).status, 200);
        id_ = at(get("chat").body, "/id");
    }
    void reopen() {
        state_.reset();
        auto opened = plane_state::open(settings_, clock_, policy_, nullptr, &history_);
        ASSERT_TRUE(opened) << opened.error().message;
        state_ = std::move(*opened);
    }
    std::vector<std::string> followed() {
        std::vector<std::string> out;
        for (const model::followed_entity& one : history_.followed[id_])
            out.push_back(one.name);
        return out;
    }
    model::management_response history(const std::string& query = "",
                                       std::shared_ptr<const model::principal> who = admin_user()) {
        return call(
            "GET", "/api/2.0/sluice/serving-endpoints/chat/metrics-history" + query, "", std::move(who));
    }

    noted_history history_;
    std::string id_;
};

TEST_F(history_calls, the_history_follows_what_queries_count_on) {
    EXPECT_EQ(history_.opened, 1);
    EXPECT_THAT(followed(), ElementsAre("", "one"));
    const auto endpoint = published("chat");
    EXPECT_EQ(history_.followed[id_][0].stats, endpoint->refused);
    EXPECT_EQ(history_.followed[id_][1].stats, endpoint->entities.front()->stats);
    ASSERT_EQ(put_config("chat", config_of(entity("two"))).status, 200);
    EXPECT_THAT(followed(), ElementsAre("", "two"));
}

TEST_F(history_calls, the_history_is_told_what_is_there_at_the_start_and_what_is_deleted) {
    EXPECT_THAT(history_.left, IsEmpty());
    history_.followed.clear();
    reopen();
    EXPECT_THAT(history_.left, ElementsAre(id_));
    EXPECT_THAT(followed(), ElementsAre("", "one"));
    ASSERT_EQ(call("DELETE", "/api/2.0/serving-endpoints/chat").status, 200);
    EXPECT_THAT(history_.deleted, ElementsAre(id_));
}

TEST_F(history_calls, who_may_view_the_endpoint_may_ask) {
    clock_.passed = milliseconds(3'600'000);
    const auto answer = history();
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(at(answer.body, "/step_seconds"), "60");
    EXPECT_EQ(at(answer.body, "/total/latency_p50_ms/0"), "null");
    EXPECT_EQ(history_.asked.endpoint_id, id_);
    EXPECT_THAT(history_.asked.entities, ElementsAre("one"));
    const auto who = make_user("viewer@example.com");
    EXPECT_EQ(history("", who).status, 403);
    ASSERT_EQ(grant("chat", R"("user_name":"viewer@example.com")", "CAN_VIEW").status, 200);
    EXPECT_EQ(history("", who).status, 200);
    EXPECT_EQ(call("GET", "/api/2.0/sluice/serving-endpoints/none/metrics-history").status, 404);
}

TEST_F(history_calls, bad_parameters_and_slow_queries_are_400) {
    EXPECT_EQ(history("?step_seconds=61").status, 400);
    history_.failure = errc::deadline_exceeded;
    EXPECT_EQ(history().status, 400);
    history_.failure = errc::internal_error;
    EXPECT_EQ(history().status, 500);
}

TEST_F(history_calls, without_a_history_the_call_is_not_there) {
    restart();
    EXPECT_EQ(history().status, 501);
}

} // namespace
} // namespace sluice::control::plane_history_test
