// Connections to providers over TLS: who is trusted, what is asked for by name, and what a pooled connection
// may never do.
#include "tests/support/certificates.hpp"
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <unistd.h>

namespace sluice::support::tls_test {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view everybody = "DNS:localhost,IP:127.0.0.1";

class tls : public testing::Test {
protected:
    tls()
        : ca_file_(testing::TempDir() + "sluice-ca-" + std::to_string(::getpid()) + ".pem") {
        std::ofstream(ca_file_) << authority_.certificate();
        proxy_ = std::make_unique<gateway>([&](proxy::settings& s) {
            s.threads = 1;
            s.upstream_ca = {ca_file_};
            s.timeouts.first_byte = milliseconds(2'000);
            s.upstream_allow = {"127.0.0.0/8", "::1/128"};
        });
    }
    ~tls() override { std::remove(ca_file_.c_str()); }

    answer ask(std::string_view content = "hello", bool stream = false) const {
        raw_client client = proxy_->connect();
        client.send(chat_request("chat", content, stream));
        return client.read_answer();
    }
    // The answer through a provider that shows this certificate and is dialled by that name.
    answer ask_who_shows(const identity& who, std::string_view host) const {
        fake_upstream provider(who);
        provider.always().answer_json(chat_answer("hi"));
        proxy_->make_endpoint("one", {entity(provider.base_url(host))});
        const answer got = proxy_->post("/serving-endpoints/one/invocations", chat_body("x"));
        EXPECT_EQ(proxy_->call("DELETE", "/api/2.0/serving-endpoints/one").status, 200);
        EXPECT_EQ(provider.request_count(), got.status == 200 ? 1U : 0U);
        return got;
    }

    test_authority authority_;
    std::string ca_file_;
    std::unique_ptr<gateway> proxy_;
};

TEST_F(tls, a_certificate_of_a_trusted_authority_is_accepted_by_name_and_by_address) {
    const identity good = authority_.issue(std::string(everybody));
    EXPECT_EQ(ask_who_shows(good, "localhost").status, 200);
    EXPECT_EQ(ask_who_shows(good, "127.0.0.1").status, 200);
}

TEST_F(tls, anything_else_is_a_502_that_names_the_class_of_the_failure) {
    const test_authority stranger("Stranger CA");
    struct refused {
        identity who;
        std::string_view host;
        std::string_view said;
    };
    const std::vector<refused> all = {
        {stranger.issue(std::string(everybody)), "localhost", "certificate"},
        {authority_.issue("DNS:other.example"), "localhost", "ostname mismatch"},
        {authority_.issue("DNS:localhost"), "127.0.0.1", "IP address mismatch"},
        {authority_.issue(std::string(everybody), true), "localhost", "expired"},
    };
    for (const refused& one : all) {
        const answer got = ask_who_shows(one.who, one.host);
        EXPECT_EQ(got.status, 502) << one.said;
        EXPECT_THAT(upstream_message(got), HasSubstr(std::string(one.said)));
        EXPECT_THAT(got.body, Not(HasSubstr("127.0.0.1"))) << got.body;
    }
}

TEST_F(tls, a_provider_that_does_not_speak_tls_is_a_502) {
    fake_upstream plain;
    plain.on_accept().send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").close();
    proxy_->make_endpoint("chat", {entity("https://127.0.0.1:" + std::to_string(plain.port()) + "/v1")});
    EXPECT_EQ(ask().status, 502);
}

TEST_F(tls, a_handshake_that_stalls_ends_at_the_connect_deadline) {
    fake_upstream silent;
    silent.on_accept().stall();
    proxy_->make_endpoint("chat", {entity("https://127.0.0.1:" + std::to_string(silent.port()) + "/v1")});
    EXPECT_EQ(ask().status, 504);
    EXPECT_TRUE(silent.wait_open(0));
}

TEST_F(tls, the_name_is_sent_and_the_session_resumed_on_the_next_connection) {
    fake_upstream provider(authority_.issue(std::string(everybody)));
    provider.always().answer(200, "Connection: close\r\n", chat_answer("hi")).close();
    proxy_->make_endpoint("chat", {entity(provider.base_url("localhost"))});
    EXPECT_EQ(ask().status, 200);
    EXPECT_EQ(ask().status, 200);
    const auto seen = provider.handshakes();
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0].server_name, "localhost");
    EXPECT_FALSE(seen[0].resumed);
    EXPECT_TRUE(seen[1].resumed);
}

TEST_F(tls, a_connection_is_used_again) {
    fake_upstream provider(authority_.issue(std::string(everybody)));
    provider.when("json").answer_json(chat_answer("hi"));
    provider.when("stream").stream(chat_stream({"a", "b"}));
    proxy_->make_endpoint("chat", {entity(provider.base_url("localhost"))});
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(ask("json").body, chat_answer("hi"));
        EXPECT_TRUE(ask("stream", true).complete);
    }
    EXPECT_EQ(provider.accepted(), 1U);
}

