#include "proxy/observe/account.hpp"

#include "core/base/log.hpp"

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

void account::count_on(model::entity_stats* stats, std::size_t shard, std::size_t shards) {
    stats_ = stats;
    shard_ = shard;
    shards_ = shards;
}

void account::count(steady_time now, std::uint64_t took_us) {
    model::entity_query one;
    one.status = status;
    one.took_us = took_us;
    const bool asked = asking_ != steady_time{};
    if (sending_ != steady_time{}) {
        one.sent = true;
        one.queued_us = microseconds(asking_, sending_);
        one.model_us = microseconds(sending_, now);
    }
    stats_->slot(shard_, shards_).add(one, now);
    if (asked && status >= 400 && status != 499)
        stats_->failed({time_.wall(), status, failure, cause, std::string(request_id)});
}

account::~account() {
    const steady_time now = time_.now();
    const std::uint64_t took = microseconds(started_, now);
    into_.query_time.observe(took);
    if (first_event_ != steady_time{}) into_.first_byte_time.observe(microseconds(started_, first_event_));
    if (stream_status != 0) status = stream_status;
    into_.queries[static_cast<std::size_t>(status / 100)].add();
    if (stats_) count(now, took);
    if (status == 499) into_.client_gone.add();
    if (limited) into_.limited.add();
    if (streaming) into_.stream_bytes.add(bytes_out);
    into_.prompt_tokens.add(static_cast<std::uint64_t>(used.prompt_tokens));
    into_.completion_tokens.add(static_cast<std::uint64_t>(used.completion_tokens));
    if (!log_it_) return;
    log::info("query",
              {{"request_id", request_id},
               {"requester", requester},
               {"endpoint", endpoint},
               {"entity", entity},
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
