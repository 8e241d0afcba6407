// What remains of one query: opened first, written by its destructor, so that no way out can forget it. Its
// shard's metrics get it, the access log when that is on, and the usage table when its endpoint is tracked.
#pragma once

#include "core/base/clock.hpp"
#include "providers/provider.hpp"
#include "proxy/model/endpoint.hpp"
#include "proxy/model/entity_stats.hpp"
#include "proxy/model/identity.hpp"
#include "proxy/observe/metrics.hpp"
#include "proxy/observe/usage_queue.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::observe {

class account {
public:
    // `at`: the same moment as `started`, by the calendar.
    account(shard_metrics& into,
            usage_queue& usage,
            const clock& time,
            steady_time started,
            wall_ms at,
            bool log_it)
        : into_(into)
        , usage_(usage)
        , time_(time)
        , log_it_(log_it)
        , started_(started)
        , at_(at) {}
    account(const account&) = delete;
    account& operator=(const account&) = delete;
    ~account();

    void first_event();
    // The endpoint's statistics, until the entity's take over; null: none. They must outlive the entry.
    void count_on(model::entity_stats* stats, std::size_t shard, std::size_t shards);
    // The request is ready for the provider.
    void asking() { asking_ = time_.now(); }
    // It has a connection. Again at a retry.
    void sending() {
        sending_ = time_.now();
        goes_on(sending_);
    }
    // The provider, or a way to it, is waited for from then until then. Between two of goes_on() the first
    // waits() counts.
    void waits(steady_time from) {
        if (waiting_ == steady_time{}) waiting_ = from;
    }
    void goes_on(steady_time at) {
        if (waiting_ != steady_time{}) waited_ += at - waiting_;
        waiting_ = {};
    }

    // What these point to must outlive the entry: it belongs to the request's snapshot, head and body.
    std::string_view request_id;
    const model::principal* who = nullptr;
    const model::endpoint* endpoint =
        nullptr; // set once the caller may query it: there is a usage row from then on
    const model::served_entity* entity = nullptr;
    std::string_view usage_context; // JSON, or empty
    std::string client_request_id;
    std::string failure;      // class of failure, without payload
    std::string cause;        // of a provider's failure in our words; empty when all is in its answer
    int status = 499;         // until an answer is known: the client went
    int stream_status = 0;    // of the error that ended a stream; the client has seen 200
    bool streaming = false;   // the answer is a stream
    bool asks_stream = false; // the request asks for one
    bool limited = false;
    providers::usage used;
    std::uint64_t bytes_out = 0;
    // How long the client was waited for; null: not at all. Read at the end.
    const steady_time::duration* client_waits = nullptr;

private:
    [[nodiscard]] std::uint64_t own_time(steady_time now) const;
    void count_query(steady_time now, std::uint64_t took_us) const;
    void count(std::uint64_t took_us);
    void push_usage(std::uint64_t took_us);
    void write_log(std::uint64_t took_us) const;

    shard_metrics& into_;
    usage_queue& usage_;
    const clock& time_;
    const bool log_it_;
    const steady_time started_;
    const wall_ms at_;
    steady_time first_event_;
    steady_time asking_;
    steady_time sending_;
    steady_time waiting_; // since when; 0: no
    steady_time::duration waited_{};
    model::entity_stats* stats_ = nullptr;
    std::size_t shard_ = 0;
    std::size_t shards_ = 0;
};

} // namespace sluice::observe
