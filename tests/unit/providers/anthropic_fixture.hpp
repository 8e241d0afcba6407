// Targets and calls of the provider `anthropic` for unit tests.
#pragma once

#include "core/json/reader.hpp"
#include "providers/registry.hpp"
#include "tests/unit/providers/padded.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers {

constexpr std::string_view claude = "claude-sonnet-4-5-20250929";

inline target anthropic_target(std::string_view model = claude, task kind = task::chat) {
    resolved_config config;
    config.secrets.emplace("anthropic_api_key", secret_string("sk-ant-unit-0123456789"));
    return anthropic_provider().resolve(model, kind, config, "").value();
}

inline answer_context unit_context() {
    answer_context context;
    context.created = 7;
    context.id_stem = "u";
    return context;
}

// The body that goes upstream for this client body, or the sentence of the refusal.
inline std::string translated(std::string_view client, const target& to = anthropic_target()) {
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
    EXPECT_EQ(request.head_tail, "Content-Length: " + std::to_string(out.size()) + "\r\n\r\n");
    EXPECT_TRUE(json::is_json(out)) << out;
    return out;
}

// With one user message "x" and these members.
inline std::string translated_with(std::string_view members, const target& to = anthropic_target()) {
    return translated(
        std::string(R"({"messages":[{"role":"user","content":"x"}],)").append(members).append("}"), to);
}

// What the client gets when the upstream's stream comes in these pieces and ends; "!" and the error's message
// for an error.
inline std::string anthropic_decoded(const std::vector<std::string_view>& pieces,
                                     bool wants_usage = false,
                                     const target& to = anthropic_target()) {
    unified::call call;
    call.kind = to.kind;
    call.include_usage = wants_usage;
    const auto decoder = to.via->make_decoder(call, to, unit_context());
    std::string out;
    for (const std::string_view piece : pieces) {
        const padded bytes(piece);
        if (auto good = decoder->body(bytes.view(), out); !good) return out + "!" + good.error().message;
    }
    if (auto good = decoder->end(out); !good) return out + "!" + good.error().message;
    EXPECT_TRUE(decoder->finished());
    return out;
}

} // namespace sluice::providers
