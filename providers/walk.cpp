#include "providers/walk.hpp"

#include "core/json/reader.hpp"
#include "providers/tokens.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <charconv>
#include <cmath>

namespace sluice::providers::walk {

static_assert(json::padding >= simdjson::SIMDJSON_PADDING);

namespace {

constexpr std::size_t least_capacity = std::size_t{64} * 1024;
// A parser takes 6 bytes for each byte of capacity: a larger one is given back after use.
constexpr std::size_t most_kept = std::size_t{1024} * 1024;

struct shared_parser {
    simdjson::ondemand::parser parser;
    bool taken = false;
};

// The one parser of this library. Thread-local, because it is the only state that every request and every
// event of a stream needs and none keeps: as an argument it would run through provider and decoder interfaces
// that say nothing of JSON.
shared_parser& of_this_thread() {
    thread_local shared_parser shared;
    return shared;
}

constexpr bool is_blank(char c) noexcept {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD

void append_utf8(std::string& out, unsigned point) {
    const auto put = [&out](unsigned byte) { out += static_cast<char>(byte); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xC0U | (point >> 6U));
        put(0x80U | (point & 0x3FU));
    } else if (point < 0x10000) {
        put(0xE0U | (point >> 12U));
        put(0x80U | ((point >> 6U) & 0x3FU));
        put(0x80U | (point & 0x3FU));
    } else {
        put(0xF0U | (point >> 18U));
        put(0x80U | ((point >> 12U) & 0x3FU));
        put(0x80U | ((point >> 6U) & 0x3FU));
        put(0x80U | (point & 0x3FU));
    }
}

unsigned hex4(std::string_view digits) noexcept {
    unsigned point = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), point, 16);
    return point;
}

// `at` stands on the backslash of a \u escape; returns the offset behind what was used.
std::size_t append_unicode(std::string& out, std::string_view raw, std::size_t at) {
    const unsigned first = hex4(raw.substr(at + 2, 4));
    at += 6;
    if (first < 0xD800 || first > 0xDFFF) {
        append_utf8(out, first);
        return at;
    }
    if (first < 0xDC00 && raw.substr(at).starts_with("\\u")) {
        const unsigned second = hex4(raw.substr(at + 2, 4));
        if (second >= 0xDC00 && second <= 0xDFFF) {
            append_utf8(out, 0x10000 + ((first - 0xD800) << 10U) + (second - 0xDC00));
            return at + 6;
        }
    }
    out += replacement;
    return at;
}

} // namespace

text::text(std::string_view json, int deepest)
    : json_(json)
    , deepest_(deepest) {
    shared_parser& shared = of_this_thread();
    assert(!shared.taken && "one text at a time");
    shared.taken = true;
    has_escapes_ = json.find('\\') != std::string_view::npos;
    simdjson::ondemand::parser& parser = shared.parser;
    if (parser.capacity() < json.size() || parser.capacity() == 0) {
        const std::size_t wanted = std::bit_ceil(std::max(json.size(), least_capacity));
        if (parser.allocate(wanted) != simdjson::SUCCESS) {
            failed(fault::not_json);
            return;
        }
    }
    if (parser.iterate(json.data(), json.size(), json.size() + simdjson::SIMDJSON_PADDING).get(document_)) {
        failed(fault::not_json);
    }
}

text::~text() {
    shared_parser& shared = of_this_thread();
    shared.taken = false;
    if (shared.parser.capacity() > most_kept) shared.parser = simdjson::ondemand::parser();
}

bool text::failed(fault what) noexcept {
    if (fault_ == fault::none) fault_ = what;
    return false;
}

std::optional<object> text::root() {
    if (fault_ != fault::none) return std::nullopt;
    object members;
    const simdjson::error_code error = document_.get_object().get(members);
    if (error == simdjson::SUCCESS) return members;
    failed(error == simdjson::INCORRECT_TYPE ? fault::not_object : fault::not_json);
    return std::nullopt;
}

std::optional<quoted> text::key(field& of) {
    quoted found;
    const char* const start = of.key().raw();
    const char* const end = json_.data() + json_.size();
    const char* at = start;
    while (at < end && *at != '"') {
        if (*at == '\\') {
            found.escaped = true;
            ++at;
        }
        ++at;
    }
    if (at >= end) {
        failed(fault::not_json);
        return std::nullopt;
    }
    found.raw = std::string_view(start, static_cast<std::size_t>(at - start));
    if (found.escaped && !has_good_escapes(found.raw)) {
        failed(fault::not_json);
        return std::nullopt;
    }
    return found;
}

