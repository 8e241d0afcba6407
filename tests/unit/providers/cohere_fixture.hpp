// Targets of the providers `cohere` and `ai21labs` for unit tests.
#pragma once

#include "tests/unit/providers/anthropic_fixture.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers {

inline target cohere_target(std::string_view model = "command-a-03-2025", task kind = task::chat) {
    resolved_config config;
    config.secrets.emplace("cohere_api_key", secret_string("co-unit-0123456789"));
    return cohere_provider().resolve(model, kind, config, "").value();
}

inline target generate_target() {
    return cohere_target("command", task::completions);
}

inline target ai21_target(std::string_view model = "jamba-large", task kind = task::chat) {
    resolved_config config;
    config.secrets.emplace("ai21labs_api_key", secret_string("ai21-unit-0123456789"));
    return ai21_provider().resolve(model, kind, config, "").value();
}

// As for any other provider.
inline std::string
decoded_of(const target& to, const std::vector<std::string_view>& pieces, bool wants_usage = false) {
    return anthropic_decoded(pieces, wants_usage, to);
}

// The client's answer, or "!" and the error's message.
inline std::string answered(const target& to, std::string_view client, std::string_view upstream) {
    const padded body(client);
    const padded theirs(upstream);
    unified::call call;
    if (auto parsed = unified::parse(to.kind, body.view(), call); !parsed) return parsed.error().message;
    const auto read = to.via->read_answer(call, to, unit_context(), theirs.view());
    if (!read) return "!" + read.error().message;
    return read->rewritten.value_or("as it came");
}

inline std::string data_event(std::string_view data) {
    return std::string("data: ").append(data).append("\n\n");
}

// A chunk of a client's stream, as all of these providers' decoders write it.
inline std::string
chat_chunk(std::string_view id, std::string_view model, std::string_view delta, std::string_view reason) {
    return data_event(std::string(R"({"id":")")
                          .append(id)
                          .append(R"(","object":"chat.completion.chunk","created":7,"model":")")
                          .append(model)
                          .append(R"(","choices":[{"index":0,"delta":)")
                          .append(delta)
                          .append(R"(,"finish_reason":)")
                          .append(reason)
                          .append("}]}"));
}

inline const std::string done_event = "data: [DONE]\n\n";

} // namespace sluice::providers
