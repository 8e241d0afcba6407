#include "proxy/control/endpoint_metrics.hpp"

#include "core/http/message.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sluice::control {

namespace {

// One served entity, or those without one.
struct series {
    std::string labels; // without braces
    std::vector<const model::entity_slot*> slots;
};

struct gauge_of_minute {
    std::string_view name;
    std::string_view help;
    model::minute_count model::entity_slot::* member;
};

constexpr std::array minute_gauges{
    gauge_of_minute{"request_count_total", "Requests in the last minute.", &model::entity_slot::requests},
    gauge_of_minute{"request_4xx_count_total",
                    "Requests in the last minute that were answered with a status of 400 to 499.",
                    &model::entity_slot::status_4xx},
    gauge_of_minute{"request_5xx_count_total",
                    "Requests in the last minute that were answered with a status of 500 to 599.",
                    &model::entity_slot::status_5xx},
};

struct histogram_of {
    std::string_view name;
    std::string_view help;
    histogram model::entity_slot::* member;
};

constexpr std::array histograms{
    histogram_of{"request_latency_ms",
                 "Milliseconds from the end of a request's head to the end of its answer.",
                 &model::entity_slot::latency},
    histogram_of{"model_prediction_latency_ms",
                 "Milliseconds from sending a request to the provider to the end of the answer.",
                 &model::entity_slot::model_latency},
    histogram_of{"model_queue_time_ms",
                 "Milliseconds that a request waited for a connection to the provider.",
                 &model::entity_slot::queue_time},
};

void append_label(std::string& out, std::string_view name, std::string_view value) {
    if (!out.empty()) out += ',';
    out.append(name).append("=\"");
    for (const char c : value) {
        if (c == '\\' || c == '"') out += '\\';
        if (c == '\n') {
            out += "\\n";
        } else {
            out += c;
        }
    }
    out += '"';
}

void append_head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
    out.append("# HELP ").append(name).append(1, ' ').append(help);
    out.append("\n# TYPE ").append(name).append(1, ' ').append(type).append(1, '\n');
}

void append_line(std::string& out, std::string_view name, std::string_view labels, std::string_view value) {
    out.append(name).append(1, '{').append(labels).append("} ").append(value).append(1, '\n');
}

// With a point or not, three digits behind it at most.
std::string decimal(double value) {
    std::array<char, 64> text{};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 3);
    return {text.data(), end.ptr};
}

std::string milliseconds_text(std::uint64_t microseconds) {
    std::string fraction = std::to_string(microseconds % 1000);
    return std::to_string(microseconds / 1000) + '.' + std::string(3 - fraction.size(), '0') + fraction;
}

void append_histogram(std::string& out, const series& one, const histogram_of& which) {
    std::uint64_t running = 0;
    std::uint64_t sum = 0;
    const std::string bucket = std::string(which.name) + "_bucket";
    for (std::size_t i = 0; i <= histogram::bounds.size(); ++i) {
        for (const model::entity_slot* slot : one.slots)
            running += (slot->*which.member).buckets[i].get();
        const bool last = i == histogram::bounds.size();
        std::string labels = one.labels;
        append_label(labels, "le", last ? "+Inf" : std::to_string(histogram::bounds[i]) + ".0");
        append_line(out, bucket, labels, std::to_string(running));
    }
    for (const model::entity_slot* slot : one.slots)
        sum += (slot->*which.member).sum_us.get();
    append_line(out, std::string(which.name) + "_sum", one.labels, milliseconds_text(sum));
    append_line(out, std::string(which.name) + "_count", one.labels, std::to_string(running));
}

void append_gauge(std::string& out,
                  std::string_view name,
                  std::string_view help,
                  std::string_view labels,
                  std::optional<double> value) {
    if (!value) return;
    append_head(out, name, "gauge", help);
    append_line(out, name, labels, decimal(*value));
}

// An entity is there from the start; what was refused only when something was.
std::vector<series> all_series(std::string_view endpoint, const endpoint_stats& stats) {
    std::vector<series> out;
    const auto add = [&](std::string_view entity, const model::entity_stats& of) {
        series one;
        append_label(one.labels, "endpoint_name", endpoint);
        append_label(one.labels, "served_entity_name", entity);
        one.slots = of.slots();
        out.push_back(std::move(one));
    };
    for (const auto& [entity, of] : stats.entities)
        add(entity, *of);
    if (!stats.refused->slots().empty()) add(no_entity, *stats.refused);
    return out;
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t'))
        text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t'))
        text.remove_suffix(1);
    return text;
}

// Cuts off what stands before the separator.
std::string_view take(std::string_view& rest, char separator) {
    const std::size_t end = std::min(rest.find(separator), rest.size());
    const std::string_view piece = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return piece;
}

// q of one member of Accept, in thousandths; what cannot be read counts as 1.
int quality_of(std::string_view parameters) {
    while (!parameters.empty()) {
        const std::string_view one = take(parameters, ';');
        if (!one.starts_with("q=")) continue;
        double value = 1;
        std::from_chars(one.data() + 2, one.data() + one.size(), value);
        return value > 0 ? static_cast<int>(std::min(value, 1.0) * 1000) : 0; // 0 for what is no number, too
    }
    return 1000;
}

} // namespace

metrics_format wanted_metrics(std::string_view accept) {
    int open_metrics = 0;
    int plain = 0;
    while (!accept.empty()) {
        std::string_view member = take(accept, ',');
        const std::string_view type = take(member, ';');
        if (http::iequals(type, "application/openmetrics-text")) {
            open_metrics = std::max(open_metrics, quality_of(member));
        } else if (http::iequals(type, "text/plain")) {
            plain = std::max(plain, quality_of(member));
        }
    }
    return open_metrics > 0 && open_metrics >= plain ? metrics_format::open_metrics
                                                     : metrics_format::prometheus;
}

std::string_view content_type_of(metrics_format format) {
    return format == metrics_format::open_metrics
               ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
               : "text/plain; version=0.0.4; charset=utf-8";
}

std::string print_metrics(std::string_view endpoint,
                          const endpoint_stats& stats,
                          const process_usage::measured& process,
                          steady_time now,
                          metrics_format format) {
    std::string out;
    std::string of_endpoint;
    append_label(of_endpoint, "endpoint_name", endpoint);
    append_gauge(out,
                 "cpu_usage_percentage",
                 "CPU of the gateway's process, which serves every endpoint, in percent of all cores.",
                 of_endpoint,
                 process.cpu_percentage);
    append_gauge(out,
                 "mem_usage_percentage",
                 "Memory of the gateway's process, which serves every endpoint, in percent.",
                 of_endpoint,
                 process.memory_percentage);
    const std::vector<series> all = all_series(endpoint, stats);
    if (!all.empty()) {
        for (const gauge_of_minute& which : minute_gauges) {
            append_head(out, which.name, "gauge", which.help);
            for (const series& one : all) {
                std::uint64_t total = 0;
                for (const model::entity_slot* slot : one.slots)
                    total += (slot->*which.member).sum(now);
                append_line(out, which.name, one.labels, std::to_string(total));
            }
        }
        for (const histogram_of& which : histograms) {
            append_head(out, which.name, "histogram", which.help);
            for (const series& one : all)
                append_histogram(out, one, which);
        }
    }
    if (format == metrics_format::open_metrics) out += "# EOF\n";
    return out;
}

} // namespace sluice::control
