// One request to the simulated OpenAI: read from JSON and checked as the real service does. Own code, on
// purpose apart from the gateway's, so that an error of one is not hidden by the same error of the other.
#pragma once

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::sim {

enum class task_kind : std::uint8_t { chat, completions, embeddings };

// An error as the API answers it. Empty param and code are written as null.
struct api_error {
    int status = 400;
    std::string message;
    std::string type = "invalid_request_error";
    std::string param;
    std::string code;
};

template <class T>
using api_result = tl::expected<T, api_error>;

struct call {
    task_kind task = task_kind::chat;
    std::string model;
    bool stream = false;
    bool include_usage = false;
    bool base64 = false;                   // embeddings as base64
    bool thinks = false;                   // of Claude: signed, before the answer
    std::size_t choices = 1;               // `n`
    std::optional<std::size_t> max_tokens; // or max_completion_tokens
    std::optional<std::size_t> dimensions; // of embeddings
    std::size_t prompt_tokens = 0;
    std::uint64_t seed = 0; // of the answer's text; depends on what the model is told
    std::vector<std::string>
        inputs; // chat: the last user text; completions: the prompts; embeddings: the inputs
};

// `deployment` is the model of an Azure path, where the body needs none; empty elsewhere.
[[nodiscard]] api_result<call>
read_call(task_kind task, std::string_view deployment, std::string_view content_type, std::string_view body);

} // namespace sluice::sim
