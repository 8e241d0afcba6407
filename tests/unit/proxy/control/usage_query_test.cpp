#include "proxy/control/usage_output.hpp"
#include "proxy/control/usage_query.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sluice::control::usage_query_test {
namespace {

result<usage_query> parsed(std::string_view parameters, std::string_view accept = "*/*") {
    return parse_usage_query(boost::json::parse({parameters.data(), parameters.size()}).as_object(), accept);
}

TEST(usage_query, without_parameters_asks_for_the_newest_thousand) {
    const auto query = parsed("{}");
    ASSERT_TRUE(query);
    EXPECT_EQ(query->filter.most, 1000U);
    EXPECT_FALSE(query->filter.ascending);
    EXPECT_FALSE(query->csv);
    EXPECT_FALSE(query->filter.after || query->filter.start || query->filter.status_code);
}

TEST(usage_query, reads_texts_as_numbers_and_flags_and_ignores_what_it_does_not_know) {
    const auto query = parsed(R"({"status_code":"429","streaming":"true","start_time":"5","end_time":"9",)"
                              R"("max_results":"7","order":"ascending","requester":"a","other":"x"})");
    ASSERT_TRUE(query);
    EXPECT_EQ(query->filter.status_code, 429);
    EXPECT_EQ(query->filter.streaming, true);
    EXPECT_EQ(query->filter.start, 5);
    EXPECT_EQ(query->filter.end, 9);
    EXPECT_EQ(query->filter.most, 7U);
    EXPECT_TRUE(query->filter.ascending);
    EXPECT_EQ(query->filter.requester, "a");
}

TEST(usage_query, refuses_what_it_cannot_mean) {
    for (const std::string_view bad : {R"({"max_results":"0"})",
                                       R"({"max_results":"10001"})",
                                       R"({"max_results":"many"})",
                                       R"({"order":"sideways"})",
                                       R"({"format":"xml"})",
                                       R"({"start_time":"-1"})",
                                       R"({"end_time":"yesterday"})",
                                       R"({"status_code":"ok"})",
                                       R"({"streaming":"perhaps"})",
                                       R"({"page_token":"x"})"}) {
        const auto query = parsed(bad);
        ASSERT_FALSE(query) << bad;
        EXPECT_EQ(query.error().code, errc::invalid_parameter_value) << bad;
    }
    EXPECT_FALSE(parsed(R"({"requester":")" + std::string(1025, 'a') + R"("})"));
}

TEST(usage_query, the_form_is_the_formats_or_else_what_is_accepted) {
    EXPECT_TRUE(parsed("{}", "text/csv")->csv);
    EXPECT_TRUE(parsed("{}", "Text/CSV;q=0.9")->csv);
    EXPECT_FALSE(parsed("{}", "application/json")->csv);
    EXPECT_TRUE(parsed(R"({"format":"csv"})", "application/json")->csv);
    EXPECT_FALSE(parsed(R"({"format":"json"})", "text/csv")->csv);
}

TEST(usage_query, a_page_token_leads_back_to_its_place) {
    const auto first = parsed(R"({"requester":"a","order":"asc"})");
    ASSERT_TRUE(first);
    const model::usage_position last{1'700'000'000'123, 42};
    const std::string token = make_page_token(*first, last);
    const auto second =
        parsed(R"({"requester":"a","order":"asc","max_results":5,"page_token":")" + token + R"("})");
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(second->filter.after, last);
}

TEST(usage_query, a_token_of_another_query_or_one_that_was_changed_is_refused) {
    const auto first = parsed(R"({"requester":"a"})");
    const std::string token = make_page_token(*first, {1'700'000'000'123, 42});
    EXPECT_FALSE(parsed(R"({"requester":"b","page_token":")" + token + R"("})"));
    EXPECT_FALSE(parsed(R"({"client_request_id":"a","page_token":")" + token + R"("})"));
    EXPECT_FALSE(parsed(R"({"requester":"a","order":"asc","page_token":")" + token + R"("})"));
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string changed = token;
        changed[i] = changed[i] == '0' ? '1' : '0';
        EXPECT_FALSE(parsed(R"({"requester":"a","page_token":")" + changed + R"("})")) << i;
        EXPECT_FALSE(i > 0 && parsed(R"({"requester":"a","page_token":")" + token.substr(0, i) + R"("})"))
            << i;
    }
    EXPECT_FALSE(parsed(R"({"requester":"a","page_token":")" + token + R"(0"})"));
}

