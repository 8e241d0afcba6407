#include "providers/redact.hpp"

#include "core/base/base64.hpp"
#include "core/base/hex.hpp"

#include <absl/container/flat_hash_set.h>
#include <boost/algorithm/string/case_conv.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <locale>
#include <utility>
#include <vector>

namespace sluice::providers {

namespace {

constexpr std::size_t run = 8;         // so many characters of a key in a row are too many
constexpr std::size_t least_key = 4;   // shorter "keys" would take ordinary text apart
constexpr std::size_t least_shown = 4; // of a masked key
// A longer one is base64 already: a private key, a token. Its forms would cost more than an error is worth.
constexpr std::size_t longest_encoded = 1024;
constexpr int most_layers = 4; // escapes within escapes
constexpr std::string_view replacement = "[redacted]";

// The text as it reads after some layers of escapes are resolved, with the place in the original where each
// character stands.
struct reading {
    std::string text;
    std::vector<std::uint32_t> begin;
    std::vector<std::uint32_t> end;

    void add(char c, std::uint32_t from, std::uint32_t to) {
        text += c;
        begin.push_back(from);
        end.push_back(to);
    }
};

bool hex_at(std::string_view text, std::size_t at, std::size_t digits, unsigned& value) {
    if (at + digits > text.size()) return false;
    const char* const end = text.data() + at + digits;
    const auto read = std::from_chars(text.data() + at, end, value, 16);
    return read.ec == std::errc() && read.ptr == end;
}

// Resolves JSON's and URLs' escapes once. Characters beyond ASCII cannot be part of a key.
reading unescape(const reading& from, bool& changed) {
    reading out;
    const std::string_view text = from.text;
    std::size_t at = 0;
    while (at < text.size()) {
        unsigned value = 0;
        std::size_t size = 1;
        char c = text[at];
        if (c == '\\' && at + 1 < text.size()) {
            if (text[at + 1] == 'u' && hex_at(text, at + 2, 4, value)) {
                size = 6;
                c = value < 0x80 ? static_cast<char>(value) : '\x01';
            } else {
                size = 2;
                c = text[at + 1];
            }
        } else if (c == '%' && hex_at(text, at + 1, 2, value)) {
            size = 3;
            c = static_cast<char>(value);
        }
        changed = changed || size > 1;
        out.add(c, from.begin[at], from.end[at + size - 1]);
        at += size;
    }
    return out;
}

// The forms in which a key may stand in a text, but for escapes.
std::vector<std::string> forms_of(std::string_view key) {
    std::vector<std::string> forms = {std::string(key)};
    if (key.size() > longest_encoded) return forms;
    const std::string digits = hex_encode(key);
    for (const std::string_view text : {key, std::string_view(digits)}) {
        forms.push_back(boost::algorithm::to_lower_copy(std::string(text), std::locale::classic()));
        forms.push_back(boost::algorithm::to_upper_copy(std::string(text), std::locale::classic()));
    }
    // In base64 of something longer the key starts at any of three places in a group of three bytes;
    // characters that its neighbours have a part in are left out.
    constexpr std::size_t shared_front[] = {0, 2, 3};
    for (std::size_t shift = 0; shift < 3; ++shift) {
        std::string encoded = base64_encode(std::string(shift, 'x').append(key));
        const std::size_t whole = (shift + key.size()) * 8 / 6;
        encoded.resize(whole);
        encoded.erase(0, shared_front[shift]);
        forms.push_back(encoded);
        std::replace(encoded.begin(), encoded.end(), '+', '-');
        std::replace(encoded.begin(), encoded.end(), '/', '_');
        forms.push_back(std::move(encoded));
    }
    return forms;
}

std::uint64_t run_at(const char* at) noexcept {
    std::uint64_t bytes = 0;
    static_assert(sizeof bytes == run);
    std::memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

using run_set = absl::flat_hash_set<std::uint64_t>;

run_set runs_of(std::span<const secret_string> keys) {
    run_set runs;
    for (const secret_string& key : keys) {
        if (key.reveal().size() < least_key) continue;
        for (const std::string& form : forms_of(key.reveal())) {
            for (std::size_t i = 0; i + run <= form.size(); ++i)
                runs.insert(run_at(form.data() + i));
        }
    }
    return runs;
}

constexpr bool is_key_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// The length of "[hidden]", "<redacted>" and the like at the start of the text.
std::size_t placeholder_at(std::string_view text) noexcept {
    constexpr std::size_t longest = 16;
    if (text.empty() || (text.front() != '[' && text.front() != '<')) return 0;
    const std::size_t end = text.substr(0, longest).find(text.front() == '[' ? ']' : '>');
    return end == std::string_view::npos ? 0 : end + 1;
}

// Length of the mask at the start of the text: asterisks, bullets, number signs, an ellipsis, three or more
// dots or "x", or a word in brackets.
std::size_t mask_at(std::string_view text) noexcept {
    for (const char mark : {'.', 'x', 'X'}) {
        const std::size_t size = std::min(text.find_first_not_of(mark), text.size());
        if (size > 0) return size >= 3 ? size : 0;
    }
    std::size_t size = placeholder_at(text);
    for (bool more = size == 0; more;) {
        more = false;
        for (const std::string_view mark : {"*", "#", "\xE2\x80\xA2", "\xE2\x80\xA6"}) {
            if (!text.substr(size).starts_with(mark)) continue;
            size += mark.size();
            more = true;
        }
    }
    return size;
}

class redactor {
public:
    explicit redactor(std::string_view text)
        : text_(text)
        , hidden_(text.size(), false) {}

    void hide(std::span<const secret_string> keys);
    [[nodiscard]] std::string result() const;

private:
    void hide_runs(const reading& in, const run_set& runs);
    void hide_whole(const reading& in, std::string_view key);
    void hide_masked(const reading& in, std::string_view key);
    void mark(const reading& in, std::size_t begin, std::size_t end);

    std::string_view text_;
    std::vector<bool> hidden_; // of text_
};

void redactor::mark(const reading& in, std::size_t begin, std::size_t end) {
    std::fill(hidden_.begin() + in.begin[begin], hidden_.begin() + in.end[end - 1], true);
}

void redactor::hide(std::span<const secret_string> keys) {
    const run_set runs = runs_of(keys);
    reading layer;
    for (std::size_t i = 0; i < text_.size(); ++i) {
        layer.add(text_[i], static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(i + 1));
    }
    bool changed = true;
    for (int depth = 0; changed && depth < most_layers; ++depth) {
        hide_runs(layer, runs);
        for (const secret_string& each : keys) {
            const std::string_view key = each.reveal();
            if (key.size() < least_key) continue;
            if (key.size() < run) hide_whole(layer, key);
            hide_masked(layer, key);
        }
        changed = false;
        layer = unescape(layer, changed);
    }
}

void redactor::hide_runs(const reading& in, const run_set& runs) {
    for (std::size_t i = 0; i + run <= in.text.size(); ++i) {
        if (runs.contains(run_at(in.text.data() + i))) mark(in, i, i + run);
    }
}

void redactor::hide_whole(const reading& in, std::string_view key) {
    for (std::size_t at = in.text.find(key); at != std::string::npos; at = in.text.find(key, at + 1))
        mark(in, at, at + key.size());
}

// The start of the key before a mask, or its end behind one. Of a longer part hide_runs has taken care.
void redactor::hide_masked(const reading& in, std::string_view key) {
    const std::string_view text = in.text;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = mask_at(text.substr(at));
        std::size_t begin = at;
        std::size_t end = at + size;
        at += std::max<std::size_t>(size, 1);
        if (size == 0) continue;
        std::size_t most = std::min({begin, key.size(), run});
        while (most >= least_shown && text.substr(begin - most, most) != key.substr(0, most))
            --most;
        const bool shows_start = most >= least_shown;
        most = std::min({text.size() - end, key.size(), run});
        while (most >= least_shown && text.substr(end, most) != key.substr(key.size() - most))
            --most;
        if (!shows_start && most < least_shown) continue;
        while (begin > 0 && is_key_character(text[begin - 1]))
            --begin;
        while (end < text.size() && is_key_character(text[end]))
            ++end;
        mark(in, begin, end);
    }
}

std::string redactor::result() const {
    std::string out;
    std::size_t at = 0;
    while (at < text_.size()) {
        std::size_t end = at;
        while (end < text_.size() && hidden_[end] == hidden_[at])
            ++end;
        out.append(hidden_[at] ? replacement : text_.substr(at, end - at));
        at = end;
    }
    return out;
}

} // namespace

std::string redact(std::string_view text, std::span<const secret_string> keys) {
    redactor work(text);
    work.hide(keys);
    return work.result();
}

} // namespace sluice::providers
