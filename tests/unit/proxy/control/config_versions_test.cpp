#include "proxy/control/config_versions.hpp"
#include "proxy/control/endpoint_input.hpp"
#include "tests/unit/proxy/control/store_support.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice::control::config_versions_test {

// Printed as "2 failed: no key", "+1 active".
void PrintTo(const version_change& one, std::ostream* to) {
    *to << (one.added ? "+" : "") << one.version << ' ' << to_string(one.outcome) << ' ' << one.message;
}

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using enum version_outcome;

MATCHER_P2(adds, version, outcome, "") {
    return arg.version == version && arg.outcome == outcome && arg.added && arg.added->version == version;
}
MATCHER_P2(becomes, version, outcome, "") {
    return arg.version == version && arg.outcome == outcome && !arg.added;
}

endpoint_record record(std::optional<int> active,
                       std::optional<int> pending = std::nullopt,
                       update_state update = update_state::in_progress) {
    endpoint_record out;
    if (active) {
        out.active.emplace();
        out.active->version = *active;
    }
    if (pending) {
        out.pending.emplace();
        out.pending->config.version = *pending;
        out.update = update;
    }
    return out;
}

TEST(version_changes, a_first_config_is_added_as_it_begins) {
    const endpoint_record empty = record({});
    const endpoint_record begun = record({}, 1);
    const endpoint_record at_once = record(1);
    EXPECT_THAT(version_changes(nullptr, empty), IsEmpty());
    EXPECT_THAT(version_changes(nullptr, begun), ElementsAre(adds(1, pending)));
    EXPECT_THAT(version_changes(&empty, begun), ElementsAre(adds(1, pending)));
    EXPECT_THAT(version_changes(nullptr, at_once), ElementsAre(adds(1, active)));
}

TEST(version_changes, an_update_that_ends_supersedes_the_one_before_it) {
    const endpoint_record first = record(1);
    const endpoint_record begun = record(1, 2);
    const endpoint_record second = record(2);
    EXPECT_THAT(version_changes(&first, begun), ElementsAre(adds(2, pending)));
    EXPECT_THAT(version_changes(&begun, second), ElementsAre(becomes(1, superseded), becomes(2, active)));
    EXPECT_THAT(version_changes(&first, second), ElementsAre(becomes(1, superseded), adds(2, active)));
}

TEST(version_changes, a_failed_or_cancelled_update_stays_what_it_is_when_the_next_one_begins) {
    const endpoint_record begun = record(1, 2);
    endpoint_record failed_one = record(1, 2, update_state::failed);
    if (std::optional<pending_config>& pending = failed_one.pending) pending->message = "no key";
    const auto changes = version_changes(&begun, failed_one);
    ASSERT_THAT(changes, ElementsAre(becomes(2, failed)));
    EXPECT_EQ(changes.front().message, "no key");
    const endpoint_record canceled_one = record(1, 2, update_state::canceled);
    EXPECT_THAT(version_changes(&begun, canceled_one), ElementsAre(becomes(2, canceled)));
    const endpoint_record next = record(1, 3);
    EXPECT_THAT(version_changes(&failed_one, next), ElementsAre(adds(3, pending)));
    EXPECT_THAT(version_changes(&canceled_one, next), ElementsAre(adds(3, pending)));
}

TEST(version_changes, an_update_that_is_overtaken_is_cancelled) {
    const endpoint_record begun = record(1, 2);
    const endpoint_record next = record(1, 3);
    const endpoint_record at_once = record(3);
    EXPECT_THAT(version_changes(&begun, next), ElementsAre(becomes(2, canceled), adds(3, pending)));
    EXPECT_THAT(version_changes(&begun, at_once),
                ElementsAre(becomes(1, superseded), becomes(2, canceled), adds(3, active)));
}

TEST(version_changes, what_is_not_the_config_changes_nothing) {
    const endpoint_record last = record(1, 2, update_state::failed);
    endpoint_record next = last;
    next.description = "other";
    EXPECT_THAT(version_changes(&last, next), IsEmpty());
}

// Parsed, made a body again and parsed again.
void expect_same_again(const std::string& text) {
    const result<config_input> first = parse_config(body(text), {});
    ASSERT_TRUE(succeeds(first)) << text;
    const result<config_input> again = parse_config(body_of(first->config), {});
    ASSERT_TRUE(succeeds(again)) << text;
    EXPECT_TRUE(again->config.same_as(first->config)) << text;
}

TEST(body_of, asks_for_the_same_config_again) {
    expect_same_again(R"({"served_entities":[{"name":"one","external_model":{"provider":"openai",)"
                      R"("name":"gpt-4","task":"llm/v1/chat","openai_config":{)"
                      R"("openai_api_key":"{{secrets/a/b}}","openai_organization":"o"}}}]})");
    expect_same_again(
        R"({"served_entities":[{"name":"one","external_model":{"provider":"anthropic","name":"claude",)"
        R"("task":"llm/v1/chat","anthropic_config":{"anthropic_api_key_plaintext":"sk-\"x\""}}},)"
        R"({"name":"two","external_model":{"provider":"cohere","name":"command","task":"llm/v1/chat",)"
        R"("cohere_config":{"cohere_api_key":"{{secrets/a/b}}"}}}],"traffic_config":{"routes":[)"
        R"({"served_model_name":"one","traffic_percentage":30},{"served_model_name":"two","traffic_percentage":70}]},)"
        R"("auto_capture_config":{"enabled":false,"catalog_name":"main"}})");
}

TEST(body_of, keeps_the_objects_inside_a_block) {
    for (const std::string_view secret : {R"("value_plaintext":"k")", R"("value":"{{secrets/a/b}}")"}) {
        expect_same_again(
            R"({"served_entities":[{"name":"one","external_model":{"provider":"custom","name":"m",)"
            R"("task":"llm/v1/chat","custom_provider_config":{"custom_provider_url":"https://x.example/v1",)"
            R"("api_key_auth":{"key":"X-Key",)" +
            std::string(secret) + "}}}}]}");
    }
}

} // namespace
} // namespace sluice::control::config_versions_test
