// Who may make which call of the request path: every row of its route table with every kind of caller
// (api.md §2). Management calls are in tests/unit/proxy/control/rights_test.cpp.
#include "proxy/data/routes.hpp"
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"
#include "tests/support/text.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::support::rights_test {
namespace {

constexpr std::array<std::string_view, 7> roles = {
    "nobody", "stranger", "viewer", "querier", "member", "manager", "admin"};

// The first role that may, and every one behind it.
struct expectation {
    std::string_view method;
    std::string_view pattern;
    std::string_view first;
    int status = 200;
    std::string_view body;
};

#define CHAT R"({"model":"target","messages":[{"role":"user","content":"x"}]})"

#define RESPONSES R"({"model":"target","input":"x"})"
#define MESSAGES R"({"model":"target","max_tokens":5,"messages":[{"role":"user","content":"x"}]})"

constexpr std::array table{
    expectation{"GET", "/healthz", "nobody"},
    expectation{"GET", "/readyz", "nobody"},
    expectation{"GET", "/health", "nobody"},
    expectation{"GET", "/metrics", "admin"},
    expectation{"GET", "/.well-known/databricks-config", "nobody"},
    expectation{"GET", "/oidc/.well-known/oauth-authorization-server", "nobody"},
    expectation{"GET", "/", "nobody"},
    expectation{"HEAD", "/", "nobody"},
    expectation{"GET", "/ml", "nobody"},
    expectation{"HEAD", "/ml", "nobody"},
    expectation{"GET", "/ml/**", "nobody"},
    expectation{"HEAD", "/ml/**", "nobody"},
    expectation{"GET", "/ui/**", "nobody", 404},
    expectation{"HEAD", "/ui/**", "nobody", 404},
    expectation{"POST", "/serving-endpoints/{}/invocations", "querier", 200, CHAT},
    expectation{"POST", "/serving-endpoints/{}/served-models/{}/invocations", "querier", 404, CHAT},
    expectation{"POST", "/endpoints/{}/invocations", "querier", 200, CHAT},
    expectation{"POST", "/serving-endpoints/chat/completions", "querier", 200, CHAT},
    expectation{"POST", "/ai-gateway/mlflow/v1/chat/completions", "querier", 200, CHAT},
    expectation{"POST", "/ai-gateway/openai/v1/chat/completions", "querier", 200, CHAT},
    // The endpoint has another task, which only those hear who may query it.
    expectation{
        "POST", "/serving-endpoints/completions", "querier", 400, R"({"model":"target","prompt":"x"})"},
    expectation{
        "POST", "/ai-gateway/mlflow/v1/completions", "querier", 400, R"({"model":"target","prompt":"x"})"},
    expectation{
        "POST", "/ai-gateway/openai/v1/completions", "querier", 400, R"({"model":"target","prompt":"x"})"},
    expectation{"POST", "/serving-endpoints/embeddings", "querier", 400, R"({"model":"target","input":"x"})"},
    expectation{
        "POST", "/ai-gateway/mlflow/v1/embeddings", "querier", 400, R"({"model":"target","input":"x"})"},
    expectation{
        "POST", "/ai-gateway/openai/v1/embeddings", "querier", 400, R"({"model":"target","input":"x"})"},
    expectation{"GET", "/serving-endpoints/models", "stranger"},
    expectation{"GET", "/ai-gateway/mlflow/v1/models", "stranger"},
    expectation{"GET", "/ai-gateway/openai/v1/models", "stranger"},
    expectation{"POST", "/serving-endpoints/responses", "querier", 200, RESPONSES},
    expectation{"POST", "/ai-gateway/mlflow/v1/responses", "querier", 200, RESPONSES},
    expectation{"POST", "/ai-gateway/openai/v1/responses", "querier", 200, RESPONSES},
    expectation{"POST", "/ai-gateway/codex/v1/responses", "querier", 200, RESPONSES},
    expectation{"POST", "/ai-gateway/cursor/v1/responses", "querier", 200, RESPONSES},
    expectation{"POST", "/serving-endpoints/anthropic/v1/messages", "querier", 200, MESSAGES},
    expectation{"POST", "/serving-endpoints/anthropic/v1/messages/count_tokens", "querier", 200, MESSAGES},
    // OpenAI does not speak it, which only those hear who may query it.
    expectation{"POST", "/serving-endpoints/gemini/v1beta/models/{}:generateContent", "querier", 400, "{}"},
    expectation{"POST", "/serving-endpoints/gemini/v1/models/{}:generateContent", "querier", 400, "{}"},
    // OpenAI does not speak it, which only those hear who may query it.
    expectation{
        "POST", "/serving-endpoints/gemini/v1beta/models/{}:streamGenerateContent", "querier", 400, "{}"},
    expectation{"POST", "/serving-endpoints/gemini/v1/models/{}:streamGenerateContent", "querier", 400, "{}"},
    expectation{"POST", "/ai-gateway/anthropic/v1/messages", "querier", 200, MESSAGES},
    expectation{"POST", "/ai-gateway/anthropic/v1/messages/count_tokens", "querier", 200, MESSAGES},
    // OpenAI does not speak it, which only those hear who may query it.
    expectation{"POST", "/ai-gateway/gemini/v1beta/models/{}:generateContent", "querier", 400, "{}"},
    expectation{"POST", "/ai-gateway/gemini/v1/models/{}:generateContent", "querier", 400, "{}"},
    // OpenAI does not speak it, which only those hear who may query it.
    expectation{"POST", "/ai-gateway/gemini/v1beta/models/{}:streamGenerateContent", "querier", 400, "{}"},
    expectation{"POST", "/ai-gateway/gemini/v1/models/{}:streamGenerateContent", "querier", 400, "{}"},
    expectation{"POST", "/ai-gateway/cursor/v1/chat/completions", "querier", 200, CHAT},
};

std::string member(const std::string& json, std::string_view pointer) {
    boost::json::error_code failed;
    const boost::json::value tree = boost::json::parse(json, failed);
    if (failed) return "(not JSON)";
    const auto* found = tree.find_pointer(boost::json::string_view(pointer.data(), pointer.size()), failed);
    if (!found || !found->is_string()) return "(none)";
    return {found->get_string().data(), found->get_string().size()};
}

class rights : public testing::Test {
protected:
    rights() {
        provider_.when("/v1/responses").answer_json(R"({"object":"response","output":[]})");
        provider_.always().answer_json(chat_answer("hi"));
        proxy_.make_endpoint("target", {entity(provider_.base_url())});
        tokens_["admin"] = admin_token;
        for (const std::string_view role : roles) {
            if (role != "nobody" && role != "admin") make(role);
        }
        const std::string inner = make_group("inner", ids_["member"]);
        make_group("outer", inner);
        grant(R"("group_name":"outer")", "CAN_QUERY");
    }

