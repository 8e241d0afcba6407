// Targets and calls of the provider `google-cloud-vertex-ai` for unit tests.
#pragma once

#include "core/json/reader.hpp"
#include "providers/registry.hpp"
#include "tests/support/service_account.hpp"
#include "tests/unit/providers/padded.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers {

constexpr std::string_view gemini_2_5 = "gemini-2.5-flash";
constexpr std::string_view gemini_3 = "gemini-3-pro-preview";

inline resolved_config vertex_config(std::string_view region = "us-central1",
                                     std::string_view project = "test-project") {
    static const std::string account = test::service_account_json();
    resolved_config config;
    config.plain.emplace("project_id", project);
    config.plain.emplace("region", region);
    config.secrets.emplace("private_key", secret_string(account));
    return config;
}

inline target vertex_target(std::string_view model = gemini_2_5, task kind = task::chat) {
    return vertex_provider().resolve(model, kind, vertex_config(), "").value();
}

inline answer_context vertex_context() {
    answer_context context;
    context.created = 7;
    context.id_stem = "u";
    return context;
}

// The body that goes upstream for this client body, or the sentence of the refusal.
inline std::string vertex_sent(std::string_view client, const target& to = vertex_target()) {
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

// With one user message "x" and these members.
inline std::string vertex_sent_with(std::string_view members, const target& to = vertex_target()) {
    return vertex_sent(
        std::string(R"({"messages":[{"role":"user","content":"x"}],)").append(members).append("}"), to);
}

// What the client gets for a whole answer, or "!" and the error's message.
inline std::string vertex_answered(std::string_view upstream,
                                   const target& to = vertex_target(),
                                   std::string_view client = "{}") {
    const padded asked(client);
    unified::call call;
    call.kind = to.kind;
    if (client != "{}") {
        EXPECT_TRUE(unified::parse(to.kind, asked.view(), call)) << client;
    }
    const padded body(upstream);
    auto read = to.via->read_answer(call, to, vertex_context(), body.view());
    if (!read) return "!" + read.error().message;
    const std::optional<std::string>& rewritten = read->rewritten;
    return rewritten ? *rewritten : std::string(upstream);
}

// What the client gets when the upstream's stream comes in these pieces and ends; "!" and the error's message
// for an error.
inline std::string vertex_decoded(const std::vector<std::string_view>& pieces,
                                  bool wants_usage = false,
                                  const target& to = vertex_target()) {
    unified::call call;
    call.kind = to.kind;
    call.include_usage = wants_usage;
    const answer_context context = vertex_context();
    const auto decoder = to.via->make_decoder(call, to, context);
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
