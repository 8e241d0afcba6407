#include "providers/json_lines.hpp"

#include "core/json/reader.hpp"

namespace sluice::providers {

namespace {

bool is_blank(std::string_view line) noexcept {
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

} // namespace

void json_lines::feed(std::string_view in) {
    in_ = in;
}

result<std::optional<std::string_view>> json_lines::next() {
    if (handed_out_) partial_.clear();
    handed_out_ = false;
    while (!failed_ && !in_.empty()) {
        const std::size_t end = in_.find('\n');
        const std::string_view piece = in_.substr(0, end);
        if (piece.size() > max_line_bytes_ - partial_.size()) {
            failed_ = true;
            break;
        }
        in_.remove_prefix(end == std::string_view::npos ? in_.size() : end + 1);
        if (end != std::string_view::npos && partial_.empty()) {
            if (!is_blank(piece)) return piece;
            continue;
        }
        partial_.append(piece);
        if (end == std::string_view::npos) break;
        handed_out_ = true;
        if (const auto line = finish()) return line;
        partial_.clear();
        handed_out_ = false;
    }
    if (failed_) return fail(errc::bad_upstream, "a line of the stream is too long");
    return std::nullopt;
}

std::optional<std::string_view> json_lines::finish() {
    if (is_blank(partial_)) return std::nullopt;
    partial_.reserve(partial_.size() + json::padding);
    return std::string_view(partial_);
}

} // namespace sluice::providers
