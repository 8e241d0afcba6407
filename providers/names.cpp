#include "providers/names.hpp"

#include "providers/walk.hpp"

#include <array>
#include <cstddef>

namespace sluice::providers {

std::string_view to_string(task kind) noexcept {
    switch (kind) {
    case task::chat: return "llm/v1/chat";
    case task::completions: return "llm/v1/completions";
    case task::embeddings: return "llm/v1/embeddings";
    }
    return "";
}

std::optional<task> parse_task(std::string_view text) noexcept {
    for (const task kind : {task::chat, task::completions, task::embeddings}) {
        if (text == to_string(kind)) return kind;
    }
    return std::nullopt;
}

namespace unified {

namespace {

// In the order of `known`; "" stands for known::other.
constexpr std::array<std::string_view, 19> names = {"",
                                                    "model",
                                                    "stream",
                                                    "stream_options",
                                                    "messages",
                                                    "prompt",
                                                    "input",
                                                    "max_tokens",
                                                    "max_completion_tokens",
                                                    "temperature",
                                                    "top_p",
                                                    "top_k",
                                                    "n",
                                                    "stop",
                                                    "presence_penalty",
                                                    "frequency_penalty",
                                                    "extra_params",
                                                    "client_request_id",
                                                    "usage_context"};
static_assert(names.size() == static_cast<std::size_t>(known::usage_context) + 1);

} // namespace

known known_name(std::string_view key) noexcept {
    const auto either = [key](known name) { return key == to_string(name) ? name : known::other; };
    switch (key.size()) {
    case 1: return either(known::n);
    case 4: return either(known::stop);
    case 5:
        switch (key.front()) {
        case 'm': return either(known::model);
        case 'i': return either(known::input);
        default: return key == "top_p" ? known::top_p : either(known::top_k);
        }
    case 6: return key.front() == 's' ? either(known::stream) : either(known::prompt);
    case 8: return either(known::messages);
    case 10: return either(known::max_tokens);
    case 11: return either(known::temperature);
    case 12: return either(known::extra_params);
    case 13: return either(known::usage_context);
    case 14: return either(known::stream_options);
    case 16: return either(known::presence_penalty);
    case 17: return key.front() == 'f' ? either(known::frequency_penalty) : either(known::client_request_id);
    case 21: return either(known::max_completion_tokens);
    default: return known::other;
    }
}

std::string_view to_string(known name) noexcept {
    return names[static_cast<std::size_t>(name)];
}

bool has_key(std::string_view body, const member& of, std::string_view key) {
    const std::string_view raw = body.substr(of.begin + 1, of.key_end - of.begin - 2);
    if (raw.find('\\') == std::string_view::npos) return raw == key;
    std::string plain;
    walk::append_unescaped(plain, raw);
    return plain == key;
}

bool is_custom_model_input(std::string_view key) noexcept {
    return key == "inputs" || key == "instances" || key == "dataframe_records" || key == "dataframe_split";
}

known main_member(task kind) noexcept {
    switch (kind) {
    case task::chat: return known::messages;
    case task::completions: return known::prompt;
    case task::embeddings: return known::input;
    }
    return known::other;
}

std::string_view shape_of(known main) noexcept {
    switch (main) {
    case known::messages: return "a list of at least one message object";
    case known::prompt: return "a text or a list of texts";
    default: return "a text or a list";
    }
}

} // namespace unified
} // namespace sluice::providers
