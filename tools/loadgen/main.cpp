// sluice-loadgen: HTTP/1.1 load on a loopback address, JSON answers or SSE streams; one line of JSON on
// stdout.
#include "tools/loadgen/load.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace {

int complain(const std::string& message) {
    std::fprintf(stderr, "sluice-loadgen: %s\n", message.c_str());
    return 2;
}

struct arguments {
    std::string url;
    std::string body;
    std::vector<std::string> headers;
    double seconds = 10;
    sluice::load::plan plan;
};

// A text that begins like JSON is the body itself, anything else names a file.
sluice::result<std::string> read_body(const std::string& given) {
    if (given.empty() || given.front() == '{' || given.front() == '[') return given;
    std::ifstream file(given, std::ios::binary);
    if (!file) return sluice::fail(sluice::errc::bad_request, "Cannot read the file " + given + '.');
    return std::string(std::istreambuf_iterator<char>(file), {});
}

int go(arguments a) {
    const auto body = read_body(a.body);
    if (!body) return complain(body.error().message);
    auto to = sluice::load::parse_target(a.url);
    if (!to) return complain(to.error().message);
    auto request = sluice::load::request_bytes(*to, a.headers, *body);
    if (!request) return complain(request.error().message);
    a.plan.to = std::move(*to);
    a.plan.request = std::move(*request);
    a.plan.duration = std::chrono::milliseconds(static_cast<std::int64_t>(a.seconds * 1000));
    const sluice::load::report r = sluice::load::run(a.plan);
    std::printf("%s\n", sluice::load::to_json(r).c_str());
    return r.requests > 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    CLI::App app("HTTP/1.1 load on a loopback address. Closed loop, or with --rate an open loop whose "
                 "latencies count from when a\n"
                 "request was due. Prints one line of JSON.",
                 "sluice-loadgen");
    app.set_version_flag("--version", SLUICE_VERSION);
    arguments a;
    app.add_option("--url", a.url, "http://127.0.0.1:PORT/PATH")->required();
    app.add_option("--connections", a.plan.connections, "connections (default 16)")
        ->check(CLI::Range(1, 20'000));
    app.add_option("--rate", a.plan.rate, "requests per second; 0: closed loop (default)")
        ->check(CLI::Range(0.0, 1e6));
    app.add_option("--duration", a.seconds, "seconds (default 10)")->check(CLI::Range(0.01, 3600.0));
    app.add_option("--requests", a.plan.most_requests, "stop after so many requests");
    app.add_option("--body", a.body, "a file, or JSON text; without it requests are GET");
    app.add_option("--header", a.headers, "'Name: value', any number of times");
    app.add_flag(
        "--stream", a.plan.stream, "the answers are SSE: count chunks, time the first, ask for [DONE]");
    CLI11_PARSE(app, argc, argv);
    return go(std::move(a));
}
