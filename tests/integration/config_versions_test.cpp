// The history of configs through the whole gateway: what became of each, and going back to one.
#include "proxy/gateway.hpp"
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"
#include "tests/support/text.hpp"
#include "tests/support/waiting.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace sluice::support::config_versions_test {
namespace {

using testing::HasSubstr;
using testing::Not;
namespace bj = boost::json;

constexpr std::string_view ours = "/api/2.0/sluice/serving-endpoints/chat/";

bj::value parsed(const answer& got) {
    EXPECT_EQ(got.status, 200) << got.body;
    boost::json::error_code failed;
    return bj::parse(got.body, failed);
}

// A served entity whose key comes as plaintext.
std::string with_key(std::string_view base_url, std::string_view key) {
    return joined({R"({"name":"entity","external_model":{"name":"gpt-4","provider":"openai",)",
                   R"("task":"llm/v1/chat","openai_config":{"openai_api_base":")",
                   base_url,
                   R"(","openai_api_key_plaintext":")",
                   key,
                   R"("}}})"});
}

std::string path(std::string_view rest) {
    return joined({ours, rest});
}

class config_history : public testing::Test {
protected:
    explicit config_history(bool probes = false) {
        provider_.always().answer_json(chat_answer("hi"));
        start(probes);
    }
    void start(bool probes) {
        proxy_.reset();
        proxy_ = std::make_unique<gateway>([&](proxy::settings& s) {
            s.data_dir = data_.path();
            s.probe_updates = probes;
        });
    }
    // "2 active 1 superseded "
    std::string outcomes() const {
        std::string out;
        const bj::value listed = parsed(proxy_->get(path("versions")));
        for (const bj::value& one : listed.at("versions").as_array()) {
            out += std::to_string(one.at("version").as_int64()) + ' ';
            out += one.at("outcome").as_string().c_str();
            out += ' ';
        }
        return out;
    }
    // The key that the provider sees.
    std::string asked_key() const {
        EXPECT_EQ(proxy_->post("/serving-endpoints/chat/invocations", chat_body("x")).status, 200);
        return provider_.requests().back().field("authorization");
    }

    data_directory data_;
    fake_upstream provider_;
    std::unique_ptr<gateway> proxy_;
};

TEST_F(config_history, an_endpoint_goes_back_to_an_earlier_config_with_its_key) {
    proxy_->make_endpoint("chat", {with_key(provider_.base_url(), "sk-the-first-key")});
    proxy_->update_endpoint("chat", {with_key(provider_.base_url(), "sk-the-second-key")});
    EXPECT_EQ(asked_key(), "Bearer sk-the-second-key");
    EXPECT_EQ(outcomes(), "2 active 1 superseded ");
    start(false);
    const answer restored = proxy_->post(path("versions/1/restore"), "{}");
    EXPECT_EQ(parsed(restored).at("config").at("config_version").as_int64(), 3);
    EXPECT_THAT(restored.body, Not(HasSubstr("sk-the")));
    EXPECT_EQ(asked_key(), "Bearer sk-the-first-key");
    EXPECT_EQ(outcomes(), "3 active 2 superseded 1 superseded ");
    EXPECT_THAT(proxy_->get(path("versions")).body, Not(HasSubstr("sk-the")));
    EXPECT_THAT(proxy_->get("/api/2.0/sluice/audit").body, Not(HasSubstr("sk-the")));
    EXPECT_EQ(proxy_->post(path("versions/9/restore"), "{}").status, 404);
}

class probed_history : public config_history {
protected:
    probed_history()
        : config_history(true) {
        proxy_->make_endpoint("chat", {entity(provider_.base_url(), "one")});
        EXPECT_TRUE(becomes("1 active "));
    }
    bool becomes(std::string_view wanted) const {
        return comes_true([&] { return outcomes() == wanted; });
    }
};

TEST_F(probed_history, a_restore_waits_for_the_provider_and_may_fail_or_be_cancelled) {
    proxy_->update_endpoint("chat", {entity(provider_.base_url(), "two")});
    ASSERT_TRUE(becomes("2 active 1 superseded "));
    provider_.clear();
    provider_.when("ping").times(1).answer(401, "", "{}");
    provider_.when("ping").times(1).hold();
    provider_.always().answer_json(chat_answer("hi"));
    EXPECT_EQ(proxy_->post(path("versions/1/restore"), "{}").status, 200);
    ASSERT_TRUE(becomes("3 failed 2 active 1 superseded "));
    const bj::value listed = parsed(proxy_->get(path("versions")));
    EXPECT_THAT(std::string(listed.at("versions").at(0).at("message").as_string().c_str()), HasSubstr("401"));
    EXPECT_EQ(proxy_->post(path("versions/3/restore"), "{}").status, 200);
    EXPECT_EQ(outcomes(), "4 pending 3 failed 2 active 1 superseded ");
    EXPECT_EQ(proxy_->post(path("versions/1/restore"), "{}").status, 409);
    EXPECT_EQ(proxy_->post("/api/2.0/serving-endpoints/chat/config:cancel", "").status, 200);
    EXPECT_EQ(outcomes(), "4 canceled 3 failed 2 active 1 superseded ");
    EXPECT_EQ(proxy_->post(path("versions/4/restore"), "{}").status, 200);
    ASSERT_TRUE(becomes("5 active 4 canceled 3 failed 2 superseded 1 superseded "));
    provider_.release();
}

} // namespace
} // namespace sluice::support::config_versions_test
