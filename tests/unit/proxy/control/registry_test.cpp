#include "proxy/control/registry.hpp"
#include "tests/unit/proxy/control/plane_fixture.hpp"

#include <gtest/gtest.h>

namespace sluice::control::registry_test {
namespace {

create_input parsed(std::string_view text) {
    const auto input = parse_create(body(text), {});
    EXPECT_TRUE(input) << input.error().message;
    return *input;
}

config_input parsed_config(std::string_view text) {
    const auto input = parse_config(body(text), {});
    EXPECT_TRUE(input) << input.error().message;
    return *input;
}

struct registry_test : testing::Test {
    endpoint_record created(std::string_view name) {
        auto made =
            endpoints.create(parsed(endpoint_body(name, entity("one"))), caller("1001", "alice"), "id-1");
        EXPECT_TRUE(made);
        return *made;
    }
    endpoint_record ready(std::string_view name) {
        endpoints.put(registry::finished(created(name), {}));
        return *endpoints.find(name);
    }

    moving_clock time;
    registry endpoints{time, milliseconds(500)};
};

TEST_F(registry_test, a_new_config_is_pending_as_version_one_until_it_is_finished) {
    const endpoint_record made = created("chat");
    EXPECT_EQ(made.update, update_state::in_progress);
    EXPECT_FALSE(made.active);
    ASSERT_TRUE(made.pending);
    EXPECT_EQ(made.pending->config.version, 1);
    const endpoint_record done = registry::finished(made, {});
    EXPECT_EQ(done.update, update_state::not_updating);
    EXPECT_FALSE(done.pending);
    ASSERT_TRUE(done.active);
    EXPECT_EQ(done.active->version, 1);
}

TEST_F(registry_test, an_endpoint_without_config_waits_for_nothing) {
    const auto made = endpoints.create(parsed(R"({"name":"empty"})"), caller("1001", "alice"), "id");
    ASSERT_TRUE(made);
    EXPECT_EQ(made->update, update_state::not_updating);
    EXPECT_FALSE(made->active || made->pending);
}

TEST_F(registry_test, an_entity_keeps_its_id_as_long_as_nothing_of_it_changes) {
    const endpoint_record first = ready("chat");
    const std::string id = first.active->entities.front().id;
    EXPECT_EQ(id.size(), 32U);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);

    const auto kept = endpoints.update(first, parsed_config(config_of(entity("one"))), "bob");
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->pending->config.entities.front().id, id);

    const auto renewed = endpoints.update(
        first, parsed_config(config_of(entity("one", R"({"openai_api_key":"{{secrets/s/other}}"})"))), "bob");
    ASSERT_TRUE(renewed);
    EXPECT_NE(renewed->pending->config.entities.front().id, id);
}

TEST_F(registry_test, a_failed_update_keeps_the_old_config_and_shows_why) {
    const auto next = endpoints.update(ready("chat"), parsed_config(config_of(entity("two"))), "alice");
    ASSERT_TRUE(next);
    const endpoint_record failed = registry::finished(*next, fail(errc::internal_error, "no key"));
    EXPECT_EQ(failed.update, update_state::failed);
    EXPECT_EQ(failed.active->entities.front().name, "one");
    EXPECT_EQ(failed.pending->config.version, 2);
    EXPECT_EQ(failed.pending->message, "no key");
    const auto again = endpoints.update(failed, parsed_config(config_of(entity("three"))), "alice");
    ASSERT_TRUE(again);
    EXPECT_EQ(again->pending->config.version, 3) << "the failed one keeps its number";
    EXPECT_EQ(registry::finished(*again, {}).active->entities.front().name, "three");
}

TEST_F(registry_test, a_second_update_conflicts_until_the_first_is_cancelled) {
    const auto next = endpoints.update(ready("chat"), parsed_config(config_of(entity("two"))), "alice");
    ASSERT_TRUE(next);
    EXPECT_TRUE(fails_with(endpoints.update(*next, parsed_config(config_of(entity("x"))), "a"),
                           errc::resource_conflict));
    const auto canceled = endpoints.canceled(*next);
    ASSERT_TRUE(canceled);
    EXPECT_EQ(canceled->update, update_state::canceled);
    EXPECT_EQ(canceled->active->entities.front().name, "one");
    EXPECT_TRUE(fails_with(endpoints.canceled(*canceled), errc::resource_conflict));
    EXPECT_TRUE(succeeds(endpoints.update(*canceled, parsed_config(config_of(entity("x"))), "a")));
}

