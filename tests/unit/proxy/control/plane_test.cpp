// The thread around the state: order of durability, publication and answer.
#include "proxy/control/plane.hpp"
#include "tests/unit/proxy/control/plane_fixture.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sluice::control::plane_tests {
namespace {

// Says "stored" at once, or when the test lets it.
class fake_publisher final : public model::publisher {
public:
    void publish(std::shared_ptr<const model::snapshot> next, std::function<void()> stored) override {
        std::unique_lock lock(mutex_);
        snapshots_.push_back(std::move(next));
        if (hold_) {
            held_.push_back(std::move(stored));
            changed_.notify_all();
            return;
        }
        changed_.notify_all();
        lock.unlock();
        stored();
    }

    void hold() {
        const std::lock_guard lock(mutex_);
        hold_ = true;
    }
    void wait_for_held() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !held_.empty(); });
    }
    void release() {
        std::deque<std::function<void()>> ready;
        {
            const std::lock_guard lock(mutex_);
            hold_ = false;
            ready.swap(held_);
        }
        for (auto& each : ready)
            each();
    }
    template <class Test>
    void wait_until(Test&& holds) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !snapshots_.empty() && holds(*snapshots_.back()); });
    }
    std::vector<std::shared_ptr<const model::snapshot>> snapshots() {
        const std::lock_guard lock(mutex_);
        return snapshots_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool hold_ = false;
    std::deque<std::function<void()>> held_;
    std::vector<std::shared_ptr<const model::snapshot>> snapshots_;
};

class running_plane : public testing::Test {
protected:
    running_plane() { settings_.data_dir = directory_.file("data"); }

    // As the built-in admin, the first user that there is.
    std::future<model::management_response>
    ask(std::string method, const std::string& path, std::string body = "") {
        return ask_as(std::make_shared<const model::principal>(caller("1001", "admin", true)),
                      std::move(method),
                      path,
                      std::move(body));
    }
    std::future<model::management_response> ask_as(std::shared_ptr<const model::principal> who,
                                                   std::string method,
                                                   const std::string& path,
                                                   std::string body = "") {
        auto answered = std::make_shared<std::promise<model::management_response>>();
        auto answer = answered->get_future();
        plane_->handle(
            make_request(std::move(method), path, std::move(body), std::move(who)),
            [answered](model::management_response response) { answered->set_value(std::move(response)); });
        return answer;
    }
    void start() {
        plane_ = std::make_unique<plane>(settings_, clock_, publisher_, policy_);
        const auto started = plane_->start();
        ASSERT_TRUE(started) << started.error().message;
    }

    temporary_directory directory_;
    proxy::settings settings_;
    system_clock clock_;
    fake_publisher publisher_;
    net::upstream_policy policy_{{}};
    std::unique_ptr<plane> plane_;
};

TEST_F(running_plane, the_first_snapshot_is_published_before_start_returns) {
    start();
    ASSERT_EQ(publisher_.snapshots().size(), 1U);
    EXPECT_FALSE(publisher_.snapshots()[0]->workspace_id.empty());
    EXPECT_EQ(publisher_.snapshots()[0]->tokens.size(), 1U);
}

TEST_F(running_plane, a_call_has_the_rights_of_now_not_of_when_its_head_came) {
    start();
    const std::string users = "/api/2.0/preview/scim/v2/Users";
    const std::string id = at(ask("POST", users, R"({"userName":"eve"})").get().body, "/id");
    const auto then = std::make_shared<const model::principal>(caller(id, "eve", true));
    EXPECT_EQ(ask_as(then, "POST", users, R"({"userName":"mallory"})").get().status, 403) << "no admin now";
    EXPECT_EQ(ask_as(then, "GET", users).get().status, 200);
    ASSERT_EQ(ask("DELETE", users + "/" + id).get().status, 200);
    EXPECT_EQ(ask_as(then, "GET", users).get().status, 401);
}

TEST_F(running_plane, the_admin_token_that_was_made_is_told_once) {
    start();
    EXPECT_FALSE(plane_->made_admin_token().empty());
    EXPECT_TRUE(plane_->made_admin_token().empty());
    plane_.reset();
    start();
    EXPECT_TRUE(plane_->made_admin_token().empty()) << "the second start keeps it";
}

