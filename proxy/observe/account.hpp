// What remains of one query: opened first, written by its destructor, so that no way out can forget it. Its
// shard's metrics get it, and the access log when that is on. (The usage table of the next issue is one more
// sink here.)
#pragma once

#include "core/base/clock.hpp"
#include "providers/provider.hpp"
#include "proxy/observe/metrics.hpp"

#include <string>
#include <string_view>

namespace sluice::observe {

class account {
public:
    account(shard_metrics& into, const clock& time, steady_time started, bool log_it)
        : into_(into)
        , time_(time)
        , log_it_(log_it)
        , started_(started) {}
    account(const account&) = delete;
    account& operator=(const account&) = delete;
    ~account();

    void first_event();

    // Views must outlive the entry: they belong to the request's snapshot and head.
    std::string_view request_id;
    std::string_view requester;
    std::string_view endpoint;
    std::string_view entity;
    std::string client_request_id;
    std::string failure;   // class of failure, without payload
    int status = 499;      // until an answer is known: the client went
    int stream_status = 0; // of the error that ended a stream; the client has seen 200
    bool streaming = false;
    bool limited = false;
    providers::usage used;
    std::uint64_t bytes_out = 0;

private:
    shard_metrics& into_;
    const clock& time_;
    const bool log_it_;
    const steady_time started_;
    steady_time first_event_;
};

} // namespace sluice::observe
