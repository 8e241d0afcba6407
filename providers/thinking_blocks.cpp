#include "providers/thinking_blocks.hpp"

#include "core/json/writer.hpp"

namespace sluice::providers {

void append_thought(std::string& list, std::string_view text, std::string_view signature) {
    if (!list.empty()) list += ',';
    json::object_writer block(list);
    block.text("type", "thinking");
    block.text("thinking", text);
    block.text("signature", signature);
    block.close();
}

void append_redacted_thought(std::string& list, std::string_view data) {
    if (!list.empty()) list += ',';
    json::object_writer block(list);
    block.text("type", "redacted_thinking");
    block.text("data", data);
    block.close();
}

} // namespace sluice::providers