    // A service principal with a token.
    void make(std::string_view role) {
        const answer made = proxy_.post("/api/2.0/preview/scim/v2/ServicePrincipals",
                                        joined({R"({"displayName":")", role, R"("})"}));
        const std::string application = member(made.body, "/applicationId");
        ids_[role] = member(made.body, "/id");
        const answer token = proxy_.post("/api/2.0/token-management/on-behalf-of/tokens",
                                         joined({R"({"application_id":")", application, R"("})"}));
        tokens_[role] = member(token.body, "/token_value");
        const std::string_view level = role == "viewer"    ? "CAN_VIEW"
                                       : role == "querier" ? "CAN_QUERY"
                                       : role == "manager" ? "CAN_MANAGE"
                                                           : "";
        if (!level.empty()) grant(joined({R"("service_principal_name":")", application, "\""}), level);
    }

    std::string make_group(std::string_view name, std::string_view member_id) {
        const answer made = proxy_.post(
            "/api/2.0/preview/scim/v2/Groups",
            joined({R"({"displayName":")", name, R"(","members":[{"value":")", member_id, R"("}]})"}));
        EXPECT_EQ(made.status, 200) << made.body;
        return member(made.body, "/id");
    }

    void grant(std::string_view whom, std::string_view level) {
        const std::string id = member(proxy_.get("/api/2.0/serving-endpoints/target").body, "/id");
        const answer done = proxy_.call(
            "PATCH",
            "/api/2.0/permissions/serving-endpoints/" + id,
            joined({R"({"access_control_list":[{)", whom, R"(,"permission_level":")", level, R"("}]})"}));
        EXPECT_EQ(done.status, 200) << done.body;
    }

