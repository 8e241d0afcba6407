#include "core/json/reader.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <simdjson.h>

#include <memory>
#include <string>

namespace sluice::json {

namespace {

// Texts beyond this size get a parser of their own, so that one of them does not make every thread keep its
// memory.
constexpr std::size_t max_kept_bytes = std::size_t{1} * 1024 * 1024;

std::string_view reason_of(simdjson::error_code code) noexcept {
    switch (code) {
    case simdjson::EMPTY: return "it is empty";
    case simdjson::DEPTH_ERROR: return "it is nested too deeply";
    case simdjson::UTF8_ERROR: return "it is not UTF-8";
    case simdjson::STRING_ERROR: return "a string holds a broken escape or half of a surrogate pair";
    case simdjson::UNESCAPED_CHARS: return "a string holds a control character that is not escaped";
    case simdjson::UNCLOSED_STRING: return "a string does not end";
    case simdjson::NUMBER_ERROR: return "a number is malformed or out of range";
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC: return "it is too large";
    default: return "it is malformed";
    }
}

tl::unexpected<error> refuse(std::string_view reason) {
    return fail(errc::bad_request, "The text is not valid JSON: " + std::string(reason) + ".");
}

boost::json::value scalar(const simdjson::dom::element& from) {
    switch (from.type()) {
    case simdjson::dom::element_type::STRING: return boost::json::value(from.get_string().value_unsafe());
    case simdjson::dom::element_type::INT64: return from.get_int64().value_unsafe();
    case simdjson::dom::element_type::UINT64: return from.get_uint64().value_unsafe();
    case simdjson::dom::element_type::DOUBLE: return from.get_double().value_unsafe();
    case simdjson::dom::element_type::BOOL: return from.get_bool().value_unsafe();
    default: return nullptr;
    }
}

// `depth` counts the objects and arrays around `from`.
result<boost::json::value> convert(const simdjson::dom::element& from, int depth) {
    if (from.is_array()) {
        if (depth == max_depth) return refuse(reason_of(simdjson::DEPTH_ERROR));
        boost::json::array list;
        const simdjson::dom::array items = from.get_array().value_unsafe();
        for (const simdjson::dom::element item : items) {
            auto value = convert(item, depth + 1);
            if (!value) return value;
            list.push_back(std::move(*value));
        }
        return boost::json::value(std::move(list));
    }
    if (from.is_object()) {
        if (depth == max_depth) return refuse(reason_of(simdjson::DEPTH_ERROR));
        boost::json::object members;
        const simdjson::dom::object pairs = from.get_object().value_unsafe();
        for (const auto member : pairs) {
            auto value = convert(member.value, depth + 1);
            if (!value) return value;
            const bool added = members.emplace(member.key, std::move(*value)).second;
            if (!added) return refuse("the key '" + std::string(member.key) + "' is repeated");
        }
        return boost::json::value(std::move(members));
    }
    return scalar(from);
}

result<boost::json::value> parse_with(simdjson::dom::parser& parser, std::string_view text) {
    simdjson::dom::element root;
    // Copies the text behind which there may be no padding.
    const simdjson::error_code failed = parser.parse(text.data(), text.size(), true).get(root);
    if (failed != simdjson::SUCCESS) return refuse(reason_of(failed));
    return convert(root, 0);
}

} // namespace

result<boost::json::value> parse_tree(std::string_view text) {
    if (text.size() > max_kept_bytes) {
        const auto once = std::make_unique<simdjson::dom::parser>();
        return parse_with(*once, text);
    }
    thread_local simdjson::dom::parser parser;
    return parse_with(parser, text);
}

} // namespace sluice::json
