#include "proxy/control/endpoint_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::control::endpoint_metrics_test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr steady_time now(seconds(1000));

endpoint_stats one_entity(std::string name = "gpt") {
    endpoint_stats out;
    out.refused = std::make_shared<model::entity_stats>();
    out.entities.emplace_back(std::move(name), std::make_shared<model::entity_stats>());
    return out;
}

std::string print(const endpoint_stats& stats,
                  metrics_format format = metrics_format::prometheus,
                  std::string_view endpoint = "chat") {
    return print_metrics(endpoint, stats, {}, now, format);
}

TEST(endpoint_metrics, an_idle_entity_has_every_series_at_zero) {
    const std::string text = print(one_entity());
    EXPECT_THAT(text,
                HasSubstr("# TYPE request_count_total gauge\n"
                          "request_count_total{endpoint_name=\"chat\",served_entity_name=\"gpt\"} 0\n"));
    EXPECT_THAT(text,
                HasSubstr("request_4xx_count_total{endpoint_name=\"chat\",served_entity_name=\"gpt\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("# TYPE request_latency_ms histogram\n"));
    EXPECT_THAT(text,
                HasSubstr("request_latency_ms_count{endpoint_name=\"chat\",served_entity_name=\"gpt\"} 0\n"));
    EXPECT_THAT(text, Not(HasSubstr("(none)")));
}

TEST(endpoint_metrics, shards_are_summed_and_buckets_are_cumulative) {
    const endpoint_stats stats = one_entity();
    model::entity_stats& entity = *stats.entities.front().second;
    entity.slot(0, 2).add({.status = 200, .took_us = 800}, now);
    entity.slot(1, 2).add({.status = 429, .took_us = 7'500}, now);
    entity.slot(1, 2).add({.status = 502, .took_us = 400'000'000}, now);
    const std::string text = print(stats);
    const std::string labels = "{endpoint_name=\"chat\",served_entity_name=\"gpt\"";
    EXPECT_THAT(text, HasSubstr("request_count_total" + labels + "} 3\n"));
    EXPECT_THAT(text, HasSubstr("request_4xx_count_total" + labels + "} 1\n"));
    EXPECT_THAT(text, HasSubstr("request_5xx_count_total" + labels + "} 1\n"));
    EXPECT_THAT(text, HasSubstr("request_latency_ms_bucket" + labels + ",le=\"1.0\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("request_latency_ms_bucket" + labels + ",le=\"10.0\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("request_latency_ms_bucket" + labels + ",le=\"+Inf\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("request_latency_ms_sum" + labels + "} 400008.300\n"));
    EXPECT_THAT(text, HasSubstr("request_latency_ms_count" + labels + "} 3\n"));
}

TEST(endpoint_metrics, the_counts_are_of_the_last_minute_and_the_histograms_are_not) {
    const endpoint_stats stats = one_entity();
    stats.entities.front().second->slot(0, 1).add({.status = 200, .took_us = 800}, now - seconds(70));
    const std::string text = print(stats);
    EXPECT_THAT(text,
                HasSubstr("request_count_total{endpoint_name=\"chat\",served_entity_name=\"gpt\"} 0\n"));
    EXPECT_THAT(text,
                HasSubstr("request_latency_ms_count{endpoint_name=\"chat\",served_entity_name=\"gpt\"} 1\n"));
}

TEST(endpoint_metrics, queries_that_got_no_entity_have_a_label_that_no_entity_can_have) {
    const endpoint_stats stats = one_entity();
    stats.refused->slot(0, 1).add({.status = 429}, now);
    EXPECT_THAT(
        print(stats),
        HasSubstr("request_4xx_count_total{endpoint_name=\"chat\",served_entity_name=\"(none)\"} 1\n"));
}

TEST(endpoint_metrics, only_open_metrics_ends_with_a_mark) {
    EXPECT_TRUE(print(one_entity(), metrics_format::open_metrics).ends_with("\n# EOF\n"));
    EXPECT_THAT(print(one_entity()), Not(HasSubstr("EOF")));
}

TEST(endpoint_metrics, labels_are_escaped) {
    EXPECT_THAT(print(one_entity("a\\b\"c\nd"), metrics_format::prometheus, "e\"f"),
                HasSubstr(R"({endpoint_name="e\"f",served_entity_name="a\\b\"c\nd"})"));
}

TEST(endpoint_metrics, what_is_not_known_is_left_out) {
    EXPECT_THAT(print(one_entity()), Not(HasSubstr("usage_percentage")));
    const std::string text =
        print_metrics("chat", one_entity(), {12.5, 0.25}, now, metrics_format::prometheus);
    EXPECT_THAT(text,
                HasSubstr("# TYPE cpu_usage_percentage gauge\n"
                          "cpu_usage_percentage{endpoint_name=\"chat\"} 12.500\n"));
    EXPECT_THAT(text, HasSubstr("mem_usage_percentage{endpoint_name=\"chat\"} 0.250\n"));
}

TEST(endpoint_metrics, the_accept_field_decides_the_format) {
    const auto is_open = [](std::string_view accept) {
        return wanted_metrics(accept) == metrics_format::open_metrics;
    };
    EXPECT_FALSE(is_open(""));
    EXPECT_FALSE(is_open("*/*"));
    EXPECT_FALSE(is_open("text/plain")) << "the SDK";
    EXPECT_TRUE(is_open("application/openmetrics-text"));
    EXPECT_TRUE(
        is_open("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"))
        << "Prometheus";
    EXPECT_FALSE(is_open("application/openmetrics-text;q=0.2, text/plain;q=0.7"));
    EXPECT_FALSE(is_open("application/openmetrics-text;q=0, */*"));
}

TEST(process_usage, memory_is_known_at_once_and_cpu_from_the_second_measurement) {
    process_usage usage;
    const auto first = usage.measure(now);
    ASSERT_TRUE(first.memory_percentage);
    EXPECT_GT(*first.memory_percentage, 0.0);
    EXPECT_LT(*first.memory_percentage, 100.0);
    EXPECT_FALSE(first.cpu_percentage);
    const auto second = usage.measure(now + seconds(2));
    ASSERT_TRUE(second.cpu_percentage);
    EXPECT_GE(*second.cpu_percentage, 0.0);
    EXPECT_LE(*second.cpu_percentage, 100.0);
}

} // namespace
} // namespace sluice::control::endpoint_metrics_test