    answer ask(const expectation& row, std::string_view role) {
        raw_client client = proxy_.connect();
        const std::string path = replaced(
            replaced(replaced(row.pattern, "served-models/{}", "served-models/none"), "{}", "target"),
            "**",
            "x");
        const std::string credential =
            role == "nobody" ? "" : joined({"Authorization: Bearer ", tokens_[role], "\r\n"});
        client.send(joined({row.method,
                            " ",
                            path,
                            " HTTP/1.1\r\nHost: g\r\n",
                            credential,
                            "Content-Length: ",
                            std::to_string(row.body.size()),
                            "\r\n\r\n",
                            row.body}));
        return client.read_answer(row.method == "HEAD");
    }

    fake_upstream provider_;
    gateway proxy_;
    std::map<std::string_view, std::string> ids_;
    std::map<std::string_view, std::string> tokens_;
};

TEST(rights_table, has_every_route_of_the_request_path_and_no_other) {
    std::set<std::pair<std::string_view, std::string_view>> listed;
    for (const expectation& row : table)
        EXPECT_TRUE(listed.emplace(row.method, row.pattern).second) << row.pattern;
    for (const data::route_row& row : data::all_routes())
        EXPECT_EQ(listed.erase({http::to_string(row.verb), row.pattern}), 1U) << row.pattern;
    for (const auto& [method, pattern] : listed)
        ADD_FAILURE() << "no such route: " << method << ' ' << pattern;
}

TEST_F(rights, every_route_answers_every_role_as_the_table_says) {
    for (const expectation& row : table) {
        bool may = false;
        for (const std::string_view role : roles) {
            may = may || role == row.first;
            const answer got = ask(row, role);
            const int wanted = may ? row.status : role == "nobody" ? 401 : 403;
            EXPECT_EQ(got.status, wanted) << row.method << ' ' << row.pattern << ' ' << role << got.body;
        }
    }
    EXPECT_EQ(provider_.requests().size(), 13U * 4U) << "no other query reached the provider";
}

TEST_F(rights, the_list_of_models_has_what_the_caller_may_query) {
    bool may = false;
    for (const std::string_view role : roles) {
        may = may || role == "querier";
        const answer got = ask({"GET", "/serving-endpoints/models", "", 200, ""}, role);
        EXPECT_EQ(member(got.body, "/data/0/id"), may ? "target" : "(none)") << role;
    }
}

TEST_F(rights, who_may_not_query_does_not_move_the_metrics_of_the_endpoint) {
    const auto shown = [this] { return proxy_.get("/api/2.0/serving-endpoints/target/metrics").body; };
    const std::string refused = "(none)"; // the name of what no entity saw
    const expectation good{"POST", "/serving-endpoints/target/invocations", "", 200, CHAT};
    const expectation bad{"POST", "/serving-endpoints/target/invocations", "", 400, "{}"};
    for (const std::string_view role : {"nobody", "stranger", "viewer"}) {
        (void)ask(good, role);
        (void)ask(bad, role);
    }
    EXPECT_EQ(shown().find(refused), std::string::npos) << shown();
    EXPECT_EQ(ask(bad, "querier").status, 400);
    EXPECT_NE(shown().find(refused), std::string::npos) << shown();
}

} // namespace
} // namespace sluice::support::rights_test