TEST_F(tls, large_bodies_go_both_ways) {
    fake_upstream provider(authority_.issue(std::string(everybody)));
    const std::string large(3 << 20, 'y');
    provider.always().answer_json(chat_answer(large));
    proxy_->make_endpoint("chat", {entity(provider.base_url("localhost"))});
    EXPECT_EQ(ask(std::string(5 << 20, 'x')).body, chat_answer(large));
    EXPECT_EQ(provider.requests().back().body.size(), chat_body(std::string(5 << 20, 'x')).size() + 16);
}

TEST_F(tls, a_stale_connection_is_replaced_once) {
    fake_upstream provider(authority_.issue(std::string(everybody)));
    provider.when("warm").answer_json(chat_answer("warm"));
    provider.when("stale").times(1).close();
    provider.when("stale").answer_json(chat_answer("second try"));
    proxy_->make_endpoint("chat", {entity(provider.base_url("localhost"))});
    EXPECT_EQ(ask("warm").status, 200);
    EXPECT_EQ(ask("stale").body, chat_answer("second try"));
    EXPECT_EQ(provider.accepted(), 2U);
}

TEST_F(tls, records_behind_an_answer_answer_nobody) {
    const std::string foreign = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"foreign\":1}";
    fake_upstream provider(authority_.issue(std::string(everybody)));
    const std::string own = chat_answer("first");
    provider.when("first")
        .send_together(
            {"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(own.size()) + "\r\n\r\n" + own, foreign})
        .stall();
    provider.when("streamed")
        .send_together(
            {"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" +
                 chunk(event("a") + last_event() + std::string(done_event)) + "0\r\n\r\n",
             foreign})
        .stall();
    provider.when("next").answer_json(chat_answer("own"));
    proxy_->make_endpoint("chat", {entity(provider.base_url("localhost"))});
    for (const bool stream : {false, true}) {
        EXPECT_EQ(ask(stream ? "streamed" : "first", stream).status, 200);
        const std::size_t before = provider.accepted();
        EXPECT_EQ(ask("next").body, chat_answer("own"));
        EXPECT_EQ(provider.accepted(), before + 1);
    }
}

TEST_F(tls, an_answer_without_a_length_that_ends_without_a_close_notify_is_not_whole) {
    fake_upstream provider(authority_.issue(std::string(everybody)));
    const std::string whole = "HTTP/1.1 200 OK\r\n\r\n" + chat_answer("a");
    provider.when("cut").send(whole).run([](upstream_link& link, const received&) {
        link.finish_without_notice();
        return false;
    });
    provider.when("ended").send(whole).close();
    proxy_->make_endpoint("chat", {entity(provider.base_url("localhost"))});
    EXPECT_EQ(ask("cut").status, 502);
    EXPECT_EQ(ask("ended").status, 200);
}

// --- addresses
// ---------------------------------------------------------------------------------------------------------

TEST(addresses, a_name_that_resolves_to_an_address_that_is_not_allowed_is_refused_when_it_is_dialled) {
    const fake_upstream provider;
    const gateway proxy([](proxy::settings& s) { s.upstream_allow.clear(); });
    // No addresses to a strict reader, but the system's resolver takes them for 127.0.0.1.
    for (const std::string host : {"127.1", "2130706433", "0x7f000001", "0177.0.0.1"}) {
        const std::string body = R"({"name":"chat","config":{"served_entities":[)" +
                                 entity("https://" + host + ":" + std::to_string(provider.port()) + "/v1") +
                                 "]}}";
        if (proxy.post("/api/2.0/serving-endpoints", body).status == 400) continue; // refused even earlier
        const answer got = proxy.post("/serving-endpoints/chat/invocations", chat_body("x"));
        EXPECT_EQ(got.status, 502);
        EXPECT_THAT(upstream_message(got), HasSubstr("no address that may be connected to"));
        EXPECT_EQ(proxy.call("DELETE", "/api/2.0/serving-endpoints/chat").status, 200);
    }
    EXPECT_EQ(provider.accepted(), 0U);
}

TEST(addresses, a_literal_address_that_is_not_allowed_is_refused_when_the_endpoint_is_written) {
    const gateway proxy([](proxy::settings& s) { s.upstream_allow.clear(); });
    for (const std::string_view url : {"https://127.0.0.1/v1",
                                       "https://[::1]/v1",
                                       "https://169.254.169.254/",
                                       "https://10.0.0.1/",
                                       "https://[::ffff:127.0.0.1]/v1",
                                       "http://93.184.216.34/v1"}) {
        const std::string body = R"({"name":"chat","config":{"served_entities":[)" + entity(url) + "]}}";
        EXPECT_EQ(proxy.post("/api/2.0/serving-endpoints", body).status, 400) << url;
    }
}

TEST(addresses, plain_http_needs_the_address_to_be_named) {
    fake_upstream provider;
    provider.always().answer_json(chat_answer("hi"));
    gateway proxy([](proxy::settings& s) { s.upstream_allow = {"127.0.0.0/8", "::1/128"}; });
    proxy.make_endpoint("chat", {entity(provider.base_url("localhost"))});
    EXPECT_EQ(proxy.post("/serving-endpoints/chat/invocations", chat_body("x")).status, 200);
}

} // namespace
} // namespace sluice::support::tls_test
