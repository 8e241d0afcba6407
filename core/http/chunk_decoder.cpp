#include "core/http/characters.hpp"
#include "core/http/framing.hpp"

#include <algorithm>

namespace sluice::http {

namespace {

constexpr std::uint8_t max_size_digits = 16; // what fits 64 bits

} // namespace

bool chunk_decoder::go(bool allowed, state next) noexcept {
    if (allowed) state_ = next;
    return allowed;
}

bool chunk_decoder::take_size(char c) noexcept {
    if (const int digit = hex_digit(c); digit >= 0) {
        if (state_ == state::size_first) {
            left_ = 0;
            digits_ = 0;
            state_ = state::size;
        }
        if (++digits_ > max_size_digits) return false;
        left_ = left_ * 16 + static_cast<unsigned>(digit);
        return true;
    }
    return state_ == state::size && extension_may_end(c);
}

// Behind a size or a whole extension: another extension or the end of the line.
bool chunk_decoder::extension_may_end(char c) noexcept {
    if (c == ';') return go(++extensions_ <= max_extension_bytes, state::extension_name_first);
    return go(c == '\r', state::size_lf);
}

bool chunk_decoder::take_extension(char c) noexcept {
    const bool token = in_set(token_bytes, c);
    if (++extensions_ > max_extension_bytes) return false;
    switch (state_) {
    case state::extension_name_first: return go(token, state::extension_name);
    case state::extension_name:
        if (token) return true;
        return c == '=' ? go(true, state::extension_value_first) : extension_may_end(c);
    case state::extension_value_first:
        return go(token || c == '"', token ? state::extension_token : state::extension_quoted);
    case state::extension_token: return token || extension_may_end(c);
    case state::extension_quoted:
        if (c == '"') return go(true, state::extension_end);
        return c == '\\' ? go(true, state::extension_escape) : in_set(value_bytes, c);
    case state::extension_escape: return go(in_set(value_bytes, c), state::extension_quoted);
    default: return extension_may_end(c);
    }
}

bool chunk_decoder::take_trailer(char c) noexcept {
    if (++trailers_ > max_trailer_bytes) return false;
    switch (state_) {
    case state::trailer_start:
        if (c == '\r') return go(true, state::end_lf);
        return go(in_set(token_bytes, c), state::trailer_name);
    case state::trailer_name: return c == ':' ? go(true, state::trailer_value) : in_set(token_bytes, c);
    case state::trailer_value: return c == '\r' ? go(true, state::trailer_lf) : in_set(value_bytes, c);
    case state::trailer_lf: return go(c == '\n', state::trailer_start);
    default: return go(c == '\n', state::finished);
    }
}

bool chunk_decoder::take(char c) noexcept {
    switch (state_) {
    case state::size_first:
    case state::size: return take_size(c);
    case state::size_lf: return go(c == '\n', left_ == 0 ? state::trailer_start : state::data);
    case state::data_cr: return go(c == '\r', state::data_lf);
    case state::data_lf: return go(c == '\n', state::size_first);
    case state::trailer_start:
    case state::trailer_name:
    case state::trailer_value:
    case state::trailer_lf:
    case state::end_lf: return take_trailer(c);
    default: return take_extension(c);
    }
}

result<chunk_decoder::step> chunk_decoder::feed(std::string_view in) {
    std::size_t at = 0;
    while (at < in.size() && state_ != state::data && state_ != state::finished) {
        if (!take(in[at])) return fail(errc::bad_request, "The chunked body is malformed.");
        ++at;
    }
    step out;
    out.consumed = at;
    out.finished = state_ == state::finished;
    if (state_ == state::data) {
        const std::uint64_t run = std::min<std::uint64_t>(left_, in.size() - at);
        out.data = in.substr(at, static_cast<std::size_t>(run));
        out.consumed += out.data.size();
        left_ -= run;
        if (left_ == 0) state_ = state::data_cr;
    }
    return out;
}

} // namespace sluice::http
