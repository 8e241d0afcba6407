#include "proxy/control/history_query.hpp"
#include "tests/unit/proxy/control/store_support.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice::control::history_query_test {
namespace {

constexpr std::int64_t minute = 60'000;
constexpr wall_ms now = 1'700'000'000'000; // 20 s into a minute

std::int64_t points_of(const history_query& query) {
    return (query.wanted.end - query.wanted.start + query.wanted.step - 1) / query.wanted.step;
}

history_query parsed(std::string_view parameters) {
    const result<history_query> out = parse_history_query(body(parameters), now);
    EXPECT_TRUE(succeeds(out)) << parameters;
    return out.value_or(history_query());
}

TEST(history_query, is_the_last_hour_by_minutes_when_nothing_is_said) {
    const history_query query = parsed("{}");
    EXPECT_EQ(query.wanted.step, minute);
    EXPECT_EQ(query.wanted.start, (now - 60 * minute) / minute * minute);
    EXPECT_EQ(query.wanted.end, now + 1) << "this very millisecond is included";
    EXPECT_EQ(points_of(query), 61);
}

TEST(history_query, has_the_minute_that_begins_now) {
    const wall_ms at = now / minute * minute;
    const result<history_query> query = parse_history_query(body("{}"), at);
    ASSERT_TRUE(succeeds(query));
    EXPECT_EQ(query->wanted.start + (points_of(*query) - 1) * query->wanted.step, at);
}

TEST(history_query, chooses_the_finest_step_that_gives_at_most_200_points) {
    for (const std::int64_t minutes : {1, 199, 200, 201, 400, 1440, 10'080, 525'600}) {
        const history_query query =
            parsed(R"({"start_ms":")" + std::to_string(now - minutes * minute) + R"("})");
        EXPECT_EQ(query.wanted.step % minute, 0) << minutes;
        EXPECT_EQ(query.wanted.start % query.wanted.step, 0) << minutes;
        EXPECT_LE(query.wanted.start, now - minutes * minute) << minutes;
        EXPECT_LE(points_of(query), 200) << minutes;
        EXPECT_GT(points_of(query) * query.wanted.step, minutes * minute - 1) << minutes;
        if (query.wanted.step > minute) {
            EXPECT_GT((minutes * minute) / (query.wanted.step - minute), 197) << minutes;
        }
    }
}

TEST(history_query, begins_at_a_multiple_of_its_step) {
    const history_query query = parsed(R"({"start_ms":"1000000","end_ms":"2000000","step_seconds":"300"})");
    EXPECT_EQ(query.wanted.step, 300'000);
    EXPECT_EQ(query.wanted.start, 900'000);
    EXPECT_EQ(query.wanted.end, 2'000'000);
}

TEST(history_query, refuses_what_makes_no_sense) {
    for (const char* bad : {R"({"step_seconds":"30"})",
                            R"({"step_seconds":"90"})",
                            R"({"step_seconds":"0"})",
                            R"({"step_seconds":"-60"})",
                            R"({"step_seconds":"9223372036854775800"})",
                            R"({"step_seconds":"x"})",
                            R"({"start_ms":"-1"})",
                            R"({"start_ms":"5","end_ms":"5"})",
                            R"({"start_ms":"1800000000000"})",
                            R"({"end_ms":"0"})",
                            R"({"end_ms":"-9223372036854775808"})",
                            R"({"end_ms":"9223372036854775807"})",
                            R"({"start_ms":"0","step_seconds":"60"})"}) {
        EXPECT_TRUE(fails_with(parse_history_query(body(bad), now), errc::invalid_parameter_value)) << bad;
    }
}

TEST(history_json, has_arrays_as_long_as_its_times_and_null_where_nothing_was_seen) {
    const history_query query = parsed(R"({"start_ms":"60000","end_ms":"180000","step_seconds":"60"})");
    model::metrics_answer answer;
    answer.total.points.resize(2);
    answer.total.points[1].counts = {5, 1, 2, 3, 100, 200};
    answer.total.points[1].latency = {1500, 250'000.25};
    answer.total.points[1].overhead = {12.5, 99};
    answer.entities.push_back({"gpt", answer.total.points});
    const std::string series =
        R"("requests":[0,5],"errors_4xx":[0,1],"errors_5xx":[0,2],"rate_limited":[0,3],)"
        R"("input_tokens":[0,100],"output_tokens":[0,200],"latency_p50_ms":[null,1.500],)"
        R"("latency_p99_ms":[null,250.000],"first_token_p50_ms":[null,null],"first_token_p99_ms":[null,null],)"
        R"("overhead_p50_us":[null,12.500],"overhead_p99_us":[null,99.000]})";
    EXPECT_EQ(history_json(query, answer),
              R"({"start_ms":60000,"end_ms":180000,"step_seconds":60,"times":[60000,120000],"total":{)" +
                  series + R"(,"entities":[{"name":"gpt",)" + series + "]}");
}

TEST(summary_query, is_the_last_day_by_requester_when_nothing_is_said) {
    const auto query = parse_summary_query(body("{}"), now);
    ASSERT_TRUE(succeeds(query));
    EXPECT_EQ(query->group, model::usage_group::requester);
    EXPECT_EQ(query->filter.start, now + 1 - 1440 * minute);
    EXPECT_EQ(query->filter.end, now + 1);
    EXPECT_EQ(query->filter.endpoint_name, "");
}

TEST(summary_query, takes_endpoint_group_and_times_and_refuses_others) {
    const auto query = parse_summary_query(
        body(R"({"endpoint":"chat","group_by":"entity","start_ms":"5","end_ms":"6"})"), now);
    ASSERT_TRUE(succeeds(query));
    EXPECT_EQ(query->group, model::usage_group::entity);
    EXPECT_EQ(query->filter.endpoint_name, "chat");
    EXPECT_EQ(query->filter.start, 5);
    EXPECT_EQ(query->filter.end, 6);
    for (const char* bad : {R"({"group_by":"endpoint"})", R"({"start_ms":"7","end_ms":"6"})"})
        EXPECT_TRUE(fails_with(parse_summary_query(body(bad), now), errc::invalid_parameter_value)) << bad;
    const std::string longest = R"({"endpoint":")" + std::string(2000, 'x') + R"("})";
    EXPECT_TRUE(fails_with(parse_summary_query(body(longest), now), errc::invalid_parameter_value));
}

TEST(summary_json, has_a_row_for_each_key) {
    EXPECT_EQ(summary_json({}), R"({"rows":[],"truncated":false})");
    EXPECT_EQ(summary_json({{{"a\"b", 4, 1, 10, 20}, {"c", 1, 0, 0, 0}}, true}),
              R"({"rows":[{"key":"a\"b","requests":4,"errors":1,"input_tokens":10,"output_tokens":20},)"
              R"({"key":"c","requests":1,"errors":0,"input_tokens":0,"output_tokens":0}],"truncated":true})");
}

} // namespace
} // namespace sluice::control::history_query_test
