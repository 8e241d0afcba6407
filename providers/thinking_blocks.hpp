// Thinking that its model has signed, in OpenAI's schema: the member `thinking_blocks` of a message which
// clients give back with the history, in the form that LiteLLM made usual. In a stream's delta an element has
// an index, by which clients put the pieces of a block together.
#pragma once

#include <string>
#include <string_view>

namespace sluice::providers {

// Appends an element, with a comma before it when the list has one already.
void append_thought(std::string& list, std::string_view text, std::string_view signature);
// What the model thought where nobody may read it.
void append_redacted_thought(std::string& list, std::string_view data);

} // namespace sluice::providers
