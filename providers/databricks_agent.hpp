// What Databricks' agents answer that is no chat: the messages of MLflow's ChatAgent, the output of its
// ResponsesAgent, and the events of their streams. The service passes it on as the agent made it, and so does
// the gateway; only what it used and where it ends is read.
#pragma once

#include "providers/provider.hpp"

#include <optional>
#include <string_view>

namespace sluice::providers::databricks {

struct agent_said {
    bool is_answer = false;  // a whole one, with at least one message or item
    bool is_event = false;   // a part of a message, or an event of Responses
    bool is_end = false;     // an event behind which the stream may end
    bool is_failure = false; // the agent has given up
    usage used;
};

// Nothing at all is said by what is no JSON object. json::padding bytes behind `json` must be readable.
[[nodiscard]] agent_said read_agent(std::string_view json);

// A whole answer, as upstream_api::read_answer; nullopt when it is none of an agent.
[[nodiscard]] std::optional<result<answer>> read_agent_answer(const unified::call& call,
                                                              const target& to,
                                                              const answer_context& context,
                                                              std::string_view body);

// For a client whose API is translated from a chat.
[[nodiscard]] error no_chat(const target& to);

} // namespace sluice::providers::databricks
