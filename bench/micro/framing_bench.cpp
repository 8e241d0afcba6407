#include "core/http/framing.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace sluice;

// What the OpenAI Python client sends, cut to ten fields.
constexpr std::string_view request = "POST /serving-endpoints/my-chat-endpoint/invocations HTTP/1.1\r\n"
                                     "Host: gateway.example.com:8080\r\n"
                                     "Accept-Encoding: gzip, deflate, br, zstd\r\n"
                                     "Connection: keep-alive\r\n"
                                     "Accept: application/json\r\n"
                                     "Content-Type: application/json\r\n"
                                     "User-Agent: OpenAI/Python 1.54.0\r\n"
                                     "X-Stainless-Lang: python\r\n"
                                     "X-Stainless-Runtime-Version: 3.11.2\r\n"
                                     "Authorization: Bearer dapi0123456789abcdef0123456789abcdef\r\n"
                                     "Content-Length: 512\r\n"
                                     "\r\n";

constexpr std::string_view response = "HTTP/1.1 200 OK\r\n"
                                      "Date: Fri, 01 May 2026 12:00:00 GMT\r\n"
                                      "Content-Type: text/event-stream; charset=utf-8\r\n"
                                      "Transfer-Encoding: chunked\r\n"
                                      "Connection: keep-alive\r\n"
                                      "Cache-Control: no-cache\r\n"
                                      "x-request-id: req_0123456789abcdef0123456789abcdef\r\n"
                                      "x-ratelimit-remaining-requests: 9999\r\n"
                                      "x-ratelimit-remaining-tokens: 149999\r\n"
                                      "server: cloudflare\r\n"
                                      "\r\n";

void framing_request_head(benchmark::State& state) {
    http::request_head head;
    for (auto _ : state) {
        auto took = http::parse_request_head(request, http::request_head_limits, head);
        benchmark::DoNotOptimize(took);
    }
    if (head.fields.size() != 10) std::abort();
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(request.size()));
}
BENCHMARK(framing_request_head);

void framing_response_head(benchmark::State& state) {
    http::response_head head;
    for (auto _ : state) {
        auto took = http::parse_response_head(response, http::response_head_limits, head);
        benchmark::DoNotOptimize(took);
    }
    if (head.fields.size() != 9) std::abort();
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(response.size()));
}
BENCHMARK(framing_response_head);

// A body in chunks of the size of the argument.
void framing_chunks(benchmark::State& state) {
    const std::string data(static_cast<std::size_t>(state.range(0)), 'x');
    constexpr std::string_view hex = "0123456789abcdef";
    std::string size;
    for (std::size_t left = data.size(); left > 0; left /= 16)
        size.insert(0, 1, hex[left % 16]);
    std::string body;
    while (body.size() < 60'000)
        body.append(size).append("\r\n").append(data).append("\r\n");
    for (auto _ : state) {
        http::chunk_decoder decoder;
        std::string_view rest = body;
        while (!rest.empty()) {
            const auto step = decoder.feed(rest);
            if (!step) std::abort();
            rest.remove_prefix(step->consumed);
        }
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(framing_chunks)->Arg(16)->Arg(256)->Arg(16384);

} // namespace
