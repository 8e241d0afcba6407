// Config updates that wait for their providers, and the state machine of api.md §8.2 row by row.
#include "tests/unit/proxy/control/plane_fixture.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sluice::control::plane_probes_test {
namespace {

constexpr std::string_view cancel_path = "/api/2.0/serving-endpoints/chat/config:cancel";

// Keeps the probes until the test answers them.
class fake_prober final : public model::prober {
public:
    struct asked {
        std::shared_ptr<const providers::target> to;
        std::function<void(result<void>)> done;
    };
    void probe(std::shared_ptr<const providers::target> to, std::function<void(result<void>)> done) override {
        probes.push_back({std::move(to), std::move(done)});
    }
    std::vector<asked> probes;
};

class probed_updates : public plane_test {
protected:
    void SetUp() override {
        settings_.probe_updates = true;
        open_with_secret();
        probe();
    }
    void probe() {
        state_->start_probing(prober_, [this](const probe_report& report) { state_->probed(report); });
    }
    void answer(std::size_t index, result<void> outcome = {}) {
        ASSERT_LT(index, prober_.probes.size());
        prober_.probes[index].done(std::move(outcome));
    }
    void make_ready() {
        create(endpoint_body("chat", entity("one")));
        answer(prober_.probes.size() - 1);
        ASSERT_EQ(state_of("chat"), ready);
        prober_.probes.clear();
    }
    std::string state_of(const std::string& name) { return at(get(name).body, "/state"); }
    std::string shown(std::string_view pointer) { return at(get("chat").body, pointer); }
    void expect_pending(std::string_view version, std::string_view deployment) {
        EXPECT_EQ(shown("/pending_config/config_version"), version);
        EXPECT_EQ(shown("/pending_config/served_entities/0/state/deployment"), deployment);
    }

    static result<void> refused() {
        return fail(errc::bad_upstream, "The provider 'openai' answered the probe with 401.");
    }