TEST_F(registry_test, unchanged_entities_keep_their_creator_and_time) {
    const endpoint_record first = ready("chat");
    time.passed += milliseconds(1000);
    const std::string traffic =
        R"(,"traffic_config":{"routes":[{"served_model_name":"one","traffic_percentage":50},)"
        R"({"served_model_name":"two","traffic_percentage":50}]})";
    const auto next = endpoints.update(
        first, parsed_config(config_of(entity("one") + "," + entity("two"), traffic)), "bob");
    ASSERT_TRUE(next);
    const auto& entities = next->pending->config.entities;
    EXPECT_EQ(entities[0].creator, "alice");
    EXPECT_EQ(entities[0].created_ms, first.created_ms);
    EXPECT_EQ(entities[1].creator, "bob");
    EXPECT_EQ(entities[1].created_ms, first.created_ms + 1000);
    EXPECT_EQ(next->creator, "alice");
}

TEST_F(registry_test, a_changed_key_makes_an_entity_a_new_one) {
    auto made =
        endpoints.create(parsed(endpoint_body("k", entity("one", R"({"openai_api_key_plaintext":"a"})"))),
                         caller("1001", "alice"),
                         "id");
    ASSERT_TRUE(made);
    const endpoint_record first = registry::finished(*made, {});
    const auto same = endpoints.update(
        first, parsed_config(config_of(entity("one", R"({"openai_api_key_plaintext":"a"})"))), "bob");
    const auto other = endpoints.update(
        first, parsed_config(config_of(entity("one", R"({"openai_api_key_plaintext":"b"})"))), "bob");
    ASSERT_TRUE(same && other);
    EXPECT_EQ(same->pending->config.entities.front().creator, "alice");
    EXPECT_EQ(other->pending->config.entities.front().creator, "bob");
}

TEST_F(registry_test, an_endpoint_with_external_models_cannot_lose_them_and_one_without_config_may_take_any) {
    const auto registered =
        parsed_config(R"({"served_entities":[{"entity_name":"m","entity_version":"1"}]})");
    EXPECT_TRUE(fails_with(endpoints.update(ready("chat"), registered, "a"), errc::invalid_parameter_value));
    const auto empty = endpoints.create(parsed(R"({"name":"empty"})"), caller("1001", "alice"), "id");
    ASSERT_TRUE(empty);
    EXPECT_TRUE(fails_with(endpoints.update(*empty, registered, "a"), errc::not_implemented));
}

TEST_F(registry_test, a_taken_name_is_refused) {
    (void)ready("chat");
    EXPECT_TRUE(fails_with(endpoints.create(parsed(R"({"name":"chat"})"), caller("1001", "alice"), "id"),
                           errc::resource_already_exists));
}

TEST_F(registry_test, an_update_is_due_after_the_delay_and_only_once) {
    endpoints.put(created("chat"));
    EXPECT_TRUE(endpoints.due().empty());
    EXPECT_EQ(endpoints.next_due(), time.now() + milliseconds(500));
    // A change of something else does not put the end of the update off.
    time.passed += milliseconds(400);
    endpoints.put(endpoints.with_limits(*endpoints.find("chat"), {}));
    time.passed += milliseconds(100);
    EXPECT_EQ(endpoints.due(), std::vector<std::string>{"chat"});
    endpoints.put(registry::finished(*endpoints.find("chat"), {}));
    EXPECT_TRUE(endpoints.due().empty());
    EXPECT_FALSE(endpoints.next_due());
}

TEST_F(registry_test, a_suspended_update_is_due_only_when_it_is_resumed) {
    endpoints.put(created("chat"));
    endpoints.resume("chat");
    EXPECT_TRUE(endpoints.due().empty()) << "its time has not come";
    time.passed += milliseconds(500);
    endpoints.suspend("chat");
    EXPECT_TRUE(endpoints.due().empty());
    EXPECT_FALSE(endpoints.next_due());
    // A change of something else does not wake it.
    endpoints.put(endpoints.with_limits(*endpoints.find("chat"), {}));
    EXPECT_FALSE(endpoints.next_due());
    endpoints.resume("chat");
    EXPECT_EQ(endpoints.due(), std::vector<std::string>{"chat"});
    endpoints.put(registry::finished(*endpoints.find("chat"), {}));
    endpoints.suspend("chat");
    endpoints.resume("chat");
    EXPECT_FALSE(endpoints.next_due());
}

TEST_F(registry_test, tags_are_deleted_first_and_then_added_or_overwritten) {
    endpoint_record record = ready("chat");
    record.tags = {{"a", "1"}, {"b", "2"}};
    const tags_input input{{"a", "unknown"}, {{"b", "3"}, {"a", std::nullopt}}};
    const std::vector<tag> expected{{"b", "3"}, {"a", std::nullopt}};
    EXPECT_EQ(endpoints.with_tags(record, input).tags, expected);
}

} // namespace
} // namespace sluice::control::registry_test
