#include "providers/entra.hpp"
#include "tests/golden/golden_support.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sluice::providers::entra_test {
namespace {

constexpr std::string_view tenant = "11111111-2222-3333-4444-555555555555";
constexpr std::string_view client = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";

auto source(std::string_view base = "", std::string_view secret = "entra-test-secret") {
    return make_entra_source(base, tenant, client, secret_string(secret)).value();
}

TEST(entra, the_exchange_is_the_golden_one) {
    const auto golden = golden::bj::parse(golden::read_file("openai-azure/chat-azuread-token.upstream.json"));
    const auto from = source();
    const auto exchange = from->begin();
    const auto next = exchange->next(0);
    ASSERT_TRUE(next);
    const std::optional<credential_request>& request = *next;
    ASSERT_TRUE(request);
    EXPECT_EQ(request->body.reveal(), golden::text_of(golden.at("request").at("body")));
    const std::string_view head = request->head.reveal();
    const std::string_view path = head.substr(5, head.find(' ', 5) - 5);
    EXPECT_EQ(std::string("https://").append(request->to.host).append(path),
              golden::text_of(golden.at("request").at("url")));
    EXPECT_FALSE(request->is_metadata);
    const padded answer(golden::bj::serialize(golden.at("response").at("body")));
    ASSERT_TRUE(exchange->read(answer.view(), 1'000'000));
    const auto end = exchange->next(0);
    ASSERT_TRUE(end);
    EXPECT_FALSE(*end);
    const credential got = exchange->take();
    EXPECT_EQ(got.token.reveal(), "entra-test-token");
    EXPECT_EQ(got.expires, 1'000'000 + 3599 * 1000);
}

TEST(entra, the_operators_base_replaces_the_public_one) {
    const auto from = source("http://127.0.0.1:81/login/");
    const auto exchange = from->begin();
    const auto next = exchange->next(0);
    const std::optional<credential_request>& request = next.value();
    ASSERT_TRUE(request);
    EXPECT_EQ(request->to, (origin{false, "127.0.0.1", 81}));
    EXPECT_TRUE(request->head.reveal().starts_with("POST /login/11111111-"));
    EXPECT_FALSE(make_entra_source("ftp://x", tenant, client, secret_string("s")));
}

TEST(entra, sources_are_known_by_all_that_they_are_made_of) {
    EXPECT_EQ(source()->id(), source()->id());
    EXPECT_NE(source()->id(), source("", "other")->id());
    EXPECT_NE(source()->id(), source("https://other")->id());
    EXPECT_EQ(source()->id().find("secret"), std::string::npos);
}

TEST(entra, an_answer_without_a_token_is_an_error) {
    const auto from = source();
    const auto exchange = from->begin();
    ASSERT_TRUE(exchange->next(0));
    const padded answer(R"({"error":"x"})");
    EXPECT_FALSE(exchange->read(answer.view(), 0));
}

} // namespace
} // namespace sluice::providers::entra_test
