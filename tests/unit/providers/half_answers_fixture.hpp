// Streams of which something is missing, and the small servers that forget it.
#pragma once

#include "providers/registry.hpp"
#include "tests/unit/providers/openai_fixture.hpp"
#include "tests/unit/providers/padded.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sluice::providers {

inline target custom_target(task kind = task::chat) {
    return custom_provider()
        .resolve("m",
                 kind,
                 config_with({{"custom_provider_url", "https://h/v1"}},
                             {{"bearer_token_auth.token", "custom-token-0123456789"}}),
                 "")
        .value();
}

inline std::string event(std::string_view data) {
    return std::string("data: ").append(data).append("\n\n");
}

// What the client gets when it has sent `client` and the upstream's stream is `stream`.
inline std::string streamed(const target& to, std::string_view client, std::string_view stream) {
    const padded body(client);
    unified::call call;
    EXPECT_TRUE(unified::parse(to.kind, body.view(), call)) << client;
    const auto decoder = to.via->make_decoder(call, to);
    const padded bytes(stream);
    std::string out;
    auto good = decoder->body(bytes.view(), out);
    if (good && !decoder->finished()) good = decoder->end(out);
    return good ? out : out + "!" + good.error().message;
}

inline std::string choice(int index, std::string_view rest) {
    return event(R"({"choices":[{"index":)" + std::to_string(index) + R"(,"delta":{"content":"a"})" +
                 std::string(rest) + "}]}");
}

inline constexpr std::string_view ended = R"(,"finish_reason":"stop")";

} // namespace sluice::providers
