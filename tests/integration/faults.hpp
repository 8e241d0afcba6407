// A gateway with short times and small limits on one shard, and one provider that tests tell how to fail.
#pragma once

#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string_view>

namespace sluice::support {

inline constexpr std::size_t answer_limit = std::size_t{512} * 1024;

class faults : public testing::Test {
protected:
    faults()
        : proxy_([](proxy::settings& s) {
            s.threads = 1; // so that the next request finds the connection of the last one
            s.limits.answer_bytes = answer_limit;
            s.timeouts.first_byte = std::chrono::milliseconds(700);
            s.timeouts.first_byte_stream = std::chrono::milliseconds(700);
            s.timeouts.stream_idle = std::chrono::milliseconds(700);
            s.timeouts.total = std::chrono::milliseconds(3'000);
        }) {
        proxy_.make_endpoint("chat", {entity(provider_.base_url())});
    }

    answer ask(std::string_view content = "hello") const { return query(chat_request("chat", content)); }
    answer ask_stream(std::string_view content = "hello") const {
        return query(chat_request("chat", content, true));
    }
    answer query(std::string_view text) const {
        raw_client client = proxy_.connect();
        client.send(text);
        return client.read_answer();
    }
    // Leaves a connection to the provider in the pool; its status.
    int warm_up() {
        provider_.when("warm up").answer_json(chat_answer("warm"));
        return ask("warm up").status;
    }

    fake_upstream provider_;
    gateway proxy_;
};

} // namespace sluice::support
