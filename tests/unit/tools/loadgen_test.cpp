#include "tools/loadgen/histogram.hpp"
#include "tools/loadgen/load.hpp"
#include "tools/loadgen/response_reader.hpp"
#include "tools/loadgen/sse_counter.hpp"
#include "tools/loadgen/target.hpp"

#include <boost/asio/buffer.hpp>
#include <gtest/gtest.h>

#include <string>

namespace sluice::load::loadgen_test {
namespace {

TEST(histogram, percentiles_are_at_most_a_64th_too_high) {
    histogram h;
    for (std::uint64_t us = 1; us <= 100'000; ++us)
        h.add(us);
    EXPECT_EQ(h.count(), 100'000U);
    EXPECT_EQ(h.max(), 100'000U);
    for (const double fraction : {0.01, 0.5, 0.9, 0.99}) {
        const double exact = fraction * 100'000;
        const auto shown = static_cast<double>(h.percentile(fraction));
        EXPECT_GE(shown, exact);
        EXPECT_LE(shown, exact * (1 + 1.0 / 64) + 1);
    }
    EXPECT_EQ(h.percentile(1), 100'000U);
}

TEST(histogram, small_values_are_exact_and_nothing_is_nothing) {
    histogram h;
    EXPECT_EQ(h.percentile(0.5), 0U);
    h.add(63);
    h.add(5);
    EXPECT_EQ(h.percentile(0.5), 5U);
    EXPECT_EQ(h.percentile(1), 63U);
}

TEST(histogram, huge_values_do_not_overflow_and_histograms_add_up) {
    histogram a;
    histogram b;
    a.add(~std::uint64_t{0});
    b.add(7);
    a.add(b);
    EXPECT_EQ(a.count(), 2U);
    EXPECT_EQ(a.percentile(0.5), 7U);
    EXPECT_EQ(a.max(), ~std::uint64_t{0});
}

TEST(sse_counter, counts_the_same_for_any_split) {
    const std::string stream =
        ": hi\ndata: {\"a\":1}\n\ndata:{\"b\":2}\r\n\r\nevent: x\ndata: {\"error\":{}}\n\ndata: [DONE]\n\n";
    for (std::size_t size = 1; size <= stream.size(); ++size) {
        sse_counter c;
        for (std::size_t at = 0; at < stream.size(); at += size)
            c.feed(std::string_view(stream).substr(at, size));
        EXPECT_EQ(c.events(), 3U) << size;
        EXPECT_TRUE(c.done()) << size;
        EXPECT_TRUE(c.failed()) << size;
    }
}

TEST(sse_counter, a_stream_without_its_end_is_not_done) {
    sse_counter c;
    c.feed("data: {}\n\ndata: [DON");
    EXPECT_EQ(c.events(), 1U);
    EXPECT_FALSE(c.done());
    EXPECT_FALSE(c.failed());
}

TEST(response_reader, reads_a_chunked_stream) {
    const std::string bytes =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: {}\n\r\n1\r\n\n\r\n"
        "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";
    response_reader reader(true);
    boost::beast::error_code ec;
    reader.put(boost::asio::buffer(bytes), ec);
    ASSERT_FALSE(ec.failed()) << ec.message();
    EXPECT_TRUE(reader.is_done());
    EXPECT_EQ(reader.status(), 200);
    EXPECT_EQ(reader.events().events(), 1U);
    EXPECT_TRUE(reader.events().done());
    EXPECT_EQ(reader.body_bytes(), 9U + 1U + 14U);
}

TEST(target, only_loopback_addresses_are_accepted) {
    for (const std::string url :
         {"http://127.0.0.1:8080/v1/x?y=1", "http://localhost:1", "http://[::1]:9/", "http://127.9.9.9"})
        EXPECT_TRUE(parse_target(url).has_value()) << url;
    for (const std::string url : {"http://10.0.0.1/",
                                  "http://example.com/",
                                  "https://127.0.0.1/",
                                  "http://0.0.0.0:1/",
                                  "http://127.0.0.1.evil/",
                                  "http://127.0.0.1:x/",
                                  "http://127.0.0.1:99999/",
                                  "127.0.0.1",
                                  "http://127.0.0.1/a b",
                                  "http://127.0.0.1@10.0.0.1/"})
        EXPECT_FALSE(parse_target(url).has_value()) << url;
}

TEST(target, a_url_is_taken_apart) {
    const auto t = parse_target("http://localhost:8080/v1/x?y=1");
    ASSERT_TRUE(t.has_value());
    EXPECT_EQ(t->address, "127.0.0.1");
    EXPECT_EQ(t->port, 8080);
    EXPECT_EQ(t->host, "localhost:8080");
    EXPECT_EQ(t->path, "/v1/x?y=1");
}

TEST(target, a_request_with_a_body_is_a_post_of_json) {
    const target t{"127.0.0.1", 80, "h", "/p"};
    EXPECT_EQ(request_bytes(t, {"A: b"}, "{}").value(),
              "POST /p HTTP/1.1\r\nHost: h\r\nA: b\r\nContent-Type: application/json\r\nContent-Length: "
              "2\r\n\r\n{}");
    EXPECT_EQ(request_bytes(t, {"Content-Type: x"}, "").value(),
              "GET /p HTTP/1.1\r\nHost: h\r\nContent-Type: x\r\n\r\n");
    EXPECT_FALSE(request_bytes(t, {"A: b\r\nC: d"}, "").has_value());
    EXPECT_FALSE(request_bytes(t, {"nonsense"}, "").has_value());
}

TEST(report, is_one_line_of_json) {
    report r;
    r.requests = 3;
    r.errors["429"] = 2;
    r.seconds = 1.5;
    const std::string line = to_json(r);
    EXPECT_TRUE(line.starts_with(R"({"requests":3,"failed":2,"errors":{"429":2},)")) << line;
    EXPECT_NE(line.find(R"("requests_per_s":2.0)"), std::string::npos) << line;
    EXPECT_EQ(line.find('\n'), std::string::npos);
}

} // namespace
} // namespace sluice::load::loadgen_test
