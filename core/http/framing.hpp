// The HTTP/1.1 reading rules of a proxy: refuses whatever two parsers could read differently (RFC 9112 §6,
// §11.2), on the client side and on the provider side. Why not Beast's parser: Boost 1.81 reads a dozen
// Transfer-Encoding values as "no body", merges trailers into the head and accepts folded lines; Beast stands
// as the second parser in the fuzzer. No I/O, no allocation in steady state, no state between calls except
// chunk_decoder's own.
#pragma once

#include "core/base/error.hpp"
#include "core/http/message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::http {

struct head_limits {
    std::size_t bytes = std::size_t{32} * 1024; // whole head with its blank line
    std::size_t fields = 100;
    std::size_t target_bytes = std::size_t{8} * 1024;
};

inline constexpr head_limits request_head_limits{};
inline constexpr head_limits response_head_limits{std::size_t{64} * 1024, 200, 0};

// Reads one request head from the start of `in`. Returns the number of bytes it takes, or 0 when more input
// is needed. Error bad_request: malformed, ambiguous or too large; answer 400 and close. `out` is
// overwritten; on 0 its content means nothing. Strict: exactly one Host that parses (1.0 may lack it), target
// in origin form, token method, one all-digit Content-Length, Transfer-Encoding exactly "chunked" and only
// in 1.1 and never with Content-Length, Expect exactly "100-continue", no folded line, no CTL or bare CR or
// bare LF, no space before the colon, HTTP/1.0 or 1.1 only. Up to two empty lines before the request line are
// skipped and counted in what it takes.
[[nodiscard]] result<std::size_t>
parse_request_head(std::string_view in, const head_limits& limits, request_head& out);

// Reads one response head (RFC 9112 §4). Error bad_upstream. 1xx heads are returned as they are; the caller
// skips them. The body kind is that of an answer to POST or GET: 1xx, 204 and 304 have none, and a 1xx or 204
// that announces one is refused.
[[nodiscard]] result<std::size_t>
parse_response_head(std::string_view in, const head_limits& limits, response_head& out);

// Chunk extensions and trailers that one body may have, in bytes.
inline constexpr std::size_t max_extension_bytes = std::size_t{4} * 1024;
inline constexpr std::size_t max_trailer_bytes = std::size_t{8} * 1024;

// Incremental decoder of a chunked body (RFC 9112 §7.1). Chunk extensions are checked and dropped, trailers
// are checked and dropped; blanks around a size or an extension are refused, for parsers differ on them.
// feed() consumes from the front of `in` and hands out at most one run of body bytes at a time.
class chunk_decoder {
public:
    struct step {
        std::size_t consumed = 0; // bytes of `in` that are done with
        std::string_view data;    // body bytes, a view into `in`
        bool finished = false;    // the last chunk and the trailers were read; what follows is not ours
    };

    // With finished == false and consumed == 0: more input is needed. Error bad_request: not a chunked body.
    [[nodiscard]] result<step> feed(std::string_view in);

private:
    enum class state : std::uint8_t {
        size_first,
        size,
        extension_name_first,
        extension_name,
        extension_value_first,
        extension_token,
        extension_quoted,
        extension_escape,
        extension_end,
        size_lf,
        data,
        data_cr,
        data_lf,
        trailer_start,
        trailer_name,
        trailer_value,
        trailer_lf,
        end_lf,
        finished,
    };
    // Moves on by one byte of what is not data; false: it may not stand here.
    [[nodiscard]] bool take(char c) noexcept;
    [[nodiscard]] bool take_size(char c) noexcept;
    [[nodiscard]] bool take_extension(char c) noexcept;
    [[nodiscard]] bool take_trailer(char c) noexcept;
    [[nodiscard]] bool extension_may_end(char c) noexcept;
    [[nodiscard]] bool go(bool allowed, state next) noexcept;

    state state_ = state::size_first;
    std::uint8_t digits_ = 0;    // hex digits of the current size
    std::uint64_t left_ = 0;     // bytes of the current chunk that are still to come
    std::size_t extensions_ = 0; // bytes of chunk extensions so far, in the whole body
    std::size_t trailers_ = 0;   // bytes of trailers so far
};

// May this name or value be written into a head? (RFC 9110 §5.1, §5.5: token; no CTL but HTAB.)
[[nodiscard]] bool is_token(std::string_view name) noexcept;
[[nodiscard]] bool is_field_value(std::string_view value) noexcept;

// Appends "name: value\r\n". The one function through which every outgoing field with a run-time value
// passes; returns false and appends nothing when the field could not be written safely.
[[nodiscard]] bool append_field(std::string& head, std::string_view name, std::string_view value);

// "%41" -> "A". nullopt when an escape is broken or decodes to NUL. '+' stays.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

// One non-negative decimal integer, digits only, no overflow.
[[nodiscard]] std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept;

} // namespace sluice::http
