// The token service that a service account names is as much a user's URL as that of a provider.
#include "core/json/writer.hpp"
#include "tests/support/service_account.hpp"
#include "tests/unit/proxy/control/validation_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::control::plane_service_account_test {
namespace {

using testing::HasSubstr;

std::string vertex(std::string_view token_uri) {
    std::string account;
    json::append_string(account, test::service_account_json(token_uri));
    return external(R"("provider":"google-cloud-vertex-ai","name":"gemini-2.5-flash","task":"llm/v1/chat",)"
                    R"("google_cloud_vertex_ai_config":{"project_id":"p","region":"us-central1",)"
                    R"("private_key_plaintext":)" +
                    account + "}");
}

class service_accounts : public endpoint_validation {};

TEST_F(service_accounts, a_token_service_must_be_public_and_encrypted) {
    for (const std::string_view uri : {"http://h.example/token",
                                       "http://127.0.0.1:81/token",
                                       "https://10.0.0.1/token",
                                       "https://169.254.169.254/token",
                                       "https://localhost/token",
                                       "https://0x7f000001/token",
                                       "https://user@h.example/token",
                                       "ftp://h.example/token",
                                       "token"}) {
        const auto got = create(vertex(uri));
        EXPECT_EQ(got.status, 400) << uri;
        EXPECT_THAT(at(got.body, "/error_code"), "INVALID_PARAMETER_VALUE") << uri;
        EXPECT_THAT(at(got.body, "/message"), HasSubstr("'private_key': 'token_uri'")) << uri;
    }
    EXPECT_EQ(create(vertex("https://8.8.8.8/token")).status, 200);
}

} // namespace
} // namespace sluice::control::plane_service_account_test
