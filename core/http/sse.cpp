#include "core/http/sse.hpp"

#include "core/json/reader.hpp"

#include <cstring>

namespace sluice::http {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// Is this line the field `name`? Then `value` is what follows the colon, less one blank.
bool is_field(std::string_view line, std::string_view name, std::string_view& value) noexcept {
    if (!line.starts_with(name)) return false;
    value = line.substr(name.size());
    if (value.empty()) return true;
    if (value[0] != ':') return false;
    value.remove_prefix(value.size() > 1 && value[1] == ' ' ? 2 : 1);
    return true;
}

// Makes room for `more` bytes and for the padding behind them.
void reserve(std::string& text, std::size_t more) {
    const std::size_t needed = text.size() + more + json::padding;
    if (needed > text.capacity()) text.reserve(needed + needed / 2);
}

std::size_t find_byte(std::string_view text, std::size_t from, std::size_t end, char c) noexcept {
    if (from == end) return end;
    const void* found = std::memchr(text.data() + from, c, end - from);
    return found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) : end;
}

} // namespace

void sse_decoder::feed(std::string_view in) {
    if (handed_out_) forget_event();
    in_ = in;
    at_ = 0;
    next_lf_ = find_byte(in_, 0, in_.size(), '\n');
}

void sse_decoder::forget_event() {
    joined_.clear();
    type_.clear();
    whole_ = {};
    data_lines_ = 0;
    handed_out_ = false;
}

// The next CR or LF of the input. The LF is remembered until it is passed, so that an input of CRs alone
// costs one search for LF and not one for each line.
bool sse_decoder::find_line_end() {
    if (next_lf_ < at_) next_lf_ = find_byte(in_, at_, in_.size(), '\n');
    line_end_ = find_byte(in_, at_, next_lf_, '\r');
    return line_end_ < in_.size();
}

result<std::optional<sse_event>> sse_decoder::next() {
    if (handed_out_) forget_event();
    while (!failed_) {
        if (skip_lf_ && at_ < in_.size()) {
            if (in_[at_] == '\n') ++at_;
            skip_lf_ = false;
        }
        const bool ended = find_line_end();
        const std::string_view text = in_.substr(at_, line_end_ - at_);
        if (text.size() > max_event_bytes_ || partial_.size() > max_event_bytes_ - text.size())
            return too_long();
        if (!ended) {
            partial_.append(text);
            at_ = in_.size();
            keep_data();
            return std::nullopt;
        }
        skip_lf_ = in_[line_end_] == '\r';
        at_ = line_end_ + 1;
        const bool in_input = partial_.empty();
        if (!in_input) partial_.append(text);
        const taken got = take_line(in_input ? text : std::string_view(partial_), in_input);
        partial_.clear();
        if (got == taken::too_long) return too_long();
        if (got == taken::event) return hand_out();
    }
    return too_long();
}

std::optional<sse_event> sse_decoder::finish() {
    if (handed_out_) forget_event();
    if (failed_) return std::nullopt;
    if (!partial_.empty() && take_line(partial_, false) == taken::too_long) return std::nullopt;
    partial_.clear();
    if (data_lines_ == 0) return std::nullopt;
    return hand_out();
}

sse_decoder::taken sse_decoder::take_line(std::string_view text, bool in_input) {
    if (at_start_) {
        at_start_ = false;
        if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    }
    if (text.empty()) {
        if (data_lines_ > 0) return taken::event;
        type_.clear();
        return taken::nothing;
    }
    std::string_view value;
    if (is_field(text, "data", value)) return take_data(value, in_input);
    if (is_field(text, "event", value)) type_.assign(value);
    return taken::nothing;
}

sse_decoder::taken sse_decoder::take_data(std::string_view value, bool in_input) {
    ++data_lines_;
    if (data_lines_ == 1 && in_input) {
        whole_ = value;
        return taken::nothing;
    }
    keep_data();
    reserve(joined_, value.size() + 1);
    if (data_lines_ > 1) joined_ += '\n';
    joined_.append(value);
    return joined_.size() > max_event_bytes_ ? taken::too_long : taken::nothing;
}

// Copies a data line that lies in the input, because the input goes or another line follows.
void sse_decoder::keep_data() {
    if (whole_.data() == nullptr) return;
    reserve(joined_, whole_.size());
    joined_.append(whole_);
    whole_ = {};
}

sse_event sse_decoder::hand_out() {
    handed_out_ = true;
    return {type_, whole_.data() != nullptr ? whole_ : std::string_view(joined_)};
}

tl::unexpected<error> sse_decoder::too_long() {
    failed_ = true;
    return fail(errc::bad_upstream, "The provider sent an event that is too large.");
}

} // namespace sluice::http
