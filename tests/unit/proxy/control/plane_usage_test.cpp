#include "proxy/observe/usage_store.hpp"
#include "tests/unit/proxy/control/plane_fixture.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice::control::plane_usage_test {
namespace {

constexpr const char* usage_path = "/api/2.0/sluice/usage";
constexpr const char* entities_path = "/api/2.0/sluice/served-entities";

class usage_calls : public plane_test {
protected:
    void SetUp() override {
        tables_.add(queue_);
        reopen();
        make_secret("my_scope", "my_openai_api_key", "sk-first-key");
    }
    void TearDown() override { tables_.stop(); }

    void reopen() {
        state_.reset();
        auto opened = plane_state::open(settings_, clock_, policy_, &tables_);
        ASSERT_TRUE(opened) << opened.error().message;
        state_ = std::move(*opened);
    }

    void
    push(const std::string& request_id, const std::string& principal, const std::string& endpoint_id = "e") {
        observe::usage_row row;
        row.request_id = request_id;
        row.requester = principal;
        row.principal_id = principal;
        row.endpoint_id = endpoint_id;
        row.endpoint_name = "chat";
        row.values.status_code = 200;
        row.values.request_time = 1;
        ASSERT_TRUE(queue_.push(row));
    }

    [[nodiscard]] std::string id_of(const std::string& name) { return at(get(name).body, "/id"); }

