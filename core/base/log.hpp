// One structured line per event on standard error: time, level, event, key=value pairs. The text never holds
// a secret or a body. Lines are handed to a writer thread through a bounded queue that drops (and counts)
// rather than waits, so a shard never blocks on a slow terminal or disk. Any thread may log.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace sluice::log {

enum class level : std::uint8_t { debug, info, warn, error };

// A value of a pair: text is quoted when it has blanks, quotes or control characters.
class value {
public:
    value(std::string_view text)
        : text_(text) {} // implicit on purpose: call sites read as data
    value(const char* text)
        : text_(text) {}
    value(const std::string& text)
        : text_(text) {} // must live to the end of the call
    value(std::int64_t number)
        : number_(number)
        , is_number_(true) {}
    value(int number)
        : number_(number)
        , is_number_(true) {}

    [[nodiscard]] bool is_number() const noexcept { return is_number_; }
    [[nodiscard]] std::string_view text() const noexcept { return text_; }
    [[nodiscard]] std::int64_t number() const noexcept { return number_; }

private:
    std::string_view text_;
    std::int64_t number_ = 0;
    bool is_number_ = false;
};

struct pair {
    std::string_view key;
    value what;
};

// Called once in main; without it lines go nowhere (tests are quiet).
void start(level least);
// Writes what is queued and stops the writer.
void stop();

void write(level at, std::string_view event, std::initializer_list<pair> pairs = {});

inline void info(std::string_view event, std::initializer_list<pair> pairs = {}) {
    write(level::info, event, pairs);
}
inline void warn(std::string_view event, std::initializer_list<pair> pairs = {}) {
    write(level::warn, event, pairs);
}
// Someone must act.
inline void error(std::string_view event, std::initializer_list<pair> pairs = {}) {
    write(level::error, event, pairs);
}

} // namespace sluice::log
