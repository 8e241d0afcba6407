#include "proxy/observe/metrics.hpp"

#include <string_view>

namespace sluice::observe {

namespace {

using shards = std::span<const shard_metrics* const>;

template <class Read>
std::uint64_t sum(shards all, Read read) {
    std::uint64_t total = 0;
    for (const shard_metrics* one : all)
        total += read(*one);
    return total;
}

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
    out.append("# HELP ")
        .append(name)
        .append(1, ' ')
        .append(help)
        .append("\n# TYPE ")
        .append(name)
        .append(1, ' ')
        .append(type);
    out += '\n';
}

void line(std::string& out, std::string_view name, std::string_view labels, std::uint64_t value) {
    out.append(name).append(labels).append(1, ' ').append(std::to_string(value)).append(1, '\n');
}

struct simple {
    std::string_view name;
    std::string_view type;
    std::string_view help;
    counter shard_metrics::* member;
};

constexpr simple simple_ones[] = {
    {"sluice_stream_bytes_total",
     "counter",
     "Bytes of streamed answers sent to clients.",
     &shard_metrics::stream_bytes},
    {"sluice_prompt_tokens_total",
     "counter",
     "Prompt tokens that providers reported.",
     &shard_metrics::prompt_tokens},
    {"sluice_completion_tokens_total",
     "counter",
     "Completion tokens that providers reported.",
     &shard_metrics::completion_tokens},
    {"sluice_rate_limited_total", "counter", "Queries refused by a rate limit.", &shard_metrics::limited},
    {"sluice_client_gone_total",
     "counter",
     "Queries whose client left before the end.",
     &shard_metrics::client_gone},
    {"sluice_upstream_attempts_total",
     "counter",
     "Requests sent to providers.",
     &shard_metrics::upstream_attempts},
    {"sluice_upstream_failures_total",
     "counter",
     "Attempts without a usable answer.",
     &shard_metrics::upstream_failures},
    {"sluice_upstream_stale_retries_total",
     "counter",
     "Retries after a kept-alive connection had died.",
     &shard_metrics::stale_retries},
    {"sluice_dropped_members_total",
     "counter",
     "Members of clients' bodies that the provider has no place for.",
     &shard_metrics::dropped_members},
    {"sluice_malformed_requests_total",
     "counter",
     "Requests refused because they were malformed or ambiguous.",
     &shard_metrics::malformed_heads},
    {"sluice_usage_rows_total",
     "counter",
     "Usage rows handed to the thread that stores them.",
     &shard_metrics::usage_rows},
    {"sluice_usage_dropped_total",
     "counter",
     "Usage rows lost because storing them was too far behind.",
     &shard_metrics::usage_dropped},
    {"sluice_client_connections", "gauge", "Open client connections.", &shard_metrics::connections},
    {"sluice_client_connections_total",
     "counter",
     "Accepted client connections.",
     &shard_metrics::connections_total},
    {"sluice_requests_in_flight", "gauge", "Requests being answered.", &shard_metrics::in_flight},
    {"sluice_upstream_connections", "gauge", "Open connections to providers.", &shard_metrics::upstream_open},
    {"sluice_upstream_idle_connections",
     "gauge",
     "Idle connections to providers.",
     &shard_metrics::upstream_idle},
    {"sluice_upstream_connections_total",
     "counter",
     "Connections opened to providers.",
     &shard_metrics::upstream_opened_total},
    {"sluice_upstream_reuses_total",
     "counter",
     "Requests sent on a kept-alive connection.",
     &shard_metrics::upstream_reused_total},
};

void print_histogram(std::string& out,
                     shards all,
                     std::string_view name,
                     std::string_view help,
                     histogram shard_metrics::* member) {
    head(out, name, "histogram", help);
    const std::string bucket = std::string(name) + "_bucket";
    std::uint64_t running = 0;
    for (std::size_t i = 0; i <= histogram::bounds.size(); ++i) {
        running += sum(all, [&](const shard_metrics& one) { return (one.*member).buckets[i].get(); });
        const std::string bound =
            i < histogram::bounds.size() ? std::to_string(histogram::bounds[i]) : "+Inf";
        line(out, bucket, "{le=\"" + bound + "\"}", running);
    }
    line(out, std::string(name) + "_sum", "", sum(all, [&](const shard_metrics& one) {
                                                  return (one.*member).sum_us.get();
                                              }) / 1000);
    line(out, std::string(name) + "_count", "", running);
}

} // namespace

std::string print(shards all) {
    std::string out;
    head(out, "sluice_build_info", "gauge", "The running version.");
    out += "sluice_build_info{version=\"" SLUICE_VERSION "\"} 1\n";
    head(out, "sluice_requests_total", "counter", "Answered requests by kind and status class.");
    for (std::size_t status = 1; status < 6; ++status) {
        const std::string code = std::to_string(status) + "xx\"}";
        line(out,
             "sluice_requests_total",
             "{kind=\"query\",code=\"" + code,
             sum(all, [&](const shard_metrics& one) { return one.queries[status].get(); }));
        line(out,
             "sluice_requests_total",
             "{kind=\"other\",code=\"" + code,
             sum(all, [&](const shard_metrics& one) { return one.others[status].get(); }));
    }
    for (const simple& one : simple_ones) {
        head(out, one.name, one.type, one.help);
        line(out, one.name, "", sum(all, [&](const shard_metrics& shard) {
                 return (shard.*one.member).get();
             }));
    }
    print_histogram(out,
                    all,
                    "sluice_query_duration_ms",
                    "Time from the end of a query's head to the end of its answer.",
                    &shard_metrics::query_time);
    print_histogram(out,
                    all,
                    "sluice_stream_first_event_ms",
                    "Time until the first event of a streamed answer went out.",
                    &shard_metrics::first_byte_time);
    return out;
}

} // namespace sluice::observe
