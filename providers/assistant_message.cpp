#include "providers/assistant_message.hpp"

#include <string_view>

namespace sluice::providers {

namespace {

void append_list(std::string& out, std::string_view front, std::string& elements) {
    if (elements.empty()) return;
    elements.back() = ']';
    out.append(front).append(elements);
    elements.clear();
}

} // namespace

void assistant_message::end(std::string& out) {
    if (text.empty() && calls.empty()) return;
    out += R"({"role":"assistant","content":)";
    if (text.empty()) {
        out += "null";
    } else {
        out.append("\"").append(text).append("\"");
    }
    append_list(out, R"(,"thinking_blocks":[)", thoughts);
    append_list(out, R"(,"tool_calls":[)", calls);
    out += "},";
    text.clear();
}

} // namespace sluice::providers
