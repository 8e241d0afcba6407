// Google Vertex AI behind the gateway: no text shows what a service account is made of, whoever repeats it.
#include "core/json/writer.hpp"
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"
#include "tests/support/service_account.hpp"
#include "tests/support/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sluice::support {
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

} // namespace
} // namespace sluice::support