item text::look(value& v) {
    item seen;
    std::string_view raw = v.raw_json_token();
    const char* const end = json_.data() + json_.size();
    // The index of tokens ends in a sentinel behind the text; an unbalanced text may lead there.
    if (raw.empty() || raw.data() >= end || raw.size() > static_cast<std::size_t>(end - raw.data())) {
        failed(fault::not_json);
        return seen;
    }
    if (raw.front() == '{' || raw.front() == '[') {
        seen.type = raw.front() == '{' ? kind::object : kind::array;
        seen.raw = raw.substr(0, 1);
        return seen;
    }
    while (is_blank(raw.back()))
        raw.remove_suffix(1);
    seen.raw = raw;
    if (raw.front() == '"') {
        // Consumed at once: to skip a string, On-Demand would take `"a":"b"` for a key and go on behind it.
        simdjson::ondemand::raw_json_string consumed;
        const bool whole = !v.get_raw_json_string().get(consumed) && raw.size() >= 2 && raw.back() == '"';
        if (whole && (!has_escapes_ || has_good_escapes(raw.substr(1, raw.size() - 2))))
            seen.type = kind::string;
    } else if (raw == "true" || raw == "false") {
        seen.type = kind::boolean;
    } else if (raw == "null") {
        seen.type = kind::null;
    } else if (is_number(raw)) {
        seen.type = kind::number;
    }
    if (seen.type == kind::invalid) failed(fault::not_json);
    return seen;
}

std::optional<object> text::open_object(value& v, int depth) {
    object members;
    if (depth >= deepest_) {
        failed(fault::too_deep);
        return std::nullopt;
    }
    if (v.get_object().get(members)) {
        failed(fault::not_json);
        return std::nullopt;
    }
    return members;
}

std::optional<array> text::open_array(value& v, int depth) {
    array elements;
    if (depth >= deepest_) {
        failed(fault::too_deep);
        return std::nullopt;
    }
    if (v.get_array().get(elements)) {
        failed(fault::not_json);
        return std::nullopt;
    }
    return elements;
}

bool text::pass(value& v, const item& seen, int depth) {
    if (seen.type == kind::object) {
        auto members = open_object(v, depth);
        if (!members) return false;
        for (auto next : *members) {
            field member;
            if (std::move(next).get(member)) return failed(fault::not_json);
            if (!key(member) || !check(member.value(), depth + 1)) return false;
        }
        return true;
    }
    if (seen.type == kind::array) {
        auto elements = open_array(v, depth);
        if (!elements) return false;
        for (auto next : *elements) {
            value element;
            if (std::move(next).get(element)) return failed(fault::not_json);
            if (!check(element, depth + 1)) return false;
        }
        return true;
    }
    return seen.type != kind::invalid;
}

bool text::check(value& v, int depth) {
    const item seen = look(v);
    return pass(v, seen, depth);
}

std::optional<std::size_t> text::end_of(const item& seen) {
    if (!seen.is_container()) return offset(seen.raw) + seen.raw.size();
    const char* next = nullptr;
    if (document_.current_location().get(next)) {
        failed(fault::not_json);
        return std::nullopt;
    }
    auto end = static_cast<std::size_t>(next - json_.data());
    while (end > 0 && is_blank(json_[end - 1]))
        --end;
    return end;
}

bool text::complete() {
    // The one "error" that means that all tokens are used up.
    const char* next = nullptr;
    if (fault_ == fault::none && document_.current_location().get(next) == simdjson::OUT_OF_BOUNDS)
        return true;
    return failed(fault::not_json);
}

void append_unescaped(std::string& out, std::string_view raw) {
    std::size_t at = 0;
    while (at < raw.size()) {
        const std::size_t next = std::min(raw.find('\\', at), raw.size());
        out.append(raw.substr(at, next - at));
        at = next;
        if (at == raw.size()) return;
        switch (const char c = raw[at + 1]) {
        case 'u': at = append_unicode(out, raw, at); continue;
        case 'b': out += '\b'; break;
        case 'f': out += '\f'; break;
        case 'n': out += '\n'; break;
        case 'r': out += '\r'; break;
        case 't': out += '\t'; break;
        default: out += c; break;
        }
        at += 2;
    }
}

std::string_view without_quotes(std::string_view raw) noexcept {
    return raw.size() >= 2 ? raw.substr(1, raw.size() - 2) : std::string_view();
}

std::string minified(std::string_view json) {
    std::string out(json.size() + simdjson::SIMDJSON_PADDING, '\0');
    std::size_t size = 0;
    if (simdjson::minify(json.data(), json.size(), out.data(), size)) return std::string(json);
    out.resize(size);
    return out;
}

std::optional<double> to_number(const item& seen) noexcept {
    double number = 0;
    if (seen.type != kind::number) return std::nullopt;
    const auto read = std::from_chars(seen.raw.data(), seen.raw.data() + seen.raw.size(), number);
    return read.ec == std::errc() ? std::optional(number) : std::nullopt;
}

std::optional<std::int64_t> to_integer(const item& seen) noexcept {
    std::int64_t number = 0;
    if (seen.type != kind::number) return std::nullopt;
    const auto read = std::from_chars(seen.raw.data(), seen.raw.data() + seen.raw.size(), number);
    const bool whole = read.ec == std::errc() && read.ptr == seen.raw.data() + seen.raw.size();
    return whole ? std::optional(number) : std::nullopt;
}

std::optional<std::int64_t> to_count(const item& seen) noexcept {
    if (seen.type != kind::number) return std::nullopt;
    if (const auto whole = to_integer(seen)) return whole;
    const auto number = to_number(seen);
    if (!number) return std::nullopt;
    constexpr double most = 9007199254740992.0; // 2^53: beyond it a double does not count
    if (std::trunc(*number) != *number || std::abs(*number) > most) return std::nullopt;
    return static_cast<std::int64_t>(*number);
}

} // namespace sluice::providers::walk
