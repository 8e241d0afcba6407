// The simulated provider as a whole, over loopback sockets on free ports, with the load generator as one of
// its clients.
#include "tools/loadgen/load.hpp"
#include "tools/provider/certificates.hpp"
#include "tools/provider/server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace sluice::sim::server_test {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

std::unique_ptr<server> start(std::string api_key = {}) {
    server_settings s;
    s.listen = {"127.0.0.1:0"};
    s.threads = 2;
    s.who.api_key = std::move(api_key);
    auto started = server::start(std::move(s));
    EXPECT_TRUE(started.has_value());
    return std::move(*started);
}

std::string address_of(const server& s, std::size_t i = 0) {
    const std::string& line = s.addresses().at(i);
    return line.substr(line.find(' ') + 1);
}

tcp::endpoint endpoint_of(const server& s, std::size_t i = 0) {
    const std::string address = address_of(s, i);
    const auto port = static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
    return {asio::ip::address_v4::loopback(), port};
}

std::string post(std::string_view spec, std::string_view connection, std::string_view more = {}) {
    const std::string body =
        R"({"model":"m",)" + std::string(more) + R"("messages":[{"role":"user","content":"x"}]})";
    return "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nConnection: " +
           std::string(connection) + "\r\nx-sim: " + std::string(spec) +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

class client {
public:
    explicit client(const server& s)
        : socket_(context_) {
        socket_.connect(endpoint_of(s));
    }

    void send(const std::string& bytes) { asio::write(socket_, asio::buffer(bytes)); }
    std::string read_to_end(error_code& ec) {
        std::string out;
        asio::read(socket_, asio::dynamic_buffer(out), ec);
        return out;
    }
    std::string read_to_end() {
        error_code ec;
        return read_to_end(ec);
    }
    void read_some() {
        std::array<char, 1> byte{};
        asio::read(socket_, asio::buffer(byte));
    }
    void close() { socket_.close(); }

private:
    asio::io_context context_;
    tcp::socket socket_;
};

std::string ask(const server& s, const std::string& bytes) {
    client c(s);
    c.send(bytes);
    return c.read_to_end();
}

// Waits for a counter that another thread moves; gives up after ten seconds.
template <class Condition>
bool comes_true(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::yield();
    }
    return true;
}

TEST(provider_server, requests_on_one_connection_are_answered_in_order) {
    const auto s = start();
    const std::string out =
        ask(*s, post("n1", "keep-alive") + post("e429", "keep-alive") + post("n2", "close"));
    const std::size_t first = out.find("HTTP/1.1 200");
    const std::size_t second = out.find("HTTP/1.1 429");
    EXPECT_EQ(first, 0U);
    EXPECT_NE(second, std::string::npos);
    EXPECT_NE(out.find("HTTP/1.1 200", second), std::string::npos);
    EXPECT_EQ(s->counters().requests, 3U);
    EXPECT_EQ(s->counters().connections, 1U);
}

TEST(provider_server, a_paced_stream_comes_whole) {
    const auto s = start();
    const std::string out = ask(*s, post("n3-d5-l5", "close", R"("stream":true,)"));
    EXPECT_TRUE(out.ends_with("data: [DONE]\n\n\r\n0\r\n\r\n")) << out;
    EXPECT_EQ(s->counters().chunks, 3U);
    EXPECT_EQ(s->counters().aborted, 0U);
}

TEST(provider_server, a_reset_is_seen_as_one) {
    const auto s = start();
    client c(*s);
    c.send(post("cut-rst", "keep-alive"));
    error_code ec;
    EXPECT_EQ(c.read_to_end(ec), "");
    EXPECT_EQ(ec, asio::error::connection_reset);
}

TEST(provider_server, a_stale_connection_is_closed_after_the_answer) {
    const auto s = start();
    client c(*s);
    c.send(post("stale10", "keep-alive"));
    error_code ec;
    EXPECT_TRUE(c.read_to_end(ec).starts_with("HTTP/1.1 200 "));
    EXPECT_EQ(ec, asio::error::eof);
}

