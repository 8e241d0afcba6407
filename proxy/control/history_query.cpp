#include "proxy/control/history_query.hpp"

#include "core/json/writer.hpp"
#include "proxy/control/body.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace sluice::control {

namespace {

constexpr std::int64_t ms_per_minute = 60'000;
constexpr wall_ms hour = 60 * ms_per_minute;
constexpr wall_ms latest = 253'402'300'799'999; // the year 9999
constexpr std::int64_t usual_points = 200;
constexpr std::int64_t most_points = 2000;
constexpr std::size_t longest_name = 1024; // of a name

std::int64_t points_of(const history_query& query, std::int64_t step) {
    const wall_ms start = query.wanted.start / step * step;
    return (query.end - start + step - 1) / step;
}

// The finest that gives few enough points.
std::int64_t usual_step(const history_query& query) {
    std::int64_t step = ms_per_minute;
    const wall_ms time = query.end - query.wanted.start;
    if (time > usual_points * ms_per_minute) step = time / usual_points / ms_per_minute * ms_per_minute;
    while (points_of(query, step) > usual_points)
        step += ms_per_minute;
    return step;
}

void read_times(const members& from, wall_ms now, wall_ms usual, wall_ms& start, wall_ms& end) {
    end = from.integer("end_ms").value_or(now + 1); // this millisecond is included
    if (end > 0 && end <= latest)
        start = from.integer("start_ms").value_or(std::max<wall_ms>(end - usual, 0));
    if (start < 0 || end <= start || end > latest) {
        from.found().refuse(
            "'start_ms' and 'end_ms' must be milliseconds since 1970, the first before the second.");
    }
}

// Milliseconds of microseconds; null when there are none.
void append_decimal(std::string& out, std::optional<double> microseconds, double divisor) {
    if (!microseconds) {
        out += "null";
        return;
    }
    std::array<char, 64> text{};
    const auto end = std::to_chars(
        text.data(), text.data() + text.size(), *microseconds / divisor, std::chars_format::fixed, 3);
    out.append(text.data(), end.ptr);
}

template <class Write>
void write_points(std::string& out,
                  json::object_writer& to,
                  std::string_view key,
                  const model::metrics_series& series,
                  Write&& write) {
    to.key(key);
    out += '[';
    for (const model::metrics_point& point : series.points) {
        if (out.back() != '[') out += ',';
        write(point);
    }
    out += ']';
}

void write_series(std::string& out, json::object_writer& to, const model::metrics_series& series) {
    const auto counts = [&](std::string_view key, std::uint64_t model::metrics_counts::* which) {
        write_points(out, to, key, series, [&out, which](const model::metrics_point& point) {
            json::append_number(out, static_cast<std::int64_t>(point.counts.*which));
        });
    };
    const auto times = [&](std::string_view key,
                           model::metrics_percentiles model::metrics_point::* which,
                           std::optional<double> model::metrics_percentiles::* percentile,
                           double divisor) {
        write_points(out, to, key, series, [=, &out](const model::metrics_point& point) {
            append_decimal(out, point.*which.*percentile, divisor);
        });
    };
    using counted = model::metrics_counts;
    using point = model::metrics_point;
    using of = model::metrics_percentiles;
    constexpr double to_ms = 1000;
    counts("requests", &counted::requests);
    counts("errors_4xx", &counted::errors_4xx);
    counts("errors_5xx", &counted::errors_5xx);
    counts("rate_limited", &counted::rate_limited);
    counts("input_tokens", &counted::input_tokens);
    counts("output_tokens", &counted::output_tokens);
    times("latency_p50_ms", &point::latency, &of::p50, to_ms);
    times("latency_p99_ms", &point::latency, &of::p99, to_ms);
    times("first_token_p50_ms", &point::first_token, &of::p50, to_ms);
    times("first_token_p99_ms", &point::first_token, &of::p99, to_ms);
    times("overhead_p50_us", &point::overhead, &of::p50, 1);
    times("overhead_p99_us", &point::overhead, &of::p99, 1);
}

} // namespace

result<history_query> parse_history_query(const boost::json::object& parameters, wall_ms now) {
    findings found;
    const members from(parameters, "", found);
    history_query out;
    read_times(from, now, hour, out.wanted.start, out.end);
    const std::optional<std::int64_t> seconds = from.integer("step_seconds");
    if (seconds && (*seconds < 60 || *seconds % 60 != 0 || *seconds > latest / 1000)) {
        found.refuse("'step_seconds' must be a multiple of 60.");
    }
    if (result<void> verdict = found.verdict(); !verdict) return fail(verdict.error());
    out.wanted.step = seconds ? *seconds * 1000 : usual_step(out);
    if (points_of(out, out.wanted.step) > most_points) {
        return fail(errc::invalid_parameter_value,
                    "That would be more than " + std::to_string(most_points) +
                        " points: give a larger 'step_seconds', or less time.");
    }
    out.wanted.start = out.wanted.start / out.wanted.step * out.wanted.step;
    out.wanted.end = out.end;
    return out;
}

std::string history_json(const history_query& query, const model::metrics_answer& answer) {
    std::string out;
    json::object_writer to(out);
    to.number("start_ms", query.wanted.start);
    to.number("end_ms", query.end);
    to.number("step_seconds", query.wanted.step / 1000);
    to.key("times");
    out += '[';
    for (std::size_t i = 0; i < answer.total.points.size(); ++i) {
        if (i > 0) out += ',';
        json::append_number(out, query.wanted.start + static_cast<std::int64_t>(i) * query.wanted.step);
    }
    out += ']';
    to.key("total");
    json::object_writer total(out);
    write_series(out, total, answer.total);
    total.close();
    to.key("entities");
    out += '[';
    for (const model::metrics_series& series : answer.entities) {
        if (out.back() != '[') out += ',';
        json::object_writer entity(out);
        entity.text("name", series.name);
        write_series(out, entity, series);
        entity.close();
    }
    out += ']';
    to.close();
    return out;
}

result<model::usage_summary_query> parse_summary_query(const boost::json::object& parameters, wall_ms now) {
    findings found;
    const members from(parameters, "", found);
    model::usage_summary_query out;
    wall_ms start = 0;
    wall_ms end = 0;
    read_times(from, now, 24 * hour, start, end);
    out.filter.start = start;
    out.filter.end = end;
    out.filter.endpoint_name = from.text("endpoint").value_or("");
    if (out.filter.endpoint_name.size() > longest_name) found.refuse("'endpoint' is no endpoint's name.");
    const std::string group = from.text("group_by").value_or("requester");
    if (group == "entity") {
        out.group = model::usage_group::entity;
    } else if (group != "requester") {
        found.refuse("'group_by' must be requester or entity.");
    }
    if (result<void> verdict = found.verdict(); !verdict) return fail(verdict.error());
    return out;
}

std::string summary_json(const model::usage_summary& summary) {
    std::string out;
    json::object_writer to(out);
    to.key("rows");
    out += '[';
    for (const model::usage_sum& row : summary.rows) {
        if (out.back() != '[') out += ',';
        json::object_writer one(out);
        one.text("key", row.key);
        one.number("requests", row.requests);
        one.number("errors", row.errors);
        one.number("input_tokens", row.input_tokens);
        one.number("output_tokens", row.output_tokens);
        one.close();
    }
    out += ']';
    to.boolean("truncated", summary.truncated);
    to.close();
    return out;
}

} // namespace sluice::control
