// Google Vertex AI behind the gateway: no text shows what a service account is made of, whoever repeats it;
// and Gemini's streams for its own clients, as events and as a JSON list.
#include "core/json/writer.hpp"
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"
#include "tests/support/service_account.hpp"
#include "tests/support/text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sluice::support::vertex_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string as_json(std::string_view text) {
    std::string out;
    json::append_string(out, text);
    return out;
}

constexpr std::string_view token = R"({"access_token":"ya29.token-0123456789","expires_in":3599})";

class vertex_queries : public testing::Test {
protected:
    vertex_queries()
        : proxy_([this](proxy::settings& s) {
            s.provider_base_urls.emplace("google-cloud-vertex-ai", root(provider_));
        }) {
        make_endpoint("gemini", "gemini-2.5-flash");
    }

    static std::string root(const fake_upstream& of) {
        return "http://127.0.0.1:" + std::to_string(of.port());
    }
    void make_endpoint(std::string_view name, std::string_view model) const {
        proxy_.make_endpoint(
            name,
            {joined(
                {R"({"name":"e","external_model":{"name":")",
                 model,
                 R"(","provider":"google-cloud-vertex-ai","task":"llm/v1/chat",)",
                 R"("google_cloud_vertex_ai_config":{"project_id":"test-project","region":"us-central1",)",
                 R"("private_key_plaintext":)",
                 as_json(test::service_account_json(root(google_) + "/token")),
                 "}}}"})});
    }
    // Answers with all that the account is made of, and with what the token service was sent.
    void repeat_secrets(fake_upstream& from, int status) const {
        from.always().run([this, status](upstream_link& link, const received&) {
            const std::string pem = test::pem_of(test::rsa_test_key());
            const std::string line = pem.substr(pem.find('\n') + 66, 64);
            const std::string sent = google_.requests().front().body;
            const std::string body =
                joined({R"({"error":"bad","error_description":)",
                        as_json(pem + " | " + as_json(pem) + " | " + line + " | " + sent),
                        "}"});
            return link.send(joined({"HTTP/1.1 ",
                                     std::to_string(status),
                                     " x\r\nContent-Type: application/json\r\nContent-Length: ",
                                     std::to_string(body.size()),
                                     "\r\n\r\n",
                                     body}));
        });
    }
    void expect_no_secret(const std::string& text) const {
        const std::string pem = test::pem_of(test::rsa_test_key());
        for (std::size_t at = pem.find('\n') + 1; at + 44 < pem.size(); at += 65)
            EXPECT_THAT(text, Not(HasSubstr(pem.substr(at, 16))));
        const std::string sent = google_.requests().front().body;
        const std::string assertion = sent.substr(sent.find("assertion=") + 10);
        for (std::size_t at = 0; at + 16 < assertion.size(); at += 16)
            EXPECT_THAT(text, Not(HasSubstr(assertion.substr(at, 16))));
    }

    fake_upstream google_;
    fake_upstream provider_;
    gateway proxy_;
};

TEST_F(vertex_queries, a_token_service_that_repeats_key_and_assertion_is_told_without_them) {
    repeat_secrets(google_, 400);
    const answer got = proxy_.post("/serving-endpoints/gemini/invocations", chat_body("hello"));
    EXPECT_EQ(got.status, 401);
    EXPECT_THAT(got.body, AllOf(HasSubstr("external_model_error"), HasSubstr("[redacted]")));
    expect_no_secret(got.body);
}

TEST_F(vertex_queries, so_is_a_provider_that_does) {
    google_.always().answer_json(token);
    repeat_secrets(provider_, 400);
    const answer got = proxy_.post("/serving-endpoints/gemini/invocations", chat_body("hello"));
    EXPECT_EQ(got.status, 400);
    EXPECT_THAT(got.body, AllOf(HasSubstr("external_model_error"), HasSubstr("[redacted]")));
    expect_no_secret(got.body);
}

// --- streams as a JSON list

constexpr std::string_view list_path = "/ai-gateway/gemini/v1beta/models/gemini:streamGenerateContent";
constexpr std::string_view hello = R"({"contents":[{"role":"user","parts":[{"text":"hello"}]}]})";

std::string part(std::string_view text, std::string_view more = "") {
    return joined(
        {R"({"candidates":[{"content":{"role":"model","parts":[{"text":")", text, R"("}]})", more, "}"});
}
const std::string first = part("One") + "]}";
const std::string last =
    part("Two", R"(,"finishReason":"STOP")") +
    R"(],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":4,"totalTokenCount":13}})";

// As the service ends its lines.
std::string service_event(std::string_view data) {
    return joined({"data: ", data, "\r\n\r\n"});
}

