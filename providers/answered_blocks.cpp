#include "providers/answered_blocks.hpp"

#include "core/json/writer.hpp"

#include <algorithm>

namespace sluice::providers {

void answered_blocks::add(kind what, std::size_t begin, std::size_t end) {
    if (begin == end && what != kind::call) return;
    const bool goes_on = (what == kind::text || what == kind::reasoning) && !pieces_.empty() &&
                         pieces_.back().what == what && pieces_.back().end == begin;
    if (goes_on) {
        pieces_.back().end = end;
    } else {
        pieces_.push_back({what, begin, end});
    }
}

bool answered_blocks::is_mixed() const noexcept {
    const auto is_thinking = [](const piece& one) {
        return one.what == kind::reasoning || one.what == kind::thought;
    };
    return !std::is_partitioned(pieces_.begin(), pieces_.end(), is_thinking);
}

void answered_blocks::append(std::string& out, const sources& of) const {
    out += '[';
    for (const piece& each : pieces_) {
        if (&each != &pieces_.front()) out += ',';
        const auto part = [&each](std::string_view all) {
            return all.substr(each.begin, each.end - each.begin);
        };
        if (each.what == kind::thought) {
            out += part(of.thoughts);
            continue;
        }
        json::object_writer block(out);
        switch (each.what) {
        case kind::text:
            block.text("type", "text");
            block.text("text", part(of.text));
            break;
        case kind::reasoning:
            block.text("type", "thinking");
            block.text("thinking", part(of.reasoning));
            break;
        default: block.text("type", "tool_use"); break;
        }
        block.close();
    }
    out += ']';
}

} // namespace sluice::providers
