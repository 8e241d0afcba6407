// What an assistant said, of a client's history in its own dialect, as one message of a chat.
#pragma once

#include <string>

namespace sluice::providers {

struct assistant_message {
    std::string thoughts; // elements of `thinking_blocks`, each with a comma behind it
    std::string text;     // as it stands between its quotes
    std::string calls;    // elements of `tool_calls`, each with a comma behind it

    // Appends the message with a comma behind it, and is empty then. Thinking alone is no message: it waits
    // for what it leads to.
    void end(std::string& out);
};

} // namespace sluice::providers
