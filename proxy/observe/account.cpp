#include "proxy/observe/account.hpp"

#include "core/base/log.hpp"

#include <algorithm>

namespace sluice::observe {

namespace {

std::uint64_t microseconds(steady_time from, steady_time to) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(to - from).count());
}

} // namespace

void account::first_event() {
    if (first_event_ == steady_time{}) first_event_ = time_.now();
}

namespace {

// A provider that says more would only wrap the counter round.
std::uint64_t believed(std::int64_t tokens) noexcept {
    constexpr std::int64_t most = 1'000'000'000;
    return static_cast<std::uint64_t>(std::clamp<std::int64_t>(tokens, 0, most));
}

} // namespace

void account::count_on(model::entity_stats* stats, std::size_t shard, std::size_t shards) {
    stats_ = stats;
    shard_ = shard;
    shards_ = shards;
}

// From the end of the head to the end of the answer, less the time in which others were waited for.
std::uint64_t account::own_time(steady_time now) const {
    steady_time::duration others = waited_;
    if (waiting_ != steady_time{}) others += now - waiting_;
    if (client_waits) others += *client_waits;
    return microseconds(started_ + std::min(others, now - started_), now);
}

void account::count_query(steady_time now, std::uint64_t took_us) const {
    model::entity_query one;
    one.status = status;
    one.took_us = took_us;
    one.limited = limited;
    const bool asked = asking_ != steady_time{};
    if (sending_ != steady_time{}) {
        one.sent = true;
        // Asked again, it may have got no connection: sending_ is that of the request before, then.
        one.queued_us = microseconds(std::min(asking_, sending_), sending_);
        one.model_us = microseconds(sending_, now);
        one.own_us = own_time(now);
        one.input_tokens = believed(used.prompt_tokens);
        one.output_tokens = believed(used.completion_tokens);
    }
    if (first_event_ != steady_time{}) {
        one.streamed = true;
        one.first_token_us = microseconds(started_, first_event_);
    }
    stats_->slot(shard_, shards_).add(one, now);
    if (asked && status >= 400 && status != 499)
        stats_->failed({time_.wall(), status, failure, cause, std::string(request_id)});
}

account::~account() {
    const steady_time now = time_.now();
    const std::uint64_t took = microseconds(started_, now);
    if (stream_status != 0) status = stream_status;
    count(took);
    if (stats_) count_query(now, took);
    if (endpoint && endpoint->usage_tracking) push_usage(took);
    if (log_it_) write_log(took);
}

void account::count(std::uint64_t took) {
    into_.query_time.observe(took);
    if (first_event_ != steady_time{}) into_.first_byte_time.observe(microseconds(started_, first_event_));
    into_.queries[static_cast<std::size_t>(status / 100)].add();
    if (status == 499) into_.client_gone.add();
    if (limited) into_.limited.add();
    if (streaming) into_.stream_bytes.add(bytes_out);
    into_.prompt_tokens.add(believed(used.prompt_tokens));
    into_.completion_tokens.add(believed(used.completion_tokens));
}

void account::push_usage(std::uint64_t took) {
    usage_row row;
    row.values.request_time = at_;
    row.values.latency_ms = static_cast<std::int64_t>(took / 1000);
    if (first_event_ != steady_time{}) {
        row.values.first_byte_ms = static_cast<std::int64_t>(microseconds(started_, first_event_) / 1000);
    }
    if (used.known) {
        row.values.input_tokens = used.prompt_tokens;
        row.values.output_tokens = used.completion_tokens;
        row.values.cached_tokens = used.cached_tokens;
        row.values.reasoning_tokens = used.reasoning_tokens;
    }
    row.values.status_code = status;
    row.values.streaming = asks_stream;
    row.request_id = request_id;
    row.client_request_id = client_request_id;
    if (who) {
        row.requester = who->user_name;
        row.principal_id = who->id;
    }
    row.endpoint_id = endpoint->id;
    row.endpoint_name = endpoint->name;
    if (entity) row.served_entity_id = entity->id;
    row.usage_context = usage_context;
    if (usage_.push(row)) {
        into_.usage_rows.add();
    } else {
        into_.usage_dropped.add();
    }
}

void account::write_log(std::uint64_t took) const {
    log::info("query",
              {{"request_id", request_id},
               {"requester", who ? std::string_view(who->user_name) : std::string_view()},
               {"endpoint", endpoint ? std::string_view(endpoint->name) : std::string_view()},
               {"entity", entity ? std::string_view(entity->name) : std::string_view()},
               {"status", status},
               {"duration_us", static_cast<std::int64_t>(took)},
               {"stream", streaming ? "true" : "false"},
               {"prompt_tokens", used.prompt_tokens},
               {"completion_tokens", used.completion_tokens},
               {"bytes_out", static_cast<std::int64_t>(bytes_out)},
               {"client_request_id", client_request_id},
               {"failure", failure}});
}

} // namespace sluice::observe