TEST(provider_server, a_peer_that_leaves_a_stalled_answer_is_counted_as_aborted) {
    const auto s = start();
    client c(*s);
    c.send(post("stall", "keep-alive"));
    c.read_some();
    EXPECT_EQ(s->counters().active, 1U);
    c.close();
    EXPECT_TRUE(comes_true([&s] { return s->counters().aborted == 1 && s->counters().active == 0; }));
}

TEST(provider_server, a_peer_that_leaves_while_it_waits_for_the_first_byte_is_noticed) {
    const auto s = start();
    client c(*s);
    c.send(post("l600000", "keep-alive"));
    EXPECT_TRUE(comes_true([&s] { return s->counters().active == 1; }));
    c.close();
    EXPECT_TRUE(comes_true([&s] { return s->counters().aborted == 1 && s->counters().open == 0; }));
}

TEST(provider_server, stops_with_answers_under_way) {
    auto s = start();
    client c(*s);
    c.send(post("l600000", "keep-alive"));
    EXPECT_TRUE(comes_true([&s] { return s->counters().active == 1; }));
    s.reset();
    EXPECT_EQ(c.read_to_end(), "");
}

TEST(provider_server, a_client_that_expects_100_continue_is_told_to_go_on) {
    const auto s = start();
    client c(*s);
    const std::string body = R"({"model":"m","messages":[{"role":"user","content":"x"}]})";
    c.send("POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nConnection: "
           "close\r\n"
           "Expect: 100-continue\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n");
    c.read_some();
    c.send(body);
    EXPECT_TRUE(c.read_to_end().starts_with("TTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

TEST(provider_server, bytes_that_are_not_http_end_the_connection) {
    const auto s = start();
    EXPECT_EQ(ask(*s, "this is not a request\r\n\r\n"), "");
}

TEST(provider_server, a_port_that_is_taken_is_an_error) {
    const auto first = start();
    server_settings s;
    s.listen = {address_of(*first)};
    const auto second = server::start(std::move(s));
    ASSERT_FALSE(second.has_value());
    EXPECT_NE(second.error().message.find("Cannot listen on"), std::string::npos);
}

TEST(provider_server, addresses_that_are_none_are_refused) {
    for (const std::string address :
         {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "nowhere:1", "127.0.0.1:70000"}) {
        server_settings s;
        s.listen = {address};
        EXPECT_FALSE(server::start(std::move(s)).has_value()) << address;
    }
}

class tls_directory {
public:
    tls_directory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "sluice-ca-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data()) == nullptr ? std::string() : pattern;
    }
    tls_directory(const tls_directory&) = delete;
    tls_directory& operator=(const tls_directory&) = delete;
    ~tls_directory() {
        std::error_code ec;
        std::filesystem::remove_all(path_, ec);
    }
    [[nodiscard]] std::string path() const { return path_ + "/ca"; }

private:
    std::string path_;
};

TEST(provider_server, its_own_certificate_is_valid_for_localhost_and_is_kept) {
    const tls_directory directory;
    const auto files = make_test_ca(directory.path());
    ASSERT_TRUE(files.has_value()) << files.error().message;
    const auto made = std::filesystem::last_write_time(files->certificate);
    ASSERT_TRUE(make_test_ca(directory.path()).has_value());
    EXPECT_EQ(std::filesystem::last_write_time(files->certificate), made);
    EXPECT_EQ(std::filesystem::status(files->key).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);

    server_settings settings;
    settings.tls_listen = {"127.0.0.1:0"};
    settings.certificate = files->certificate;
    settings.key = files->key;
    auto started = server::start(std::move(settings));
    ASSERT_TRUE(started.has_value()) << started.error().message;

    for (const std::string name : {"localhost", "127.0.0.1", "::1"}) {
        asio::io_context context;
        asio::ssl::context tls(asio::ssl::context::tls_client);
        tls.load_verify_file(files->ca);
        tls.set_verify_mode(asio::ssl::verify_peer);
        asio::ssl::stream<tcp::socket> stream(context, tls);
        stream.set_verify_callback(asio::ssl::host_name_verification(name));
        stream.next_layer().connect(endpoint_of(**started));
        error_code ec;
        stream.handshake(asio::ssl::stream_base::client, ec);
        ASSERT_FALSE(ec.failed()) << name << ": " << ec.message();
        asio::write(stream, asio::buffer(post("n1", "close")));
        std::string out;
        asio::read(stream, asio::dynamic_buffer(out), ec);
        EXPECT_TRUE(out.starts_with("HTTP/1.1 200 OK\r\n"));
    }
    EXPECT_EQ((*started)->counters().tls_handshakes, 3U);
}

load::plan plan_for(const server& s, const std::string& body) {
    load::plan p;
    p.to = load::parse_target("http://" + address_of(s) + "/v1/chat/completions").value();
    p.request = load::request_bytes(p.to, {}, body).value();
    p.connections = 4;
    p.most_requests = 100;
    return p;
}

TEST(loadgen, a_closed_loop_sends_the_requests_asked_for) {
    const auto s = start();
    const load::report r =
        load::run(plan_for(*s, R"({"model":"mk-b500","messages":[{"role":"user","content":"x"}]})"));
    EXPECT_EQ(r.requests, 100U);
    EXPECT_TRUE(r.errors.empty());
    EXPECT_EQ(r.body_bytes, 100U * 500U);
    EXPECT_EQ(r.latency.count(), 100U);
    EXPECT_EQ(s->counters().requests, 100U);
}

TEST(loadgen, streams_are_counted_chunk_by_chunk) {
    const auto s = start();
    load::plan p =
        plan_for(*s, R"({"model":"sim-n10","stream":true,"messages":[{"role":"user","content":"x"}]})");
    p.stream = true;
    const load::report r = load::run(p);
    EXPECT_EQ(r.requests, 100U);
    EXPECT_EQ(r.chunks, 100U * 12U); // with role and finish
    EXPECT_EQ(r.first_byte.count(), 100U);
    EXPECT_TRUE(r.errors.empty());
}

TEST(loadgen, errors_are_counted_by_what_went_wrong) {
    const auto s = start();
    const auto errors_of = [&s](const std::string& spec, bool stream) {
        load::plan p = plan_for(*s,
                                R"({"model":"sim-)" + spec + R"(","stream":)" + (stream ? "true" : "false") +
                                    R"(,"messages":[{"role":"user","content":"x"}]})");
        p.stream = stream;
        p.most_requests = 3;
        return load::run(p).errors;
    };
    using counts = std::map<std::string, std::uint64_t>;
    EXPECT_EQ(errors_of("e429", false), (counts{{"429", 3}}));
    EXPECT_EQ(errors_of("cut", false), (counts{{"closed", 3}}));
    EXPECT_EQ(errors_of("cut5", false), (counts{{"cut", 3}}));
    EXPECT_EQ(errors_of("badchunk", true), (counts{{"malformed", 3}}));
    EXPECT_EQ(errors_of("nodone", true), (counts{{"no_done", 3}}));
    EXPECT_EQ(errors_of("err1", true), (counts{{"error_event", 3}}));
}

TEST(loadgen, an_open_loop_charges_a_slow_target_for_the_queue_it_causes) {
    const auto s = start();
    load::plan p = plan_for(*s, R"({"model":"sim-l20","messages":[{"role":"user","content":"x"}]})");
    p.connections = 1;
    p.rate = 1000;
    p.most_requests = 10;
    const load::report r = load::run(p);
    EXPECT_EQ(r.requests, 10U);
    EXPECT_GE(r.latency.max(), 10U * 20'000U - 10U * 1000U); // the last one waited for the nine before it
}

TEST(loadgen, what_is_not_answered_in_time_is_unfinished) {
    const auto s = start();
    load::plan p = plan_for(*s, R"({"model":"sim-stall","messages":[{"role":"user","content":"x"}]})");
    p.duration = std::chrono::milliseconds(20);
    p.grace = std::chrono::milliseconds(20);
    const load::report r = load::run(p);
    EXPECT_EQ(r.requests, 0U);
    EXPECT_EQ(r.unfinished, 4U);
}

} // namespace
} // namespace sluice::sim::server_test