    observe::usage_queue queue_;
    observe::usage_store tables_{settings_.data_dir, 1'000'000};
};

TEST_F(usage_calls, an_admin_sees_all_rows_and_others_see_their_own) {
    push("r-1", "1001");
    push("r-2", "1002");
    EXPECT_EQ(at(call("GET", usage_path).body, "/usage/1/databricks_request_id"), "r-1");
    const auto own = call("GET", usage_path, "", alice());
    EXPECT_EQ(own.status, 200);
    EXPECT_EQ(at(own.body, "/usage/0/databricks_request_id"), "r-1");
    EXPECT_EQ(at(own.body, "/usage/1"), "(none)");
}

TEST_F(usage_calls, who_manages_an_endpoint_sees_the_rows_of_it_by_name_and_by_id) {
    ASSERT_EQ(call("POST", "/api/2.0/serving-endpoints", R"({"name":"chat"})", alice()).status, 200);
    const std::string id = id_of("chat");
    push("r-1", "1002", id);
    push("r-2", "1002", "an endpoint of the same name that was deleted");
    for (const std::string& which : {std::string("?endpoint_name=chat"), "?endpoint_id=" + id}) {
        const auto hers = call("GET", usage_path + which, "", alice());
        EXPECT_EQ(at(hers.body, "/usage/0/databricks_request_id"), "r-1") << which;
        EXPECT_EQ(at(hers.body, "/usage/1"), "(none)") << which;
    }
}

TEST_F(usage_calls, nobody_sees_rows_of_others_by_naming_an_endpoint_that_is_not_theirs) {
    ASSERT_EQ(call("POST", "/api/2.0/serving-endpoints", R"({"name":"chat"})", alice()).status, 200);
    push("r-1", "1001", id_of("chat"));
    for (const std::string& which : {std::string("?endpoint_name=chat"),
                                     "?endpoint_id=" + id_of("chat"),
                                     std::string("?requester=1001")}) {
        const auto answer = call("GET", usage_path + which, "", bob());
        EXPECT_EQ(answer.body, R"({"usage":[]})") << which;
    }
}

TEST_F(usage_calls, a_summary_counts_the_rows_that_the_caller_sees) {
    ASSERT_EQ(call("POST", "/api/2.0/serving-endpoints", R"({"name":"chat"})", alice()).status, 200);
    push("r-1", "1001", id_of("chat"));
    push("r-2", "1002", id_of("chat"));
    push("r-3", "1002", id_of("chat"));
    const std::string path = "/api/2.0/sluice/usage/summary?endpoint=chat&start_ms=0&end_ms=1000";
    const auto hers = call("GET", path, "", alice());
    ASSERT_EQ(hers.status, 200) << hers.body;
    EXPECT_EQ(hers.body,
              R"({"rows":[{"key":"1002","requests":2,"errors":0,"input_tokens":0,"output_tokens":0},)"
              R"({"key":"1001","requests":1,"errors":0,"input_tokens":0,"output_tokens":0}],)"
              R"("truncated":false})");
    const auto his = call("GET", path, "", bob());
    EXPECT_EQ(at(his.body, "/rows/0/key"), "1002");
    EXPECT_EQ(at(his.body, "/rows/1"), "(none)");
    EXPECT_EQ(at(call("GET", path + "&group_by=entity").body, "/rows/0/key"), "(none)");
    EXPECT_EQ(at(call("GET", "/api/2.0/sluice/usage/summary").body, "/rows"), "[]") << "not of the last day";
    EXPECT_EQ(call("GET", path + "&group_by=x").status, 400);
}

TEST_F(usage_calls, pages_lead_through_all_rows) {
    for (int i = 0; i < 5; ++i)
        push("r-" + std::to_string(i), "1001");
    std::string seen;
    std::string token;
    do {
        const auto page = call("GET", std::string(usage_path) + "?max_results=2&page_token=" + token);
        ASSERT_EQ(page.status, 200) << page.body;
        for (const char* row : {"/usage/0/databricks_request_id", "/usage/1/databricks_request_id"})
            seen += at(page.body, row) + " ";
        token = at(page.body, "/next_page_token");
    } while (token != "(none)");
    EXPECT_EQ(seen, "r-4 r-3 r-2 r-1 r-0 (none) ");
}

TEST_F(usage_calls, csv_comes_with_its_type_and_the_token_in_a_field) {
    push("r-1", "1001");
    push("r-2", "1001");
    const auto first = call("GET", std::string(usage_path) + "?format=csv&max_results=1");
    EXPECT_EQ(first.content_type, "text/csv; charset=utf-8");
    ASSERT_EQ(first.headers.size(), 1U);
    EXPECT_EQ(first.headers[0].first, "x-next-page-token");
    const auto second = call(
        "GET", std::string(usage_path) + "?format=csv&max_results=1&page_token=" + first.headers[0].second);
    EXPECT_NE(second.body.find(",r-1,"), std::string::npos) << second.body;
    EXPECT_TRUE(second.headers.empty());
}

TEST_F(usage_calls, bad_parameters_are_400) {
    EXPECT_EQ(call("GET", std::string(usage_path) + "?max_results=0").status, 400);
    EXPECT_EQ(call("GET", std::string(usage_path) + "?page_token=0").status, 400);
    EXPECT_EQ(call("GET", std::string(entities_path) + "?format=x").status, 400);
}

TEST_F(usage_calls, each_config_in_force_leaves_a_row_for_each_of_its_entities) {
    ASSERT_EQ(create(endpoint_body("chat", entity("one"))).status, 200);
    const std::string id = published("chat")->entities.front()->id;
    ASSERT_EQ(put_config("chat",
                         config_of(entity("one") + "," + entity("two"),
                                   R"(,"traffic_config":{"routes":[{"served_model_name":"one",)"
                                   R"("traffic_percentage":50},{"served_model_name":"two",)"
                                   R"("traffic_percentage":50}]})"))
                  .status,
              200);
    const std::string rows = call("GET", entities_path).body;
    EXPECT_EQ(at(rows, "/served_entities/0/served_entity_id"), id);
    EXPECT_EQ(at(rows, "/served_entities/0/endpoint_config_version"), "1");
    EXPECT_EQ(at(rows, "/served_entities/1/served_entity_id"), id);
    EXPECT_EQ(at(rows, "/served_entities/1/endpoint_config_version"), "2");
    EXPECT_EQ(at(rows, "/served_entities/2/served_entity_name"), "two");
    EXPECT_EQ(at(rows, "/served_entities/2/entity_name"), "gpt-4");
    EXPECT_EQ(at(rows, "/served_entities/2/external_model_config/provider"), "openai");
    EXPECT_EQ(at(rows, "/served_entities/3"), "(none)");
}

TEST_F(usage_calls, a_restart_repeats_no_row_and_the_deletion_of_an_endpoint_is_noted) {
    ASSERT_EQ(create(endpoint_body("chat", entity("one"))).status, 200);
    const std::string id = published("chat")->entities.front()->id;
    reopen();
    EXPECT_EQ(published("chat")->entities.front()->id, id);
    EXPECT_EQ(at(call("GET", entities_path).body, "/served_entities/1"), "(none)");
    EXPECT_EQ(at(call("GET", entities_path).body, "/served_entities/0/endpoint_delete_time"), "null");
    clock_.passed = milliseconds(5000);
    ASSERT_EQ(call("DELETE", "/api/2.0/serving-endpoints/chat").status, 200);
    EXPECT_EQ(at(call("GET", entities_path).body, "/served_entities/0/endpoint_delete_time"),
              "1700000005000");
}

TEST_F(usage_calls, entities_are_shown_to_those_who_see_their_endpoint) {
    ASSERT_EQ(create(endpoint_body("chat", entity("one"))).status, 200);
    EXPECT_EQ(call("GET", entities_path, "", bob()).body, R"({"served_entities":[]})");
    EXPECT_NE(call("GET", entities_path).body, R"({"served_entities":[]})");
}

} // namespace
} // namespace sluice::control::plane_usage_test
