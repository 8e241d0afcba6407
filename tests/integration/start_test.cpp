// Starting: addresses that are taken, the made admin token, endpoints of the config file.
#include "proxy/gateway.hpp"
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::support::start_test {
namespace {

TEST(start, an_address_that_is_taken_is_an_error) {
    const gateway first;
    proxy::settings config;
    config.listen = {"127.0.0.1:" + std::to_string(first.port())};
    const data_directory data;
    config.data_dir = data.path();
    const system_clock time;
    proxy::gateway second(config, time);
    const auto started = second.start();
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().message, testing::HasSubstr("Cannot listen on"));
    EXPECT_EQ(first.get("/healthz").status, 200);
}

TEST(start, the_token_that_the_first_start_makes_is_shown_once) {
    const data_directory data;
    const auto change = [&](proxy::settings& s) {
        s.admin_token = secret_string();
        s.data_dir = data.path();
    };
    {
        const gateway first(change);
        const auto token = first.real().made_admin_token();
        ASSERT_TRUE(token.has_value());
        raw_client client = first.connect();
        client.send("GET /serving-endpoints/models HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer " +
                    std::string(token->reveal()) + "\r\n\r\n");
        EXPECT_EQ(client.read_answer().status, 200);
    }
    const gateway again(change);
    const auto token = again.real().made_admin_token();
    EXPECT_TRUE(!token || token->empty());
}

TEST(start, endpoints_of_the_config_file_are_served_from_the_first_request_on) {
    fake_upstream provider;
    provider.always().answer_json(chat_answer("hi"));
    const gateway proxy([&](proxy::settings& s) {
        const std::string body =
            R"({"name":"chat","config":{"served_entities":[)" + entity(provider.base_url()) + "]}}";
        s.endpoints.push_back(boost::json::parse(body));
    });
    EXPECT_EQ(proxy.post("/serving-endpoints/chat/invocations", chat_body("x")).body, chat_answer("hi"));
}

TEST(start, the_discovery_page_needs_no_credential_and_names_the_host_that_was_asked) {
    const gateway proxy;
    raw_client client = proxy.connect();
    client.send("GET /.well-known/databricks-config HTTP/1.1\r\nHost: example.test:81\r\n\r\n");
    const answer got = client.read_answer();
    EXPECT_EQ(got.status, 200);
    EXPECT_THAT(got.body, testing::HasSubstr(R"("oidc_endpoint":"http://example.test:81/oidc")"));
    EXPECT_THAT(got.body, testing::HasSubstr(R"("workspace_id":")"));
}

TEST(start, behind_a_tls_proxy_the_discovery_page_names_https) {
    const gateway proxy;
    const auto page = [&](std::string_view forwarded) {
        raw_client client = proxy.connect();
        client.send("GET /.well-known/databricks-config HTTP/1.1\r\nHost: g\r\nX-Forwarded-Proto: " +
                    std::string(forwarded) + "\r\n\r\n");
        return client.read_answer().body;
    };
    for (const std::string_view tls : {"https", "https,http", "https, http"})
        EXPECT_THAT(page(tls), testing::HasSubstr(R"("oidc_endpoint":"https://g/oidc")")) << tls;
    for (const std::string_view other : {"http", "", "ftp", "http,https", "httpsx", "javascript"})
        EXPECT_THAT(page(other), testing::HasSubstr(R"("oidc_endpoint":"http://g/oidc")")) << other;
}

} // namespace
} // namespace sluice::support::start_test