    const std::string ready = R"({"ready":"READY","config_update":"NOT_UPDATING"})";
    fake_prober prober_;
};

TEST_F(probed_updates, row_create_with_config_is_in_progress_and_then_ready) {
    const auto made = create(endpoint_body("chat", entity("one")));
    EXPECT_EQ(at(made.body, "/state"), R"({"ready":"NOT_READY","config_update":"IN_PROGRESS"})");
    EXPECT_EQ(at(made.body, "/config"), "(none)");
    expect_pending("1", "DEPLOYMENT_CREATING");
    EXPECT_EQ(shown("/pending_config/start_time"), "1700000000000");
    EXPECT_EQ(published("chat")->state, model::serving::starting);
    ASSERT_EQ(prober_.probes.size(), 1U);
    EXPECT_EQ(prober_.probes[0].to->model, "gpt-4");
    EXPECT_NE(prober_.probes[0].to->head.reveal().find("sk-first-key"), std::string::npos);
    answer(0);
    EXPECT_EQ(state_of("chat"), ready);
    EXPECT_EQ(shown("/config/config_version"), "1");
    EXPECT_EQ(shown("/pending_config"), "(none)");
    EXPECT_EQ(published("chat")->state, model::serving::ready);
}

TEST_F(probed_updates, row_create_that_fails_is_not_ready_and_shows_why) {
    create(endpoint_body("chat", entity("one")));
    answer(0, refused());
    EXPECT_EQ(state_of("chat"), R"({"ready":"NOT_READY","config_update":"UPDATE_FAILED"})");
    EXPECT_EQ(shown("/config"), "(none)");
    expect_pending("1", "DEPLOYMENT_FAILED");
    EXPECT_EQ(shown("/pending_config/served_entities/0/state/deployment_state_message"),
              "Served entity 'one': The provider 'openai' answered the probe with 401.");
    EXPECT_EQ(published("chat")->state, model::serving::absent) << "400, not 503: nothing is coming";
    restart();
    EXPECT_EQ(state_of("chat"), R"({"ready":"NOT_READY","config_update":"UPDATE_FAILED"})");
}

TEST_F(probed_updates, row_create_without_config_waits_for_nothing) {
    create(R"({"name":"chat"})");
    EXPECT_EQ(state_of("chat"), R"({"ready":"NOT_READY","config_update":"NOT_UPDATING"})");
    EXPECT_EQ(shown("/config"), "(none)");
    EXPECT_EQ(shown("/pending_config"), "(none)");
    EXPECT_TRUE(prober_.probes.empty());
    EXPECT_EQ(published("chat")->state, model::serving::absent);
}

TEST_F(probed_updates, row_update_is_in_progress_while_the_old_config_serves_and_then_ready) {
    make_ready();
    const auto answered = put_config("chat", config_of(entity("two")));
    EXPECT_EQ(at(answered.body, "/state"), R"({"ready":"READY","config_update":"IN_PROGRESS"})");
    EXPECT_EQ(at(answered.body, "/config/served_entities/0/name"), "one");
    expect_pending("2", "DEPLOYMENT_CREATING");
    EXPECT_EQ(published("chat")->entities.at(0)->name, "one");
    answer(0);
    EXPECT_EQ(state_of("chat"), ready);
    EXPECT_EQ(shown("/config/config_version"), "2");
    EXPECT_EQ(published("chat")->entities.at(0)->name, "two");
}

TEST_F(probed_updates, row_update_that_fails_leaves_the_old_config_serving) {
    make_ready();
    put_config("chat", config_of(entity("two")));
    answer(0, refused());
    EXPECT_EQ(state_of("chat"), R"({"ready":"READY","config_update":"UPDATE_FAILED"})");
    EXPECT_EQ(shown("/config/config_version"), "1");
    expect_pending("2", "DEPLOYMENT_FAILED");
    EXPECT_EQ(published("chat")->entities.at(0)->name, "one");
}

TEST_F(probed_updates, row_update_that_is_cancelled_leaves_the_old_config_serving) {
    make_ready();
    put_config("chat", config_of(entity("two")));
    const auto canceled = call("POST", std::string(cancel_path));
    EXPECT_EQ(at(canceled.body, "/state"), R"({"ready":"READY","config_update":"UPDATE_CANCELED"})");
    expect_pending("2", "DEPLOYMENT_ABORTED");
    answer(0);
    EXPECT_EQ(state_of("chat"), R"({"ready":"READY","config_update":"UPDATE_CANCELED"})")
        << "a result that comes later";
    EXPECT_EQ(published("chat")->entities.at(0)->name, "one");
    EXPECT_EQ(call("POST", std::string(cancel_path)).status, 409);
}

TEST_F(probed_updates, row_a_second_update_conflicts) {
    make_ready();
    put_config("chat", config_of(entity("two")));
    const auto conflict = put_config("chat", config_of(entity("three")));
    EXPECT_EQ(conflict.status, 409);
    EXPECT_EQ(at(conflict.body, "/error_code"), "RESOURCE_CONFLICT");
    EXPECT_EQ(prober_.probes.size(), 1U);
}

TEST_F(probed_updates, row_the_next_update_after_a_failed_or_cancelled_one_has_a_number_of_its_own) {
    make_ready();
    put_config("chat", config_of(entity("two")));
    answer(0, refused());
    put_config("chat", config_of(entity("three")));
    EXPECT_EQ(state_of("chat"), R"({"ready":"READY","config_update":"IN_PROGRESS"})");
    expect_pending("3", "DEPLOYMENT_CREATING");
    call("POST", std::string(cancel_path));
    put_config("chat", config_of(entity("four")));
    answer(1);
    EXPECT_EQ(shown("/state/config_update"), "IN_PROGRESS") << "the cancelled update's result";
    answer(2);
    EXPECT_EQ(shown("/config/config_version"), "4");
    EXPECT_EQ(shown("/config/served_entities/0/name"), "four");
}

TEST_F(probed_updates, row_other_changes_neither_wait_nor_make_a_version) {
    make_ready();
    put_config("chat", config_of(entity("two")));
    const std::string path = "/api/2.0/serving-endpoints/chat";
    EXPECT_EQ(call("PATCH", path + "/tags", R"({"add_tags":[{"key":"k"}]})").status, 200);
    EXPECT_EQ(call("PUT", path + "/ai-gateway", R"({"usage_tracking_config":{"enabled":true}})").status, 200);
    EXPECT_EQ(call("PATCH", path + "/notifications", "{}").status, 200);
    EXPECT_EQ(call("PUT", path + "/rate-limits", "{}").status, 200);
    EXPECT_EQ(shown("/state/config_update"), "IN_PROGRESS");
    EXPECT_EQ(prober_.probes.size(), 1U);
    answer(0);
    EXPECT_EQ(shown("/config/config_version"), "2");
    EXPECT_EQ(shown("/tags/0/key"), "k");
}

TEST_F(probed_updates, only_entities_that_do_not_serve_already_are_probed) {
    make_ready();
    const std::string traffic =
        R"(,"traffic_config":{"routes":[{"served_model_name":"one","traffic_percentage":50},)"
        R"({"served_model_name":"two","traffic_percentage":50}]})";
    put_config("chat", config_of(entity("one") + "," + entity("two"), traffic));
    EXPECT_EQ(prober_.probes.size(), 1U);
    answer(0);
    EXPECT_EQ(state_of("chat"), ready);
    const std::string shifted =
        R"(,"traffic_config":{"routes":[{"served_model_name":"one","traffic_percentage":10},)"
        R"({"served_model_name":"two","traffic_percentage":90}]})";
    const auto at_once = put_config("chat", config_of(entity("one") + "," + entity("two"), shifted));
    EXPECT_EQ(at(at_once.body, "/state"), ready) << "nothing new to probe";
    EXPECT_EQ(prober_.probes.size(), 1U);
}

TEST_F(probed_updates, every_changed_entity_has_to_answer) {
    const std::string traffic =
        R"(,"traffic_config":{"routes":[{"served_model_name":"one","traffic_percentage":100}]})";
    create(R"({"name":"chat","config":)" + config_of(entity("one") + "," + entity("two"), traffic) + "}");
    ASSERT_EQ(prober_.probes.size(), 2U);
    answer(1);
    EXPECT_EQ(shown("/state/config_update"), "IN_PROGRESS");
    answer(0, refused());
    EXPECT_EQ(shown("/state/config_update"), "UPDATE_FAILED");
    EXPECT_EQ(shown("/pending_config/served_entities/1/state/deployment_state_message"),
              "Served entity 'one': The provider 'openai' answered the probe with 401.");
}

TEST_F(probed_updates, a_result_for_an_endpoint_that_was_deleted_and_made_again_is_ignored) {
    create(endpoint_body("chat", entity("one")));
    EXPECT_EQ(call("DELETE", "/api/2.0/serving-endpoints/chat").status, 200);
    answer(0);
    EXPECT_EQ(get("chat").status, 404);
    create(endpoint_body("chat", entity("one")));
    answer(0, refused());
    EXPECT_EQ(shown("/state/config_update"), "IN_PROGRESS");
    answer(1);
    EXPECT_EQ(state_of("chat"), ready);
}

TEST_F(probed_updates, an_update_is_probed_anew_after_a_restart) {
    make_ready();
    put_config("chat", config_of(entity("two")));
    const auto before = prober_.probes.at(0).done;
    restart();
    EXPECT_EQ(shown("/state/config_update"), "IN_PROGRESS");
    EXPECT_EQ(published("chat")->entities.at(0)->name, "one") << "the old config serves";
    probe();
    ASSERT_EQ(prober_.probes.size(), 2U);
    before({});
    EXPECT_EQ(shown("/state/config_update"), "IN_PROGRESS") << "the probe from before the restart";
    answer(1, refused());
    EXPECT_EQ(shown("/state/config_update"), "UPDATE_FAILED");
}

TEST_F(probed_updates, an_update_whose_secret_went_while_the_gateway_was_down_fails) {
    make_secret("other", "key", "sk-other");
    make_ready();
    put_config("chat", config_of(entity("two", R"({"openai_api_key":"{{secrets/other/key}}"})")));
    state_.reset();
    settings_.probe_updates = false; // so that nothing is in the way of the delete
    settings_.update_delay = milliseconds(500);
    open();
    call("POST", "/api/2.0/secrets/delete", R"({"scope":"other","key":"key"})");
    settings_.probe_updates = true;
    settings_.update_delay = milliseconds(0);
    restart();
    probe();
    EXPECT_EQ(shown("/state/config_update"), "UPDATE_FAILED");
    EXPECT_NE(shown("/pending_config/served_entities/0/state/deployment_state_message").find("other"),
              std::string::npos);
    EXPECT_EQ(published("chat")->entities.at(0)->name, "one");
}

TEST_F(probed_updates, a_probe_that_ends_because_the_gateway_does_leaves_the_update_in_progress) {
    create(endpoint_body("chat", entity("one")));
    answer(0, fail(errc::cancelled, "the gateway is ending"));
    EXPECT_EQ(shown("/state/config_update"), "IN_PROGRESS");
    restart();
    probe();
    answer(1);
    EXPECT_EQ(state_of("chat"), ready);
}

TEST_F(probed_updates, the_delay_and_the_probe_both_have_to_pass) {
    settings_.update_delay = milliseconds(500);
    restart();
    probe();
    create(endpoint_body("chat", entity("one")));
    answer(0);
    EXPECT_EQ(shown("/state/config_update"), "IN_PROGRESS") << "the delay has not passed";
    clock_.passed += milliseconds(500);
    EXPECT_EQ(state_of("chat"), ready);
    put_config("chat", config_of(entity("two")));
    clock_.passed += milliseconds(500);
    EXPECT_EQ(shown("/state/config_update"), "IN_PROGRESS") << "the probe has not answered";
    EXPECT_FALSE(state_->next_due()) << "no timer runs for it";
    answer(1);
    EXPECT_EQ(shown("/config/served_entities/0/name"), "two");
}

TEST_F(probed_updates, what_is_refused_at_once_is_not_probed) {
    EXPECT_EQ(
        create(endpoint_body("chat", entity("one", R"({"openai_api_key":"{{secrets/no/no}}"})"))).status,
        400);
    EXPECT_TRUE(prober_.probes.empty());
}

TEST_F(probed_updates, entries_of_the_config_file_are_probed_too) {
    settings_.endpoints.push_back(boost::json::parse(
        endpoint_body("chat", entity("one", R"({"openai_api_key_plaintext":"sk-file"})"))));
    restart();
    EXPECT_EQ(shown("/state/config_update"), "IN_PROGRESS");
    probe();
    answer(0);
    EXPECT_EQ(state_of("chat"), ready);
}

TEST_F(probed_updates, without_the_setting_nothing_is_probed) {
    settings_.probe_updates = false;
    restart();
    probe();
    EXPECT_EQ(at(create(endpoint_body("chat", entity("one"))).body, "/state"), ready);
    EXPECT_TRUE(prober_.probes.empty());
}

} // namespace
} // namespace sluice::control::plane_probes_test