TEST_F(vertex_queries, a_gemini_stream_is_a_json_list_that_comes_piece_by_piece) {
    google_.always().answer_json(token);
    provider_.always()
        .stream_head()
        .send_chunk(service_event(first))
        .hold()
        .send_chunk(service_event(last))
        .end_chunks();
    raw_client client = proxy_.connect();
    client.send(request("POST", list_path, hello));
    const std::string begin = client.read_until("One\"}]}}]}");
    EXPECT_THAT(begin, AllOf(HasSubstr("content-type: application/json\r\n"), HasSubstr("\r\n[" + first)));
    EXPECT_THAT(begin, Not(HasSubstr("Two")));
    provider_.release();
    const std::string rest = client.read_until("0\r\n\r\n");
    EXPECT_THAT(rest, AllOf(HasSubstr(",\r\n" + last), HasSubstr("]\r\n0\r\n\r\n")));
    EXPECT_THAT(provider_.requests().back().head, HasSubstr(":streamGenerateContent?alt=sse "));
    EXPECT_TRUE(proxy_.metric_becomes("sluice_prompt_tokens_total", 9));
    EXPECT_TRUE(proxy_.metric_becomes("sluice_completion_tokens_total", 4));
}

TEST_F(vertex_queries, with_alt_sse_it_is_events) {
    google_.always().answer_json(token);
    provider_.always().stream({service_event(first), service_event(last)});
    const answer got = proxy_.post(std::string(list_path) + "?alt=sse", hello);
    EXPECT_EQ(got.field("content-type"), "text/event-stream");
    EXPECT_EQ(got.body, joined({"data: ", first, "\n\ndata: ", last, "\n\n"}));
    const answer list = proxy_.post(std::string(list_path) + "?alt=json", hello);
    EXPECT_EQ(list.field("content-type"), "application/json");
    EXPECT_EQ(list.body, joined({"[", first, ",\r\n", last, "]"}));
}

TEST_F(vertex_queries, a_list_has_nothing_of_the_services_comments) {
    google_.always().answer_json(token);
    provider_.always().stream(
        {": ping\r\n\r\n", service_event(first), ": ping\r\n\r\n", service_event(last)});
    const answer got = proxy_.post(list_path, hello);
    EXPECT_EQ(got.body, joined({"[", first, ",\r\n", last, "]"}));
}

TEST_F(vertex_queries, a_list_and_events_follow_each_other_on_one_connection) {
    google_.always().answer_json(token);
    provider_.always().stream({service_event(first), service_event(last)});
    const std::string list = joined({"[", first, ",\r\n", last, "]"});
    const std::string events = joined({"data: ", first, "\n\ndata: ", last, "\n\n"});
    raw_client client = proxy_.connect();
    for (int round = 0; round < 2; ++round) {
        client.send(request("POST", list_path, hello));
        EXPECT_EQ(client.read_answer().body, list);
        client.send(request("POST", std::string(list_path) + "?alt=sse", hello));
        const answer got = client.read_answer();
        EXPECT_EQ(got.field("content-type"), "text/event-stream");
        EXPECT_EQ(got.body, events);
    }
}

TEST_F(vertex_queries, a_list_that_breaks_ends_with_an_error_as_its_last_element) {
    google_.always().answer_json(token);
    provider_.always().times(1).stream({service_event(first)});
    const answer cut = proxy_.post(list_path, hello);
    EXPECT_EQ(cut.status, 200);
    const boost::json::value tree = boost::json::parse(cut.body);
    ASSERT_EQ(tree.as_array().size(), 2U) << cut.body;
    EXPECT_EQ(tree.at(1).at("error").at("code").as_int64(), 502);
    EXPECT_EQ(tree.at(1).at("error").at("status").as_string(), "INTERNAL");
    provider_.always().times(1).stream(
        {service_event(first), service_event(R"({"error":{"code":429,"message":"busy"}})")});
    const answer told = proxy_.post(list_path, hello);
    const boost::json::value events = boost::json::parse(told.body);
    ASSERT_EQ(events.as_array().size(), 2U) << told.body;
    EXPECT_EQ(events.at(1).at("error").at("code").as_int64(), 429);
    EXPECT_EQ(events.at(1).at("error").at("message").as_string(), "busy");
}

TEST_F(vertex_queries, an_error_before_the_list_is_an_answer_of_its_own) {
    google_.always().answer_json(token);
    provider_.always().times(1).answer_json(R"({"error":{"code":429,"message":"busy"}})", 429);
    const answer refused = proxy_.post(list_path, hello);
    EXPECT_EQ(refused.status, 429);
    EXPECT_THAT(refused.body, HasSubstr(R"({"error":{"code":429,"message":"busy")"));
    provider_.always().times(1).stream({service_event(R"({"error":{"code":503,"message":"down"}})")});
    EXPECT_EQ(proxy_.post(list_path, hello).status, 503);
}

TEST_F(vertex_queries, a_whole_answer_to_a_stream_is_a_list_of_one) {
    google_.always().answer_json(token);
    provider_.always().answer_json(last);
    const answer got = proxy_.post(list_path, hello);
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, "[" + last + "]");
    EXPECT_EQ(proxy_.post(std::string(list_path) + "?alt=sse", hello).body, last);
}

} // namespace
} // namespace sluice::support::vertex_test