model::usage_record one_row() {
    model::usage_record row;
    row.request_time = 5;
    row.request_id = "r-1";
    row.requester = "alice@example.com";
    row.principal_id = "1001";
    row.endpoint_id = "e";
    row.endpoint_name = "chat";
    row.status_code = 200;
    row.latency_ms = 12;
    return row;
}

TEST(usage_output, a_row_as_json_has_every_column_and_null_for_what_is_unknown) {
    model::usage_record row = one_row();
    row.usage_context = R"({"team":"a"})";
    row.input_tokens = 3;
    EXPECT_EQ(
        usage_json({"acc", "17"}, {{row}, true}, "next"),
        R"({"usage":[{"account_id":"acc","workspace_id":"17","client_request_id":null,)"
        R"("databricks_request_id":"r-1","requester":"alice@example.com","status_code":200,"request_time":5,)"
        R"("input_token_count":3,"output_token_count":null,"input_character_count":null,)"
        R"("output_character_count":null,"usage_context":{"team":"a"},"request_streaming":false,)"
        R"("served_entity_id":null,"endpoint_id":"e","endpoint_name":"chat","principal_id":"1001",)"
        R"("latency_ms":12,"time_to_first_byte_ms":null,"cached_input_token_count":null,)"
        R"("reasoning_output_token_count":null}],"next_page_token":"next"})");
    EXPECT_EQ(usage_json({}, {}, ""), R"({"usage":[]})");
}

TEST(usage_output, csv_has_a_line_of_names_and_one_for_each_row) {
    const std::string text = usage_csv({"acc", "17"}, {{one_row(), one_row()}, false});
    EXPECT_TRUE(text.starts_with("account_id,workspace_id,client_request_id,databricks_request_id,")) << text;
    EXPECT_NE(text.find("\r\nacc,17,,r-1,alice@example.com,200,5,,,,,,false,,e,chat,1001,12,,,\r\n"),
              std::string::npos)
        << text;
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
}

TEST(usage_output, csv_cells_are_quoted_and_never_formulas) {
    const auto cell = [](std::string_view client_request_id) {
        model::usage_record row = one_row();
        row.client_request_id = client_request_id;
        const std::string text = usage_csv({"acc", "17"}, {{row}, false});
        const std::size_t begin = text.find("\r\nacc,17,") + 9;
        return text.substr(begin, text.find(",r-1,", begin) - begin);
    };
    EXPECT_EQ(cell("plain"), "plain");
    EXPECT_EQ(cell("a,b"), R"("a,b")");
    EXPECT_EQ(cell("a\"b"), R"("a""b")");
    EXPECT_EQ(cell("a\r\nb"), "\"a\r\nb\"");
    EXPECT_EQ(cell("=1+1"), R"("'=1+1")");
    EXPECT_EQ(cell("+1"), R"("'+1")");
    EXPECT_EQ(cell("-1"), R"("'-1")");
    EXPECT_EQ(cell("@x"), R"("'@x")");
    EXPECT_EQ(cell("\t=1"), "\"'\t=1\"");
}

TEST(usage_output, an_entity_has_the_columns_of_the_real_table) {
    model::usage_entity row;
    row.served_entity_id = "s";
    row.created_by = "alice@example.com";
    row.endpoint_id = "e";
    row.endpoint_name = "chat";
    row.name = "one";
    row.external_model = "gpt-4";
    row.provider = "openai";
    row.task = "llm/v1/chat";
    row.config_version = 2;
    row.change_time = 5;
    EXPECT_EQ(
        entities_json({"acc", "17"}, {{row}, false}, ""),
        R"({"served_entities":[{"served_entity_id":"s","account_id":"acc","workspace_id":"17",)"
        R"("created_by":"alice@example.com","endpoint_name":"chat","endpoint_id":"e",)"
        R"("served_entity_name":"one","entity_type":"EXTERNAL_MODEL","entity_name":"gpt-4",)"
        R"("entity_version":null,"endpoint_config_version":2,"task":"llm/v1/chat",)"
        R"("external_model_config":{"provider":"openai"},"change_time":5,"endpoint_delete_time":null}]})");
}

} // namespace
} // namespace sluice::control::usage_query_test