TEST_F(running_plane, a_change_is_answered_only_after_every_shard_has_it) {
    start();
    publisher_.hold();
    auto made = ask("POST", "/api/2.0/serving-endpoints", R"({"name":"a"})");
    publisher_.wait_for_held();
    // A call that changes nothing passes by: when it is answered, the first would have been too, had it not
    // waited.
    EXPECT_EQ(ask("GET", "/api/2.0/serving-endpoints/a").get().status, 200);
    EXPECT_EQ(made.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
    publisher_.release();
    EXPECT_EQ(made.get().status, 200);
    EXPECT_NE(publisher_.snapshots().back()->endpoints.find("a"), nullptr);
}

TEST_F(running_plane, snapshots_have_rising_versions_and_share_what_did_not_change) {
    start();
    ask("POST", "/api/2.0/serving-endpoints", R"({"name":"a"})").get();
    ask("POST", "/api/2.0/serving-endpoints", R"({"name":"b"})").get();
    const auto all = publisher_.snapshots();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_LT(all[0]->version, all[1]->version);
    EXPECT_LT(all[1]->version, all[2]->version);
    EXPECT_EQ(*all[1]->endpoints.find("a"), *all[2]->endpoints.find("a"));
    EXPECT_EQ(all[1]->endpoints.find("b"), nullptr) << "an old snapshot does not change";
}

TEST_F(running_plane, a_call_that_changes_nothing_publishes_nothing) {
    start();
    EXPECT_EQ(ask("GET", "/api/2.0/serving-endpoints").get().status, 200);
    EXPECT_EQ(ask("POST", "/api/2.0/serving-endpoints", "{}").get().status, 400);
    EXPECT_EQ(publisher_.snapshots().size(), 1U);
}

TEST_F(running_plane, stop_answers_what_was_asked_and_refuses_the_rest) {
    start();
    publisher_.hold();
    auto made = ask("POST", "/api/2.0/serving-endpoints", R"({"name":"a"})");
    publisher_.wait_for_held();
    std::thread stopping([this] { plane_->stop(); });
    publisher_.release();
    stopping.join();
    EXPECT_EQ(made.get().status, 200);
    const auto late = ask("GET", "/api/2.0/serving-endpoints").get();
    EXPECT_EQ(late.status, 503);
    EXPECT_EQ(at(late.body, "/error_code"), "TEMPORARILY_UNAVAILABLE");
    EXPECT_GT(late.retry_after_seconds, 0);
    plane_->stop();
}

TEST_F(running_plane, calls_before_start_are_503) {
    plane_ = std::make_unique<plane>(settings_, clock_, publisher_, policy_);
    EXPECT_EQ(ask("GET", "/api/2.0/serving-endpoints").get().status, 503);
}

TEST_F(running_plane, an_update_ends_by_itself_when_its_time_has_come) {
    settings_.update_delay = milliseconds(20);
    start();
    const auto made = ask("POST",
                          "/api/2.0/serving-endpoints",
                          endpoint_body("chat", entity("one", R"({"openai_api_key_plaintext":"k"})")))
                          .get();
    EXPECT_EQ(at(made.body, "/state/config_update"), "IN_PROGRESS");
    publisher_.wait_until([](const model::snapshot& latest) {
        const auto* found = latest.endpoints.find("chat");
        return found && (*found)->state == model::serving::ready;
    });
}

TEST_F(running_plane, calls_from_many_threads_are_all_answered) {
    start();
    std::vector<std::thread> threads;
    threads.reserve(64);
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([this, t] {
            for (int i = 0; i < 10; ++i) {
                const std::string name = "e" + std::to_string(t) + "-" + std::to_string(i);
                EXPECT_EQ(
                    ask("POST", "/api/2.0/serving-endpoints", R"({"name":")" + name + R"("})").get().status,
                    200);
            }
        });
    }
    for (std::thread& each : threads)
        each.join();
    EXPECT_EQ(publisher_.snapshots().back()->endpoints.size(), 40U);
}

TEST_F(running_plane, a_start_on_an_unusable_directory_fails_with_a_reason) {
    write_all(directory_.file("data"), "a file");
    plane_ = std::make_unique<plane>(settings_, clock_, publisher_, policy_);
    const auto started = plane_->start();
    ASSERT_FALSE(started);
    EXPECT_FALSE(started.error().message.empty());
}

// A full disk shows at the commit, when the change is in memory already.
TEST_F(running_plane, a_change_that_was_not_stored_is_not_published_and_management_goes_on) {
    start();
    ASSERT_EQ(ask("POST", "/api/2.0/serving-endpoints", R"({"name":"kept"})").get().status, 200);
    {
        const file_size_limit no_more(0);
        EXPECT_EQ(ask("POST", "/api/2.0/serving-endpoints", R"({"name":"lost"})").get().status, 500);
    }
    EXPECT_EQ(ask("GET", "/api/2.0/serving-endpoints/lost").get().status, 404);
    EXPECT_EQ(ask("GET", "/api/2.0/serving-endpoints/kept").get().status, 200);
    ASSERT_EQ(ask("POST", "/api/2.0/serving-endpoints", R"({"name":"next"})").get().status, 200);
    for (const auto& snapshot : publisher_.snapshots())
        EXPECT_EQ(snapshot->endpoints.find("lost"), nullptr);
    EXPECT_NE(publisher_.snapshots().back()->endpoints.find("kept"), nullptr);
    EXPECT_NE(publisher_.snapshots().back()->endpoints.find("next"), nullptr);
}

} // namespace
} // namespace sluice::control::plane_tests
