#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"
#include <gtest/gtest.h>
namespace sluice::support {
TEST(smoke, a_query) {
    fake_upstream up;
    up.always().answer_json(chat_answer("hi"));
    gateway g;
    g.make_endpoint("chat", {entity(up.base_url())});
    auto c = g.connect();
    c.send(chat_request("chat"));
    auto a = c.read_answer();
    EXPECT_EQ(a.status, 200);
    EXPECT_EQ(a.body, chat_answer("hi"));
    std::puts(a.head.c_str());
    for (auto& r : up.requests()) { std::puts(r.head.c_str()); std::puts(r.body.c_str()); }
    up.clear();
    up.always().stream(chat_stream({"a", "b"}));
    c.send(chat_request("chat", "x", true));
    a = c.read_answer();
    std::puts(a.head.c_str());
    std::puts(a.body.c_str());
    EXPECT_EQ(g.metric("sluice_client_connections"), 2U);
}
}
