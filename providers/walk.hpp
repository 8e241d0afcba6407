// Checked reading of one JSON object with simdjson On-Demand where it lies. On-Demand does not check what it
// skips (`007`, `tru`, `[1,]` and `\x41` go through unread), so this walks every token: a text that was
// walked to its end is JSON.
#pragma once

#include "core/json/reader.hpp"

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::providers::walk {

using simdjson::ondemand::array;
using simdjson::ondemand::field;
using simdjson::ondemand::object;
using simdjson::ondemand::value;

enum class kind : std::uint8_t { invalid, object, array, string, number, boolean, null };

enum class fault : std::uint8_t { none, not_json, not_object, too_deep };

// A value of which the outside has been read. `raw` is the text of a checked scalar, quotes included, or a
// container's bracket.
struct item {
    kind type = kind::invalid;
    std::string_view raw;

    [[nodiscard]] bool is_container() const noexcept { return type == kind::object || type == kind::array; }
};

// A key or string between its quotes, as it stands.
struct quoted {
    std::string_view raw;
    bool escaped = false; // has backslashes, all of them well formed
};

// One text while it is walked. Lives on the stack of one synchronous function, one at a time on each thread:
// the thread's parser is behind it. json::padding bytes behind the text must be readable.
// What a provider answers may be deeper than what a client may send; the walk recurses, so there is a bound.
inline constexpr int deepest_answer = 512;

class text {
public:
    explicit text(std::string_view json, int deepest = json::max_depth);
    text(const text&) = delete;
    text& operator=(const text&) = delete;
    ~text();

    // The outermost object, or nullopt (see why()). Iterate over it with `for (auto next : *root)`.
    [[nodiscard]] std::optional<object> root();

    // The key of a field, checked; nullopt when it is not JSON.
    [[nodiscard]] std::optional<quoted> key(field& of);

    // Looks at a value; scalars are checked whole. invalid: not JSON.
    [[nodiscard]] item look(value& v);

    // Walks what is inside of a container. `depth` is the number of containers open around it; the root's
    // members have 1.
    [[nodiscard]] bool pass(value& v, const item& seen, int depth);

    // look and pass in one.
    [[nodiscard]] bool check(value& v, int depth);

    // Opens a container that look() has found; nullopt when it lies too deep.
    [[nodiscard]] std::optional<object> open_object(value& v, int depth);
    [[nodiscard]] std::optional<array> open_array(value& v, int depth);

    // f(key, value, what look() has found) → bool for each member of the object, f(value, found) for each
    // element of the list. f walks the value to its end. False: not JSON, too deep, or f has said so.
    template <class F>
    [[nodiscard]] bool each_member(object& all, F&& f) {
        for (auto next : all) {
            field of;
            if (std::move(next).get(of)) return false;
            const std::optional<quoted> name = key(of);
            if (!name) return false;
            const item seen = look(of.value());
            if (!f(name->raw, of.value(), seen)) return false;
        }
        return true;
    }
    template <class F>
    [[nodiscard]] bool each_member(value& v, int depth, F&& f) {
        std::optional<object> all = open_object(v, depth);
        return all && each_member(*all, f);
    }
    template <class F>
    [[nodiscard]] bool each_element(value& v, int depth, F&& f) {
        std::optional<array> all = open_array(v, depth);
        if (!all) return false;
        for (auto next : *all) {
            value element;
            if (std::move(next).get(element)) return false;
            const item seen = look(element);
            if (!f(element, seen)) return false;
        }
        return true;
    }

    // Offset behind the last character of a value that has been walked to its end just now.
    [[nodiscard]] std::optional<std::size_t> end_of(const item& seen);
    // Where a part of the text, such as a raw key or value, starts in it.
    [[nodiscard]] std::size_t offset(std::string_view part) const {
        return static_cast<std::size_t>(part.data() - json_.data());
    }

    // After the last member of the root: nothing but blanks follows.
    [[nodiscard]] bool complete();

    // Notes the fault and returns false.
    bool failed(fault what) noexcept;
    [[nodiscard]] fault why() const noexcept { return fault_; }

private:
    std::string_view json_;
    int deepest_;
    // Anywhere in the text. Most events have none, and looking for them once saves 11 of 360 ns per event.
    bool has_escapes_ = false;
    simdjson::ondemand::document document_;
    fault fault_ = fault::none;
};

// The string between two quotes, its escapes resolved. `raw` was checked; half a surrogate pair becomes
// U+FFFD.
void append_unescaped(std::string& out, std::string_view raw);
[[nodiscard]] std::string_view without_quotes(std::string_view raw) noexcept;

// A JSON text without blanks between its tokens; as it is when it is no JSON.
[[nodiscard]] std::string minified(std::string_view json);

// The value of a number token. nullopt: not a number, or out of range; for an integer also one written with a
// point or exponent.
[[nodiscard]] std::optional<double> to_number(const item& seen) noexcept;
[[nodiscard]] std::optional<std::int64_t> to_integer(const item& seen) noexcept;

// A count of an answer: as to_integer, but `12.0` and `1.2e1` are good too.
[[nodiscard]] std::optional<std::int64_t> to_count(const item& seen) noexcept;

} // namespace sluice::providers::walk
