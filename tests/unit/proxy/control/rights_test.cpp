// Who may make which call: every row of the route table with every kind of caller (api.md §2, §12, §14.5).
#include "proxy/observe/metrics_history.hpp"
#include "proxy/observe/usage_store.hpp"
#include "tests/support/text.hpp"
#include "tests/unit/proxy/control/plane_fixture.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

namespace sluice::control::rights_test {
namespace {

using support::joined;
using support::replaced;

enum class need : std::uint8_t {
    caller, // anybody who is known
    maker,  // the entitlement workspace-access, or admin
    view,   // of the endpoint
    manage,
    read, // of the secret scope
    write,
    own,
    admin,
};

// What a caller has: a level on the endpoint, one on the secret scope (0 none, 1 READ, 2 WRITE, 3 MANAGE).
struct role {
    std::string_view name;
    model::permission endpoint = model::permission::none;
    int scope = 0;
    bool maker = false;
    bool admin = false;
};

using enum model::permission;
constexpr std::array roles{
    role{"stranger"},
    role{"maker", none, 0, true},
    role{"viewer", can_view, 1},
    role{"querier", can_query, 2},
    role{"member", can_query, 2}, // through a group in a group
    role{"manager", can_manage, 3},
    role{"service", can_manage, 3}, // a service principal
    role{"creator", can_manage, 3, true},
    role{"admin", can_manage, 3, true, true},
    role{"admin_member", can_manage, 3, true, true}, // through a group in the group admins
};

bool has(const role& who, need what) {
    switch (what) {
    case need::caller: return true;
    case need::maker: return who.maker;
    case need::view: return who.endpoint >= can_view;
    case need::manage: return who.endpoint >= can_manage;
    case need::read: return who.scope >= 1;
    case need::write: return who.scope >= 2;
    case need::own: return who.scope >= 3;
    case need::admin: return who.admin;
    }
    return false;
}

struct expectation {
    std::string_view method;
    std::string_view pattern; // as in the route table
    need least = need::caller;
    int status = 200;      // of those who may
    std::string_view path; // what stands for each "{}", separated by spaces; $NAME is looked up in the world
    std::string_view body; // of a GET: its query
};

constexpr std::string_view new_entity =
    R"({"name":"next","external_model":{"name":"gpt-4","provider":"openai","task":"llm/v1/chat",)"
    R"("openai_config":{"openai_api_key_plaintext":"sk-x"}}})";

#define ENDPOINTS "/api/2.0/serving-endpoints"
#define PERMISSIONS "/api/2.0/permissions/serving-endpoints/{}"
#define SECRETS "/api/2.0/secrets/"
#define SCIM "/api/2.0/preview/scim/v2/"
#define OF_PRINCIPAL "/api/2.0/accounts/servicePrincipals/{}/credentials/secrets"
#define OURS "/api/2.0/sluice/"
#define RENAME R"({"Operations":[{"op":"replace","path":"displayName","value":"other"}]})"

constexpr std::array table{
    expectation{"POST", ENDPOINTS, need::maker, 200, "", R"({"name":"made"})"},
    expectation{"POST", ENDPOINTS "/", need::maker, 200, "", R"({"name":"made"})"},
    expectation{"GET", ENDPOINTS},
    expectation{"GET", ENDPOINTS "/"},
    expectation{"POST",
                ENDPOINTS "/pt",
                need::maker,
                501,
                "",
                R"({"name":"p","config":{"served_entities":[{"entity_name":"c.s.m","entity_version":"1",)"
                R"("provisioned_model_units":50}]}})"},
    expectation{"PUT",
                ENDPOINTS "/pt/{}/config",
                need::manage,
                400,
                "target",
                R"({"config":{"served_entities":[{"entity_name":"c.s.m","entity_version":"1",)"
                R"("provisioned_model_units":50}]}})"},
    expectation{"GET", ENDPOINTS "/get-model-optimization-info/{}/{}", need::caller, 501, "m 1"},
    expectation{"GET", ENDPOINTS "/{}", need::view, 200, "target"},
    expectation{"DELETE", ENDPOINTS "/{}", need::manage, 200, "target"},
    expectation{"PUT", ENDPOINTS "/{}/config", need::manage, 200, "target", "$CONFIG"},
    expectation{"POST", ENDPOINTS "/{}/config:cancel", need::manage, 409, "target", "{}"},
    expectation{"PUT",
                ENDPOINTS "/{}/rate-limits",
                need::manage,
                200,
                "target",
                R"({"rate_limits":[{"calls":5,"renewal_period":"minute"}]})"},
    expectation{"PATCH", ENDPOINTS "/{}/tags", need::manage, 200, "target", R"({"add_tags":[{"key":"a"}]})"},
    expectation{"PUT",
                ENDPOINTS "/{}/ai-gateway",
                need::manage,
                200,
                "target",
                R"({"usage_tracking_config":{"enabled":true}})"},
    expectation{"GET", ENDPOINTS "/{}/ai-gateway", need::manage, 200, "target"},
    expectation{"PATCH", ENDPOINTS "/{}/notifications", need::manage, 200, "target", "{}"},
    expectation{"PATCH", ENDPOINTS "/{}/telemetry-config", need::manage, 200, "target", "{}"},
    expectation{"GET", ENDPOINTS "/{}/metrics", need::view, 200, "target"},
    expectation{"GET", ENDPOINTS "/{}/openapi", need::view, 200, "target"},
    expectation{"GET", ENDPOINTS "/{}/served-models/{}/build-logs", need::view, 200, "target first"},
    expectation{"GET", ENDPOINTS "/{}/served-models/{}/logs", need::view, 200, "target first"},
    expectation{"GET", PERMISSIONS, need::view, 200, "$ENDPOINT"},
    expectation{"PUT", PERMISSIONS, need::manage, 200, "$ENDPOINT", R"({"access_control_list":[]})"},
    expectation{"PATCH", PERMISSIONS, need::manage, 200, "$ENDPOINT", R"({"access_control_list":[]})"},
    expectation{"GET", PERMISSIONS "/permissionLevels", need::view, 200, "$ENDPOINT"},
    expectation{"GET", "/api/2.0/permissions/authorization/passwords", need::caller, 501},
    expectation{"PUT", "/api/2.0/permissions/authorization/passwords", need::caller, 501, "", "{}"},
    expectation{"PATCH", "/api/2.0/permissions/authorization/passwords", need::caller, 501, "", "{}"},
    expectation{"GET", "/api/2.0/permissions/authorization/passwords/permissionLevels", need::caller, 501},
    expectation{"GET", "/api/2.0/permissions/authorization/tokens", need::caller, 501},
    expectation{"PUT", "/api/2.0/permissions/authorization/tokens", need::caller, 501, "", "{}"},
    expectation{"PATCH", "/api/2.0/permissions/authorization/tokens", need::caller, 501, "", "{}"},
    expectation{"GET", "/api/2.0/permissions/authorization/tokens/permissionLevels", need::caller, 501},
    expectation{"POST", "/api/2.0/external-function", need::caller, 501, "", "{}"},
    expectation{"POST", SECRETS "scopes/create", need::maker, 200, "", R"({"scope":"made"})"},
    expectation{"GET", SECRETS "scopes/list"},
    expectation{"POST", SECRETS "scopes/delete", need::own, 200, "", R"({"scope":"shared"})"},
    expectation{
        "POST", SECRETS "put", need::write, 200, "", R"({"scope":"shared","key":"new","string_value":"v"})"},
    expectation{"POST", SECRETS "delete", need::write, 200, "", R"({"scope":"shared","key":"k"})"},
    expectation{"GET", SECRETS "list", need::read, 200, "", "scope=shared"},
    expectation{"GET", SECRETS "get", need::read, 200, "", "scope=shared&key=k"},
    expectation{"POST",
                SECRETS "acls/put",
                need::own,
                200,
                "",
                R"({"scope":"shared","principal":"users","permission":"READ"})"},
    expectation{
        "POST", SECRETS "acls/delete", need::own, 200, "", R"({"scope":"shared","principal":"viewer"})"},
    expectation{"GET", SECRETS "acls/get", need::own, 200, "", "scope=shared&principal=viewer"},
    expectation{"GET", SECRETS "acls/list", need::own, 200, "", "scope=shared"},
    expectation{"GET", SCIM "Me"},
    expectation{"POST", SCIM "Users", need::admin, 200, "", R"({"userName":"made"})"},
    expectation{"GET", SCIM "Users"},
    expectation{"GET", SCIM "Users/{}", need::caller, 200, "$USER"},
    expectation{"PUT", SCIM "Users/{}", need::admin, 200, "$USER", R"({"userName":"victim"})"},
    expectation{"PATCH", SCIM "Users/{}", need::admin, 200, "$USER", RENAME},
    expectation{"DELETE", SCIM "Users/{}", need::admin, 200, "$USER"},
    expectation{"POST", SCIM "Groups", need::admin, 200, "", R"({"displayName":"made"})"},
    expectation{"GET", SCIM "Groups"},
    expectation{"GET", SCIM "Groups/{}", need::caller, 200, "$GROUP"},
    expectation{"PUT", SCIM "Groups/{}", need::admin, 200, "$GROUP", R"({"displayName":"other"})"},
    expectation{"PATCH", SCIM "Groups/{}", need::admin, 200, "$GROUP", RENAME},
    expectation{"DELETE", SCIM "Groups/{}", need::admin, 200, "$GROUP"},
    expectation{"POST", SCIM "ServicePrincipals", need::admin, 200, "", R"({"displayName":"made"})"},
    expectation{"GET", SCIM "ServicePrincipals"},
    expectation{"GET", SCIM "ServicePrincipals/{}", need::caller, 200, "$SERVICE"},
    expectation{
        "PUT", SCIM "ServicePrincipals/{}", need::admin, 200, "$SERVICE", R"({"displayName":"other"})"},
    expectation{"PATCH", SCIM "ServicePrincipals/{}", need::admin, 200, "$SERVICE", RENAME},
    expectation{"DELETE", SCIM "ServicePrincipals/{}", need::admin, 200, "$SERVICE"},
    expectation{"POST", OF_PRINCIPAL, need::admin, 200, "$SERVICE", "{}"},
    expectation{"GET", OF_PRINCIPAL, need::admin, 200, "$SERVICE"},
    expectation{"DELETE", OF_PRINCIPAL "/{}", need::admin, 200, "$SERVICE $SECRET"},
    expectation{"POST", "/api/2.0/token/create", need::caller, 200, "", "{}"},
    expectation{"GET", "/api/2.0/token/list"},
    // That of another; one's own: see below.
    expectation{"POST", "/api/2.0/token/delete", need::admin, 200, "", R"({"token_id":"$TOKEN"})"},
    expectation{"PATCH", "/api/2.0/token/{}", need::caller, 501, "$TOKEN", "{}"},
    expectation{"POST",
                "/api/2.0/token-management/on-behalf-of/tokens",
                need::admin,
                200,
                "",
                R"({"application_id":"$APPLICATION"})"},
    expectation{"GET", "/api/2.0/token-management/tokens", need::admin},
    expectation{"GET", "/api/2.0/token-management/tokens/{}", need::admin, 200, "$TOKEN"},
    expectation{"DELETE", "/api/2.0/token-management/tokens/{}", need::admin, 200, "$TOKEN"},
    expectation{"PATCH", "/api/2.0/token-management/tokens/{}", need::caller, 501, "$TOKEN", "{}"},
    // Authenticates itself, so that the caller does not count: not as a bearer of a token, not as an admin.
    expectation{"POST", "/oidc/v1/token", need::caller, 400, "", "{}"},
    // Only a session makes them answer otherwise: see sessions_test.
    expectation{"POST", "/api/2.0/sluice/session", need::caller, 400, "", "{}"},
    expectation{"GET", "/api/2.0/sluice/session", need::caller, 401},
    expectation{"DELETE", "/api/2.0/sluice/session", need::caller, 401},
    expectation{"GET", "/api/2.0/sluice/endpoints"},
    expectation{"GET", "/openapi.json"},
    expectation{"GET", OURS "serving-endpoints/{}/versions", need::view, 200, "target"},
    expectation{"GET", OURS "serving-endpoints/{}/metrics-history", need::view, 200, "target"},
    expectation{"POST", OURS "serving-endpoints/{}/versions/{}/restore", need::manage, 200, "target 1", "{}"},
    // Whose rows are seen is in plane_usage_test.
    expectation{"GET", "/api/2.0/sluice/providers"},
    expectation{"GET", OURS "usage"},
    expectation{"GET", OURS "usage/summary"},
    expectation{"GET", "/api/2.0/sluice/served-entities"},
    expectation{"GET", "/api/2.0/sluice/audit", need::admin},
    expectation{"GET", "/api/2.0/endpoints"},
    expectation{"GET", "/api/2.0/endpoints/"},
    expectation{"GET", "/api/2.0/endpoints/limits", need::caller, 501},
    expectation{"GET", "/api/2.0/endpoints/limits/", need::caller, 501},
    expectation{"GET", "/api/2.0/endpoints/{}", need::view, 200, "target"},
};

class rights : public plane_test {
protected:
    void SetUp() override {
        reopen();
        for (const role& one : roles)
            make(one);
        make_group("inner", "member");
        make_group("outer", "inner");
        make_group("operators", "admin_member");
        expect_ok("PATCH",
                  SCIM "Groups/1",
                  R"({"Operations":[{"op":"add","path":"members","value":[{"value":")" + ids_["operators"] +
                      R"("}]}]})");
        make_endpoint_and_scope();
        make_victims();
        // What each call may change is had again from here.
        state_.reset();
        std::filesystem::copy(settings_.data_dir, saved_, std::filesystem::copy_options::recursive);
        begin_again();
    }
    void TearDown() override { tables_.stop(); }

    void reopen() {
        state_.reset();
        auto opened = plane_state::open(settings_, clock_, policy_, &tables_, &history_);
        ASSERT_TRUE(opened) << opened.error().message;
        state_ = std::move(*opened);
        last_ = nullptr;
    }
    void begin_again() {
        state_.reset();
        std::filesystem::remove_all(settings_.data_dir);
        std::filesystem::copy(saved_, settings_.data_dir, std::filesystem::copy_options::recursive);
        reopen();
    }

    std::string expect_ok(std::string method, const std::string& path, std::string body) {
        const auto done = call(std::move(method), path, std::move(body));
        EXPECT_EQ(done.status, 200) << path << done.body;
        return done.body;
    }

    void make(const role& one) {
        const std::string name(one.name);
        if (name == "admin") {
            ids_[name] = at(call("GET", SCIM "Users").body, "/Resources/0/id");
            return;
        }
        const bool entitled = one.maker && !one.admin;
        const std::string rest = entitled ? R"(,"entitlements":[{"value":"workspace-access"}])" : "";
        const bool service = name == "service";
        const std::string made =
            expect_ok("POST",
                      service ? SCIM "ServicePrincipals" : SCIM "Users",
                      (service ? R"({"displayName":")" : R"({"userName":")") + name + '"' + rest + "}");
        ids_[name] = at(made, "/id");
        if (service) application_ = at(made, "/applicationId");
    }
    void make_group(const std::string& name, const std::string& member) {
        const std::string made =
            expect_ok("POST",
                      SCIM "Groups",
                      R"({"displayName":")" + name + R"(","members":[{"value":")" + ids_[member] + R"("}]})");
        ids_[name] = at(made, "/id");
    }

    void make_endpoint_and_scope() {
        const auto creator = published_principal(ids_["creator"]);
        ASSERT_TRUE(creator);
        ASSERT_EQ(create(endpoint_body("target", new_first()), creator).status, 200);
        ids_["$ENDPOINT"] = at(get("target").body, "/id");
        const std::string scopes = SECRETS "scopes/create";
        ASSERT_EQ(call("POST", scopes, R"({"scope":"shared"})", creator).status, 200);
        put_secret("shared", "k", "v");
        for (const auto& [whom, level, acl] :
             {std::array<std::string, 3>{R"("user_name":"viewer")", "CAN_VIEW", "READ"},
              {R"("user_name":"querier")", "CAN_QUERY", "WRITE"},
              {R"("group_name":"outer")", "CAN_QUERY", "WRITE"},
              {R"("user_name":"manager")", "CAN_MANAGE", "MANAGE"},
              {R"("service_principal_name":")" + application_ + '"', "CAN_MANAGE", "MANAGE"}}) {
            ASSERT_EQ(grant("target", whom, level).status, 200);
            const std::string name = whom.substr(whom.find(':') + 1);
            expect_ok(
                "POST",
                SECRETS "acls/put",
                joined({R"({"scope":"shared","principal":)", name, R"(,"permission":")", acl, R"("})"}));
        }
    }

    void make_victims() {
        ids_["$USER"] = at(expect_ok("POST", SCIM "Users", R"({"userName":"victim"})"), "/id");
        ids_["$GROUP"] = at(expect_ok("POST", SCIM "Groups", R"({"displayName":"victims"})"), "/id");
        const std::string service =
            expect_ok("POST", SCIM "ServicePrincipals", R"({"displayName":"victim"})");
        ids_["$SERVICE"] = at(service, "/id");
        ids_["$APPLICATION"] = at(service, "/applicationId");
        const std::string secrets = replaced(OF_PRINCIPAL, "{}", ids_["$SERVICE"]);
        ids_["$SECRET"] = at(expect_ok("POST", secrets, "{}"), "/id");
        const auto token = call("POST", "/api/2.0/token/create", "{}", published_principal(ids_["admin"]));
        ids_["$TOKEN"] = at(token.body, "/token_info/token_id");
        ids_["$CONFIG"] = config_of(new_entity);
    }

    static std::string new_first() { return replaced(new_entity, R"("next")", R"("first")"); }

    std::string filled(std::string_view text) {
        std::string out(text);
        for (const auto& [name, value] : ids_) {
            if (name.starts_with('$')) out = replaced(out, name, value);
        }
        return out;
    }

    std::string path_of(const expectation& row) {
        std::string out;
        std::string values = filled(row.path);
        std::string_view rest = values;
        for (const char letter : row.pattern) {
            if (letter == '{') continue;
            if (letter != '}') {
                out += letter;
                continue;
            }
            const std::size_t end = std::min(rest.find(' '), rest.size());
            out += rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        if (row.method == "GET" && !row.body.empty()) out += "?" + std::string(row.body);
        return out;
    }

    model::management_response ask(const expectation& row, const role& one) {
        const auto who = published_principal(ids_[std::string(one.name)]);
        EXPECT_TRUE(who) << one.name;
        return call(std::string(row.method), path_of(row), row.method == "GET" ? "" : filled(row.body), who);
    }

    static std::string made(std::string path) {
        std::filesystem::create_directory(path);
        return path;
    }

    observe::usage_store tables_{made(directory_.file("usage")), 1'000'000};
    observe::metrics_history history_{made(directory_.file("metrics")), clock_};
    std::filesystem::path saved_ = directory_.file("saved");
    std::map<std::string, std::string> ids_; // of principals by name, and what $NAME stands for
    std::string application_;                // of the service principal among the roles
};

TEST(rights_table, has_every_route_and_no_other) {
    std::set<std::pair<std::string_view, std::string_view>> listed;
    for (const expectation& row : table)
        EXPECT_TRUE(listed.emplace(row.method, row.pattern).second) << row.method << ' ' << row.pattern;
    for (const route_row& row : all_routes())
        EXPECT_EQ(listed.erase({row.method, row.pattern}), 1U) << row.method << ' ' << row.pattern;
    for (const auto& [method, pattern] : listed)
        ADD_FAILURE() << "no such route: " << method << ' ' << pattern;
}

TEST_F(rights, every_route_answers_every_role_as_the_table_says) {
    for (const expectation& row : table) {
        SCOPED_TRACE(joined({row.method, " ", row.pattern}));
        for (const role& one : roles) {
            SCOPED_TRACE(one.name);
            const auto got = ask(row, one);
            if (!has(one, row.least)) {
                EXPECT_EQ(got.status, 403) << got.body;
                EXPECT_EQ(at(got.body, "/error_code"), "PERMISSION_DENIED");
                continue;
            }
            EXPECT_EQ(got.status, row.status) << got.body;
            if (row.method != "GET" && got.status < 300) begin_again();
        }
    }
}

// Refusals change nothing: the next caller who may finds everything as it was.
TEST_F(rights, a_refused_call_changes_nothing) {
    constexpr const char* audit = "/api/2.0/sluice/audit?max_results=1000";
    const auto admin = published_principal(ids_["admin"]);
    const std::string changes = call("GET", audit, "", admin).body;
    const std::string people = call("GET", SCIM "Users").body + call("GET", SCIM "Groups").body;
    const std::string tokens = call("GET", "/api/2.0/token-management/tokens", "", admin).body;
    for (const expectation& row : table) {
        if (row.method == "GET" || row.status >= 300) continue;
        SCOPED_TRACE(joined({row.method, " ", row.pattern}));
        for (const role& one : roles) {
            if (!has(one, row.least)) {
                EXPECT_EQ(ask(row, one).status, 403);
            }
        }
    }
    EXPECT_EQ(call("GET", audit, "", admin).body, changes);
    EXPECT_EQ(call("GET", SCIM "Users").body + call("GET", SCIM "Groups").body, people);
    EXPECT_EQ(call("GET", "/api/2.0/token-management/tokens", "", admin).body, tokens);
    for (const expectation& row : table) {
        if (row.method == "GET" && row.status == 200) {
            EXPECT_EQ(ask(row, roles.back()).status, 200) << row.pattern;
        }
    }
    EXPECT_EQ(at(call("GET", SECRETS "acls/list?scope=shared").body, "/items/6"), "(none)");
    EXPECT_EQ(at(call("GET", SECRETS "list?scope=shared").body, "/secrets/1"), "(none)");
    EXPECT_EQ(at(get("target").body, "/config/config_version"), "1");
    EXPECT_EQ(at(get("target").body, "/tags/0"), "(none)");
}

TEST_F(rights, lists_show_what_the_caller_may_view) {
    for (const role& one : roles) {
        const auto who = published_principal(ids_[std::string(one.name)]);
        const bool sees = one.endpoint >= can_view;
        EXPECT_EQ(at(call("GET", ENDPOINTS, "", who).body, "/endpoints/0/name"), sees ? "target" : "(none)")
            << one.name;
        EXPECT_EQ(at(call("GET", "/api/2.0/endpoints/", "", who).body, "/endpoints/0/name"),
                  sees ? "target" : "(none)")
            << one.name;
        EXPECT_EQ(at(call("GET", SECRETS "scopes/list", "", who).body, "/scopes/0/name"),
                  one.scope > 0 ? "shared" : "(none)")
            << one.name;
    }
}

TEST_F(rights, everybody_sees_and_deletes_his_own_tokens) {
    for (const role& one : roles) {
        const auto who = published_principal(ids_[std::string(one.name)]);
        const auto made = call("POST", "/api/2.0/token/create", R"({"comment":"mine"})", who);
        const std::string id = at(made.body, "/token_info/token_id");
        const auto listed = call("GET", "/api/2.0/token/list", "", who);
        EXPECT_NE(listed.body.find(id), std::string::npos) << one.name << listed.body;
        const std::string body = joined({R"({"token_id":")", id, R"("})"});
        EXPECT_EQ(call("POST", "/api/2.0/token/delete", body, published_principal(ids_["stranger"])).status,
                  one.name == "stranger" ? 200 : 403);
        EXPECT_EQ(call("POST", "/api/2.0/token/delete", body, who).status, one.name == "stranger" ? 404 : 200)
            << one.name;
    }
}

TEST_F(rights, a_call_without_a_caller_is_refused_but_for_those_that_authenticate_themselves) {
    for (const expectation& row : table) {
        const bool is_open = row.pattern == "/oidc/v1/token" ||
                             (row.method == "POST" && row.pattern == "/api/2.0/sluice/session");
        const auto got = call(std::string(row.method), path_of(row), "{}", nullptr);
        EXPECT_EQ(got.status, is_open ? 400 : 401) << row.pattern << got.body;
    }
}

} // namespace
} // namespace sluice::control::rights_test
