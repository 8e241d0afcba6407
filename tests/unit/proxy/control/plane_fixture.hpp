// A control plane without threads on a directory of its own, a clock that the test moves, three callers, and
// short ways to call it.
#pragma once

#include "core/base/clock.hpp"
#include "core/net/address.hpp"
#include "proxy/config.hpp"
#include "proxy/control/plane_state.hpp"
#include "tests/unit/proxy/control/store_support.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::control {

class moving_clock final : public clock {
public:
    [[nodiscard]] steady_time now() const noexcept override { return steady_time(passed); }
    [[nodiscard]] wall_ms wall() const noexcept override { return 1'700'000'000'000 + passed.count(); }

    milliseconds passed{0};
};

inline std::shared_ptr<const model::principal> admin_user() {
    return std::make_shared<const model::principal>(caller("1", "admin", true));
}
inline std::shared_ptr<const model::principal> alice() {
    return std::make_shared<const model::principal>(caller("1001", "alice@example.com", false, true));
}
inline std::shared_ptr<const model::principal> bob() {
    return std::make_shared<const model::principal>(caller("1002", "bob@example.com"));
}

inline model::management_request make_request(std::string method,
                                              const std::string& path,
                                              std::string body,
                                              std::shared_ptr<const model::principal> who) {
    model::management_request out;
    out.method = std::move(method);
    const std::size_t question = path.find('?');
    if (question != std::string::npos) out.query = path.substr(question + 1);
    out.path = path.substr(0, question);
    out.body = std::move(body);
    out.host = "gateway.example";
    out.request_id = "r1";
    out.who = std::move(who);
    return out;
}

// The value at a JSON pointer of a body, as text; "(none)" when there is none.
inline std::string at(const std::string& json, std::string_view pointer) {
    boost::json::error_code failed;
    const boost::json::value tree = boost::json::parse(json, failed);
    if (failed) return "(not JSON)";
    const boost::json::value* found =
        tree.find_pointer(boost::json::string_view(pointer.data(), pointer.size()), failed);
    if (!found) return "(none)";
    if (found->is_string()) return {found->get_string().data(), found->get_string().size()};
    return boost::json::serialize(*found);
}

// A served entity of the provider openai; `config` is the block's text.
inline std::string
entity(std::string_view name,
       std::string_view config = R"({"openai_api_key":"{{secrets/my_scope/my_openai_api_key}}"})",
       std::string_view task = "llm/v1/chat",
       std::string_view model = "gpt-4") {
    std::string out =
        R"({"name":")" + std::string(name) + R"(","external_model":{"name":")" + std::string(model);
    out += R"(","provider":"openai","task":")" + std::string(task) + R"(","openai_config":)" +
           std::string(config) + "}}";
    return out;
}

inline std::string config_of(std::string_view entities, std::string_view rest = "") {
    return R"({"served_entities":[)" + std::string(entities) + "]" + std::string(rest) + "}";
}

inline std::string
endpoint_body(std::string_view name, std::string_view entities, std::string_view rest = "") {
    return R"({"name":")" + std::string(name) + R"(","config":)" + config_of(entities) + std::string(rest) +
           "}";
}

class plane_test : public testing::Test {
protected:
    plane_test() {
        settings_.data_dir = directory_.file("data");
        settings_.admin_token = secret_string("dapi-the-admin-token");
    }

    void open() {
        result<std::unique_ptr<plane_state>> opened = plane_state::open(settings_, clock_, policy_);
        ASSERT_TRUE(opened) << opened.error().message;
        state_ = std::move(*opened);
    }

    // As after the process was stopped and started again.
    void restart() {
        state_.reset();
        open();
    }

    // With the scope and key of the seed's examples.
    void open_with_secret() {
        open();
        make_secret("my_scope", "my_openai_api_key", "sk-first-key");
    }

    void make_secret(std::string_view scope, std::string_view key, std::string_view value) {
        (void)call("POST", "/api/2.0/secrets/scopes/create", R"({"scope":")" + std::string(scope) + R"("})");
        put_secret(scope, key, value);
    }

    void put_secret(std::string_view scope, std::string_view key, std::string_view value) {
        const std::string body = R"({"scope":")" + std::string(scope) + R"(","key":")" + std::string(key) +
                                 R"(","string_value":")" + std::string(value) + R"("})";
        EXPECT_EQ(call("POST", "/api/2.0/secrets/put", body).status, 200);
    }

    model::management_response call(std::string method,
                                    const std::string& path,
                                    std::string body = "",
                                    std::shared_ptr<const model::principal> who = admin_user()) {
        plane_state::answered answered =
            state_->answer(make_request(std::move(method), path, std::move(body), std::move(who)));
        return answered.later ? answered.later() : answered.response;
    }

    model::management_response create(std::string body,
                                      std::shared_ptr<const model::principal> who = admin_user()) {
        return call("POST", "/api/2.0/serving-endpoints", std::move(body), std::move(who));
    }
    model::management_response get(const std::string& name,
                                   std::shared_ptr<const model::principal> who = admin_user()) {
        return call("GET", "/api/2.0/serving-endpoints/" + name, "", std::move(who));
    }
    model::management_response put_config(const std::string& name,
                                          std::string body,
                                          std::shared_ptr<const model::principal> who = admin_user()) {
        return call("PUT", "/api/2.0/serving-endpoints/" + name + "/config", std::move(body), std::move(who));
    }

    // An active user or service principal as the data plane has it now, or null.
    std::shared_ptr<const model::principal> published_principal(std::string_view id) {
        if (auto next = state_->take_changed()) last_ = std::move(next);
        const auto* found = last_ ? last_->principals.find(id) : nullptr;
        return found ? *found : nullptr;
    }

    // A user that the store knows. `rest`: more members of the body, each led by a comma.
    std::shared_ptr<const model::principal> make_user(std::string_view name, std::string_view rest = "") {
        const auto made = call("POST",
                               "/api/2.0/preview/scim/v2/Users",
                               R"({"userName":")" + std::string(name) + '"' + std::string(rest) + "}");
        EXPECT_EQ(made.status, 200) << made.body;
        return published_principal(at(made.body, "/id"));
    }

    // PATCH permissions; `whom` as "user_name":"bob@example.com".
    model::management_response grant(const std::string& endpoint,
                                     std::string_view whom,
                                     std::string_view level,
                                     std::shared_ptr<const model::principal> who = admin_user()) {
        return call("PATCH",
                    "/api/2.0/permissions/serving-endpoints/" + at(get(endpoint).body, "/id"),
                    R"({"access_control_list":[{)" + std::string(whom) + R"(,"permission_level":")" +
                        std::string(level) + R"("}]})",
                    std::move(who));
    }

    // The endpoint as the data plane has it now, or null.
    std::shared_ptr<const model::endpoint> published(std::string_view name) {
        if (auto next = state_->take_changed()) last_ = std::move(next);
        const auto* found = last_ ? last_->endpoints.find(name) : nullptr;
        return found ? *found : nullptr;
    }

    // The Authorization field and what follows of the first entity's request head.
    std::string published_head(std::string_view name) {
        const auto endpoint = published(name);
        if (!endpoint || endpoint->entities.empty()) return "(none)";
        return std::string(endpoint->entities.front()->target.head.reveal());
    }

    temporary_directory directory_;
    moving_clock clock_;
    proxy::settings settings_;
    net::upstream_policy policy_{{}};
    std::unique_ptr<plane_state> state_;
    std::shared_ptr<const model::snapshot> last_;
};

} // namespace sluice::control
