// An entity that cannot serve any more, because its secret has gone, beside one that can.
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sluice::support::broken_entity_test {
namespace {

using testing::HasSubstr;

class broken_entity : public testing::Test {
protected:
    broken_entity() {
        provider_.always().answer_json(chat_answer("hello"));
        EXPECT_EQ(proxy_.post("/api/2.0/secrets/scopes/create", R"({"scope":"s"})").status, 200);
        put_key();
    }
    void put_key() const {
        EXPECT_EQ(
            proxy_.post("/api/2.0/secrets/put", R"({"scope":"s","key":"k","string_value":"sk-key"})").status,
            200);
    }
    void delete_key() const {
        EXPECT_EQ(proxy_.post("/api/2.0/secrets/delete", R"({"scope":"s","key":"k"})").status, 200);
    }
    // One whose key is the secret.
    [[nodiscard]] std::string by_secret(std::string_view name) const {
        return R"({"name":")" + std::string(name) +
               R"(","external_model":{"name":"m","provider":"openai","task":"llm/v1/chat","openai_config":)" +
               R"({"openai_api_base":")" + provider_.base_url() +
               R"(","openai_api_key":"{{secrets/s/k}}"}}})";
    }
    [[nodiscard]] answer query(std::string_view served = "") const {
        std::string path = "/serving-endpoints/chat";
        if (!served.empty()) path += "/served-models/" + std::string(served);
        return proxy_.post(path + "/invocations", chat_body("hi"));
    }

    fake_upstream provider_;
    gateway proxy_;
};

TEST_F(broken_entity, leaves_its_traffic_to_the_others_until_its_secret_is_back) {
    proxy_.make_endpoint(
        "chat", {by_secret("one"), entity(provider_.base_url(), "two")}, split({{"one", 50}, {"two", 50}}));
    delete_key();
    for (int i = 0; i < 4; ++i) {
        const answer got = query();
        EXPECT_EQ(got.status, 200) << got.body;
        EXPECT_EQ(got.field("served-model-name"), "two");
    }
    const answer pinned = query("one");
    EXPECT_EQ(pinned.status, 400);
    EXPECT_THAT(pinned.body, HasSubstr("cannot serve"));
    EXPECT_EQ(query("two").status, 200);
    EXPECT_EQ(query("three").status, 404);
    put_key();
    EXPECT_EQ(query("one").status, 200);
}

TEST_F(broken_entity, that_has_all_the_traffic_leaves_the_others_to_their_own_paths) {
    proxy_.make_endpoint(
        "chat", {by_secret("one"), entity(provider_.base_url(), "two")}, split({{"one", 100}, {"two", 0}}));
    delete_key();
    const answer got = query();
    EXPECT_EQ(got.status, 400);
    EXPECT_THAT(got.body, HasSubstr("INVALID_PARAMETER_VALUE"));
    EXPECT_EQ(query("two").status, 200);
}

} // namespace
} // namespace sluice::support::broken_entity_test
