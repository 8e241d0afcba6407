// Asks the simulated provider without sockets.
#pragma once

#include "tools/provider/service.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::sim {

struct asked {
    std::string method = "POST";
    std::string target;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
};

inline constexpr std::int64_t some_time = 1'768'480'496; // 2026-01-15T12:34:56Z

// The bytes of the answer, without its pauses.
inline std::string ask(const asked& a, const access& who = {}, std::int64_t now = some_time) {
    std::vector<header_field> fields;
    fields.reserve(a.fields.size());
    for (const auto& [name, value] : a.fields)
        fields.push_back({name, value});
    http_request request;
    request.method = a.method;
    request.target = a.target;
    request.fields = fields;
    request.body = a.body;
    stats counters;
    script s = respond(request, who, now, counters);
    std::string out;
    for (int steps = 0; steps < 100'000; ++steps) {
        const step next = s.next(out);
        if (next.what != action::more && next.what != action::wait) break;
    }
    return out;
}

inline int status_of(std::string_view answer) {
    constexpr std::string_view start = "HTTP/1.1 ";
    return answer.starts_with(start) ? std::stoi(std::string(answer.substr(start.size(), 3))) : 0;
}

// The body of an answer, its chunks put together.
inline std::string body_of(std::string_view answer) {
    const std::size_t end = answer.find("\r\n\r\n");
    if (end == std::string_view::npos) return {};
    const bool chunked = answer.substr(0, end).find("Transfer-Encoding: chunked") != std::string_view::npos;
    std::string_view rest = answer.substr(end + 4);
    if (!chunked) return std::string(rest);
    std::string body;
    while (!rest.empty()) {
        const std::size_t line = rest.find("\r\n");
        if (line == std::string_view::npos) break;
        const std::size_t size = std::stoul(std::string(rest.substr(0, line)), nullptr, 16);
        if (size == 0) break;
        body += rest.substr(line + 2, size);
        rest.remove_prefix(std::min(line + 2 + size + 2, rest.size()));
    }
    return body;
}

inline boost::json::value json_of(std::string_view answer) {
    boost::json::error_code ec;
    const std::string body = body_of(answer);
    boost::json::value read = boost::json::parse(body, ec);
    EXPECT_FALSE(ec) << answer;
    return read;
}

inline bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

// The upstream requests of a provider's golden cases: what the gateway sends must be good here.
inline std::vector<std::pair<std::string, asked>> golden_requests(std::string_view provider) {
    std::vector<std::pair<std::string, asked>> all;
    const std::filesystem::path folder =
        std::filesystem::path(SLUICE_TEST_DATA) / "golden" / std::string(provider);
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (!name.ends_with("request.upstream.json")) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
        const boost::json::value golden = boost::json::parse(text);
        const std::string url = golden.at("url").as_string().c_str();
        asked one;
        one.target = url.substr(url.find('/', std::string_view("https://").size()));
        one.fields.emplace_back("host", url.substr(8, url.find('/', 8) - 8));
        for (const auto& [key, value] : golden.at("headers").as_object())
            one.fields.emplace_back(std::string(key), value.as_string().c_str());
        one.body = boost::json::serialize(golden.at("body"));
        all.emplace_back(name, std::move(one));
    }
    return all;
}

} // namespace sluice::sim
