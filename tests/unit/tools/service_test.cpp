#include "tools/provider/service.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice::sim::service_test {
namespace {

constexpr std::string_view chat_body = R"({"model":"echo","messages":[{"role":"user","content":"ping"}]})";

struct asked {
    std::string method = "POST";
    std::string target = "/v1/chat/completions";
    std::vector<header_field> fields{{"Content-Type", "application/json"}};
    std::string body{chat_body};
    std::string api_key;
};

// The whole answer as it goes over the wire.
std::string answer_to(const asked& a, stats& counters) {
    http_request request;
    request.method = a.method;
    request.target = a.target;
    request.fields = a.fields;
    request.body = a.body;
    script s = respond(request, access{.api_key = a.api_key}, 0, counters);
    std::string out;
    for (int steps = 0; steps < 10'000; ++steps) {
        const step now = s.next(out);
        if (now.what != action::more && now.what != action::wait) break;
    }
    return out;
}

std::string answer_to(const asked& a) {
    stats counters;
    return answer_to(a, counters);
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(service, a_chat_is_answered) {
    const std::string out = answer_to({});
    EXPECT_TRUE(out.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(has(out, R"("content":"ping")")) << out;
}

TEST(service, the_header_chooses_knobs_before_the_model_name_does) {
    asked a;
    a.body = R"({"model":"sim-e500","messages":[{"role":"user","content":"ping"}]})";
    EXPECT_TRUE(answer_to(a).starts_with("HTTP/1.1 500 "));
    a.fields.push_back({"X-Sim", "e429-ra7"});
    const std::string out = answer_to(a);
    EXPECT_TRUE(out.starts_with("HTTP/1.1 429 "));
    EXPECT_TRUE(has(out, "\r\nRetry-After: 7\r\n"));
    EXPECT_TRUE(has(out, R"("code":"rate_limit_exceeded")"));
}

TEST(service, an_unknown_knob_is_a_400) {
    asked a;
    a.fields.push_back({"x-sim", "nope"});
    const std::string out = answer_to(a);
    EXPECT_TRUE(out.starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(has(out, "unknown_knob"));
}

TEST(service, the_echo_header_repeats_the_input) {
    asked a;
    a.body = R"({"model":"gpt-4o","messages":[{"role":"user","content":"ping"}]})";
    a.fields.push_back({"x-sim-echo", "1"});
    EXPECT_TRUE(has(answer_to(a), R"("content":"ping")"));
}

TEST(service, echo_request_shows_the_body_and_echo_head_the_fields) {
    asked a;
    a.body = R"({"model":"echo-request","messages":[{"role":"user","content":"ping"}],"x":1})";
    EXPECT_TRUE(has(answer_to(a), R"(\"x\":1})"));
    a.body = R"({"model":"echo-head","messages":[{"role":"user","content":"ping"}]})";
    a.fields.push_back({"User-Agent", "sluice\x80"});
    EXPECT_TRUE(has(answer_to(a),
                    R"(POST /v1/chat/completions\nContent-Type: application/json\nUser-Agent: sluice?)"));
}

TEST(service, an_azure_path_needs_its_api_version) {
    asked a;
    a.target = "/openai/deployments/echo/chat/completions?api-version=2024-10-21";
    a.body = R"({"messages":[{"role":"user","content":"ping"}]})";
    EXPECT_TRUE(has(answer_to(a), R"("content":"ping")"));
    a.target = "/openai/deployments/echo/chat/completions";
    EXPECT_TRUE(answer_to(a).starts_with("HTTP/1.1 404 "));
}

TEST(service, a_key_may_come_as_bearer_or_as_api_key) {
    asked a;
    a.api_key = "sk-0123456789abcdefghij";
    EXPECT_TRUE(answer_to(a).starts_with("HTTP/1.1 401 "));
    a.fields.push_back({"authorization", "Bearer sk-0123456789abcdefghij"});
    EXPECT_TRUE(answer_to(a).starts_with("HTTP/1.1 200 "));
    a.fields.back() = {"api-key", "sk-0123456789abcdefghij"};
    EXPECT_TRUE(answer_to(a).starts_with("HTTP/1.1 200 "));
    a.fields.back() = {"Authorization", "Bearer sk-0123456789abcdefghiX"};
    const std::string out = answer_to(a);
    EXPECT_TRUE(out.starts_with("HTTP/1.1 401 "));
    EXPECT_TRUE(has(out, "sk-01234***********ghiX")) << out;
}

TEST(service, unknown_paths_and_methods_are_refused) {
    asked a;
    a.target = "/v1/nothing";
    EXPECT_TRUE(answer_to(a).starts_with("HTTP/1.1 404 "));
    a.target = "/v1/embeddings";
    a.method = "GET";
    EXPECT_TRUE(answer_to(a).starts_with("HTTP/1.1 405 "));
    a.target = "/v1/models";
    EXPECT_TRUE(has(answer_to(a), R"("object":"list")"));
}

TEST(service, a_redirect_points_to_a_counted_place) {
    stats counters;
    asked a;
    a.fields.push_back({"x-sim", "redirect"});
    EXPECT_TRUE(has(answer_to(a, counters), "\r\nLocation: /__redirected\r\n"));
    EXPECT_EQ(counters.redirected, 0U);
    a.target = "/__redirected";
    EXPECT_TRUE(answer_to(a, counters).starts_with("HTTP/1.1 200 "));
    EXPECT_EQ(counters.redirected, 1U);
}

TEST(service, spoilt_bodies_are_labelled_as_whole_ones) {
    asked a;
    a.fields.push_back({"x-sim", "html"});
    EXPECT_TRUE(has(answer_to(a), "Content-Type: text/html"));
    a.fields.back().value = "html-e502";
    EXPECT_TRUE(answer_to(a).starts_with("HTTP/1.1 502 "));
    a.fields.back().value = "array";
    EXPECT_TRUE(has(answer_to(a), "\r\n\r\n[{"));
    a.fields.back().value = "badjson";
    EXPECT_FALSE(answer_to(a).ends_with("}"));
    a.fields.back().value = "s204";
    EXPECT_TRUE(answer_to(a).starts_with("HTTP/1.1 204 "));
}

TEST(service, requests_and_streams_are_counted_and_the_providers_own_pages_are_not) {
    stats counters;
    asked a;
    (void)answer_to(a, counters);
    a.body = R"({"model":"m","stream":true,"messages":[{"role":"user","content":"ping"}]})";
    EXPECT_TRUE(has(answer_to(a, counters), "Content-Type: text/event-stream"));
    a.method = "GET";
    a.target = "/healthz";
    (void)answer_to(a, counters);
    a.target = "/__stats";
    const std::string out = answer_to(a, counters);
    EXPECT_TRUE(has(out, R"({"requests":2,"streams":1,)")) << out;
}

} // namespace
} // namespace sluice::sim::service_test
