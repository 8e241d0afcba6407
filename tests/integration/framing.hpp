// A gateway with a small body limit before a provider that always answers.
#pragma once

#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>

namespace sluice::support {

inline constexpr std::size_t body_limit = std::size_t{256} * 1024;

class framing : public testing::Test {
protected:
    explicit framing(const std::function<void(proxy::settings&)>& change = {})
        : proxy_([&](proxy::settings& s) {
            s.limits.body_bytes = body_limit;
            if (change) change(s);
        }) {
        provider_.always().answer_json(chat_answer("hi"));
        proxy_.make_endpoint("chat", {entity(provider_.base_url())});
    }
    void expect_healthy() const { EXPECT_EQ(proxy_.get("/healthz").status, 200); }

    fake_upstream provider_;
    gateway proxy_;
};

// The head of a query, with more field lines.
inline std::string head_of(std::string_view more) {
    return "POST /serving-endpoints/chat/invocations HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer " +
           std::string(admin_token) + "\r\n" + std::string(more) + "\r\n";
}

} // namespace sluice::support
