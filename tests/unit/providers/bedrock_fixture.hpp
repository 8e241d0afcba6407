// Targets and calls of the provider `amazon-bedrock` for unit tests.
#pragma once

#include "core/json/reader.hpp"
#include "providers/bedrock.hpp"
#include "providers/registry.hpp"
#include "tests/support/event_frames.hpp"
#include "tests/unit/providers/padded.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers {

constexpr std::string_view bedrock_claude = "anthropic.claude-sonnet-4-5-20250929-v1:0";

inline resolved_config bedrock_config(std::string_view family = "anthropic") {
    resolved_config config;
    config.plain.emplace("aws_region", "us-east-1");
    config.plain.emplace("bedrock_provider", family);
    config.secrets.emplace("aws_access_key_id", secret_string("AKIDEXAMPLE"));
    config.secrets.emplace("aws_secret_access_key",
                           secret_string("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
    return config;
}

inline target bedrock_target(std::string_view model = bedrock_claude,
                             std::string_view family = "anthropic",
                             task kind = task::chat) {
    return bedrock_provider().resolve(model, kind, bedrock_config(family), "").value();
}

inline answer_context bedrock_context() {
    answer_context context;
    context.created = 7;
    context.id_stem = "u";
    return context;
}

// The body that goes upstream for this client body, or the sentence of the refusal.
inline std::string bedrock_body(std::string_view client, const target& to = bedrock_target()) {
    const padded body(client);
    unified::call call;
    if (auto parsed = unified::parse(to.kind, body.view(), call); !parsed) return parsed.error().message;
    upstream_request request;
    if (auto encoded = to.via->encode(call, to, request); !encoded) {
        EXPECT_EQ(encoded.error().code, errc::bad_request);
        return encoded.error().message;
    }
    std::string out;
    for (const std::string_view piece : request.body)
        out.append(piece);
    EXPECT_EQ(out.size(), request.body_size);
    EXPECT_TRUE(json::is_json(out)) << out;
    return out;
}

// With one user message "x" and these members; what is not the message itself.
inline std::string bedrock_body_with(std::string_view members, const target& to = bedrock_target()) {
    constexpr std::string_view front = R"({"messages":[{"role":"user","content":[{"text":"x"}]}])";
    const std::string out = bedrock_body(
        std::string(R"({"messages":[{"role":"user","content":"x"}])").append(members).append("}"), to);
    return out.starts_with(front) ? out.substr(front.size(), out.size() - front.size() - 1) : out;
}

// What the client gets when the upstream's stream comes in these pieces and ends; "!" and the error's message
// for an error.
inline std::string
bedrock_decoded(std::string_view stream, bool wants_usage = false, const target& to = bedrock_target()) {
    unified::call call;
    call.kind = to.kind;
    call.include_usage = wants_usage;
    const auto decoder = to.via->make_decoder(call, to, bedrock_context());
    std::string out;
    const padded bytes(stream);
    if (auto good = decoder->body(bytes.view(), out); !good) return out + "!" + good.error().message;
    if (auto good = decoder->end(out); !good) return out + "!" + good.error().message;
    EXPECT_TRUE(decoder->finished());
    return out;
}

} // namespace sluice::providers
