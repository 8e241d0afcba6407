// is_json: a checker of RFC 8259 that reads every byte once, builds nothing and knows no limit of number
// sizes. simdjson's On-Demand does not look at what it skips, and its DOM refuses legal numbers beyond 64
// bits.
#include "core/json/reader.hpp"

#include <simdjson.h>

#include <bitset>
#include <cstdint>
#include <cstring>

namespace sluice::json {

namespace {

constexpr std::size_t max_nesting = 1024;

class checker {
public:
    explicit checker(std::string_view text)
        : at_(text.data())
        , end_(text.data() + text.size()) {}

    [[nodiscard]] bool run() noexcept {
        skip_blanks();
        for (;;) {
            if (!value()) return false;
            // Behind a value: ends of the objects and arrays around it, then a comma, or the end of the text.
            for (;;) {
                skip_blanks();
                if (nesting_ == 0) return at_ == end_;
                const bool in_object = is_object_[nesting_ - 1];
                if (eat(in_object ? '}' : ']')) {
                    --nesting_;
                    continue;
                }
                if (!eat(',')) return false;
                skip_blanks();
                if (in_object && !key()) return false;
                break;
            }
        }
    }

private:
    [[nodiscard]] bool eat(char c) noexcept {
        if (at_ == end_ || *at_ != c) return false;
        ++at_;
        return true;
    }

    void skip_blanks() noexcept {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t'))
            ++at_;
    }

    // A scalar, or an object or array up to its first value; empty ones are taken whole.
    [[nodiscard]] bool value() noexcept {
        for (;;) {
            if (at_ == end_) return false;
            switch (*at_) {
            case '"': return string();
            case 't': return literal("true");
            case 'f': return literal("false");
            case 'n': return literal("null");
            case '{':
            case '[': break;
            default: return number();
            }
            const bool object = *at_ == '{';
            if (nesting_ == max_nesting) return false;
            ++at_;
            skip_blanks();
            if (eat(object ? '}' : ']')) return true;
            is_object_[nesting_++] = object;
            if (object && !key()) return false;
        }
    }

    [[nodiscard]] bool key() noexcept {
        if (at_ == end_ || *at_ != '"' || !string()) return false;
        skip_blanks();
        if (!eat(':')) return false;
        skip_blanks();
        return true;
    }

    [[nodiscard]] bool literal(std::string_view word) noexcept {
        if (static_cast<std::size_t>(end_ - at_) < word.size()) return false;
        if (std::memcmp(at_, word.data(), word.size()) != 0) return false;
        at_ += word.size();
        return true;
    }

    [[nodiscard]] bool digits() noexcept {
        const char* first = at_;
        while (at_ != end_ && *at_ >= '0' && *at_ <= '9')
            ++at_;
        return at_ != first;
    }

    [[nodiscard]] bool number() noexcept {
        static_cast<void>(eat('-'));
        if (!eat('0') && !digits()) return false;
        if (eat('.') && !digits()) return false;
        if (eat('e') || eat('E')) {
            if (!eat('+')) static_cast<void>(eat('-'));
            return digits();
        }
        return true;
    }

    // Moves to the next byte that means something in a string, eight at a time.
    void skip_plain() noexcept {
        constexpr std::uint64_t ones = 0x0101010101010101U;
        constexpr std::uint64_t tops = ones * 0x80U;
        const auto zero_byte = [](std::uint64_t word) { return (word - ones) & ~word; };
        while (end_ - at_ >= 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, at_, sizeof word);
            const std::uint64_t below_blank = (word - ones * 0x20U) & ~word;
            const std::uint64_t special =
                below_blank | zero_byte(word ^ (ones * '"')) | zero_byte(word ^ (ones * '\\'));
            if ((special & tops) != 0) break;
            at_ += 8;
        }
        while (at_ != end_ && *at_ != '"' && *at_ != '\\' && static_cast<unsigned char>(*at_) >= 0x20)
            ++at_;
    }

    [[nodiscard]] bool string() noexcept {
        ++at_;
        for (;;) {
            skip_plain();
            if (eat('"')) return true;
            if (!eat('\\') || !escape()) return false;
        }
    }

    [[nodiscard]] bool escape() noexcept {
        if (at_ == end_) return false;
        const char c = *at_++;
        if (c != 'u') return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
        for (int i = 0; i < 4; ++i, ++at_) {
            if (at_ == end_) return false;
            const char h = *at_;
            if (!((h >= '0' && h <= '9') || (h >= 'a' && h <= 'f') || (h >= 'A' && h <= 'F'))) return false;
        }
        return true;
    }

    const char* at_;
    const char* end_;
    std::size_t nesting_ = 0;
    std::bitset<max_nesting> is_object_;
};

} // namespace

bool is_json(std::string_view text) {
    return simdjson::validate_utf8(text.data(), text.size()) && checker(text).run();
}

} // namespace sluice::json
