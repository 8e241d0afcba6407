// Targets and calls of the provider `openai` for unit tests.
#pragma once

#include "providers/registry.hpp"
#include "tests/unit/providers/padded.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::providers {

using fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

inline resolved_config config_with(fields plain,
                                   fields secrets = {{"openai_api_key", "sk-unit-0123456789"}}) {
    resolved_config config;
    for (const auto& [name, value] : plain)
        config.plain.emplace(name, value);
    for (const auto& [name, value] : secrets)
        config.secrets.emplace(name, secret_string(value));
    return config;
}

inline target openai_target(task kind = task::chat, std::string_view model = "gpt-4o-mini") {
    return openai_provider().resolve(model, kind, config_with({}), "").value();
}

inline target azure_target(task kind = task::chat, std::string_view model = "gpt-4o") {
    const auto config = config_with({{"openai_api_type", "Azure"},
                                     {"openai_api_base", "https://res.openai.azure.com/"},
                                     {"openai_api_version", "2024-10-21"},
                                     {"openai_deployment_name", "dep"}});
    return openai_provider().resolve(model, kind, config, "").value();
}

// The body that goes upstream for this client body, or the sentence of the refusal.
inline std::string spliced(std::string_view client, const target& to = openai_target()) {
    const padded body(client);
    unified::call call;
    if (auto parsed = unified::parse(to.kind, body.view(), call); !parsed) return parsed.error().message;
    upstream_request request;
    if (auto encoded = to.via->encode(call, to, request); !encoded) return encoded.error().message;
    std::string out;
    for (const std::string_view piece : request.body)
        out.append(piece);
    EXPECT_EQ(out.size(), request.body_size);
    EXPECT_EQ(request.head_tail, "Content-Length: " + std::to_string(out.size()) + "\r\n\r\n");
    return out;
}

// What the client gets when the upstream's stream comes in these pieces and ends; "!" and the error's message
// for an error.
inline std::string decoded(const std::vector<std::string_view>& pieces,
                           bool wants_usage = false,
                           const target& to = openai_target()) {
    unified::call call;
    call.include_usage = wants_usage;
    const auto decoder = to.via->make_decoder(call, to);
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
