// The words that the simulated provider says, how they are counted, and how text is written into JSON.
// Everything here depends on its arguments only, on any machine: the same request gives the same answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::sim {

// A fast, stable hash (not a cryptographic one).
[[nodiscard]] std::uint64_t hash_text(std::string_view text, std::uint64_t seed = 0) noexcept;

// `words` lower-case words with one blank between them. One word is one token.
[[nodiscard]] std::string pseudo_text(std::uint64_t seed, std::size_t words);

// Words cut off at exactly `bytes` bytes. No character of it needs an escape in JSON.
[[nodiscard]] std::string filler_text(std::uint64_t seed, std::size_t bytes);

// A token is the blanks before a word and at most eight bytes of the word, never a part of a character;
// blanks at the end of the text belong to the last token. So the tokens of a text, put together, are the
// text. Returns where the token ends that begins at `from` (from < text.size()).
[[nodiscard]] std::size_t token_end(std::string_view text, std::size_t from) noexcept;
[[nodiscard]] std::size_t count_tokens(std::string_view text) noexcept;
// The length of the first `tokens` tokens, or the whole length.
[[nodiscard]] std::size_t bytes_of_tokens(std::string_view text, std::size_t tokens) noexcept;

// Appends the text as the inside of a JSON string, without the quotes. `text` is UTF-8.
void append_escaped(std::string& out, std::string_view text);
// The same with quotes.
void append_quoted(std::string& out, std::string_view text);
void append_number(std::string& out, std::uint64_t number);
// 16 lower-case hexadecimal digits.
void append_hex(std::string& out, std::uint64_t number);
// Standard base64 with padding (RFC 4648 §4).
void append_base64(std::string& out, std::string_view bytes);

} // namespace sluice::sim
