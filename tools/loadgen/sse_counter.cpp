#include "tools/loadgen/sse_counter.hpp"

#include <algorithm>

namespace sluice::load {

namespace {

constexpr std::size_t kept = 20; // enough for "data: [DONE]" and "data: {\"error\""

} // namespace

void sse_counter::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const std::string_view line = bytes.substr(0, end);
        start_ += line.substr(0, kept - std::min(kept, start_.size()));
        if (end == std::string_view::npos) return;
        line_end();
        bytes.remove_prefix(end + 1);
    }
}

void sse_counter::line_end() {
    constexpr std::string_view field = "data:";
    std::string_view line = start_;
    if (line.starts_with(field)) {
        line.remove_prefix(field.size());
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        if (line.starts_with("[DONE]"))
            done_ = true;
        else
            ++events_;
        if (line.starts_with("{\"error\"")) failed_ = true;
    }
    start_.clear();
}

} // namespace sluice::load
