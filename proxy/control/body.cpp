#include "proxy/control/body.hpp"

#include "core/http/framing.hpp"
#include "core/json/reader.hpp"
#include "core/json/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace sluice::control {

namespace {

// Doubles above this do not hold every integer.
constexpr double exact_integers = 9007199254740992.0;

std::optional<std::int64_t> to_integer(const boost::json::value& value) {
    if (value.is_int64()) return value.get_int64();
    if (value.is_double()) {
        const double number = value.get_double();
        if (std::trunc(number) != number || std::abs(number) > exact_integers) return std::nullopt;
        return static_cast<std::int64_t>(number);
    }
    if (!value.is_string()) return std::nullopt;
    const std::string_view text = view(value.get_string());
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<bool> to_flag(const boost::json::value& value) {
    if (value.is_bool()) return value.get_bool();
    if (!value.is_string()) return std::nullopt;
    const std::string_view text = view(value.get_string());
    if (text == "true") return true;
    if (text == "false") return false;
    return std::nullopt;
}

result<std::string> decode_parameter(std::string_view text) {
    std::string blanks(text);
    std::replace(blanks.begin(), blanks.end(), '+', ' ');
    std::optional<std::string> decoded = http::percent_decode(blanks);
    if (!decoded) return fail(errc::bad_request, "The query string has a broken percent escape.");
    return std::move(*decoded);
}

} // namespace

void findings::refuse(errc code, std::string message) {
    if (!refused_) refused_ = error{code, std::move(message)};
}

void findings::lacking(std::string message) {
    if (!lacking_) lacking_ = error{errc::not_implemented, std::move(message)};
}

result<void> findings::verdict() const {
    if (refused_) return fail(*refused_);
    if (lacking_) return fail(*lacking_);
    return {};
}

const boost::json::value* members::find(std::string_view key) const {
    const boost::json::value* found = object_->if_contains(boost::json::string_view(key.data(), key.size()));
    return found && !found->is_null() ? found : nullptr;
}

std::optional<std::string> members::text(std::string_view key) const {
    const boost::json::value* value = find(key);
    if (!value) return std::nullopt;
    if (!value->is_string()) {
        wrong_type(key, "a string");
        return std::nullopt;
    }
    return std::string(view(value->get_string()));
}

std::optional<std::int64_t> members::integer(std::string_view key) const {
    const boost::json::value* value = find(key);
    if (!value) return std::nullopt;
    std::optional<std::int64_t> number = to_integer(*value);
    if (!number) wrong_type(key, "an integer");
    return number;
}

std::optional<bool> members::flag(std::string_view key) const {
    const boost::json::value* value = find(key);
    if (!value) return std::nullopt;
    std::optional<bool> flag = to_flag(*value);
    if (!flag) wrong_type(key, "true or false");
    return flag;
}

std::optional<members> members::child(std::string_view key) const {
    const boost::json::value* value = find(key);
    if (!value) return std::nullopt;
    if (!value->is_object()) {
        wrong_type(key, "an object");
        return std::nullopt;
    }
    return members(value->get_object(), where(key), *found_);
}

const boost::json::array* members::list(std::string_view key) const {
    const boost::json::value* value = find(key);
    if (!value) return nullptr;
    if (!value->is_array()) {
        wrong_type(key, "a list");
        return nullptr;
    }
    return &value->get_array();
}

std::vector<members> members::items(std::string_view key) const {
    std::vector<members> out;
    const boost::json::array* elements = list(key);
    if (!elements) return out;
    out.reserve(elements->size());
    for (std::size_t i = 0; i < elements->size(); ++i) {
        const std::string place = where(key) + '[' + std::to_string(i) + ']';
        const boost::json::value& element = (*elements)[i];
        if (element.is_object()) {
            out.emplace_back(element.get_object(), place, *found_);
        } else {
            found_->refuse("'" + place + "' must be an object.");
        }
    }
    return out;
}

std::vector<std::string> members::texts(std::string_view key) const {
    std::vector<std::string> out;
    const boost::json::array* elements = list(key);
    if (!elements) return out;
    for (const boost::json::value& element : *elements) {
        if (element.is_string()) {
            out.emplace_back(view(element.get_string()));
        } else {
            wrong_type(key, "a list of strings");
        }
    }
    return out;
}

std::string members::required_text(std::string_view key) const {
    std::optional<std::string> value = text(key);
    if (!has(key)) found_->refuse("Missing required field '" + where(key) + "'.");
    return std::move(value).value_or("");
}

std::int64_t members::required_integer(std::string_view key) const {
    const std::optional<std::int64_t> value = integer(key);
    if (!has(key)) found_->refuse("Missing required field '" + where(key) + "'.");
    return value.value_or(0);
}

std::string members::where(std::string_view key) const {
    std::string out = place_;
    if (!out.empty()) out += '.';
    out += key;
    return out;
}

void members::wrong_type(std::string_view key, std::string_view wanted) const {
    found_->refuse("'" + where(key) + "' must be " + std::string(wanted) + '.');
}

result<boost::json::object> parse_body(std::string_view body) {
    if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return boost::json::object{};
    result<boost::json::value> tree = json::parse_tree(body);
    if (!tree) return fail(errc::bad_request, tree.error().message);
    if (!tree->is_object()) return fail(errc::bad_request, "The request body must be a JSON object.");
    return std::move(tree->get_object());
}

result<boost::json::object> parse_query(std::string_view query) {
    boost::json::object out;
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        result<std::string> name = decode_parameter(pair.substr(0, equals));
        if (!name) return fail(name.error());
        result<std::string> value =
            decode_parameter(equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1));
        if (!value) return fail(value.error());
        if (!out.emplace(*name, boost::json::string(value->data(), value->size())).second) {
            return fail(errc::bad_request, "A parameter of the query string is repeated.");
        }
    }
    return out;
}

std::size_t count_characters(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

} // namespace sluice::control
