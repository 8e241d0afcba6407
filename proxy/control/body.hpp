// Reading the body of a management call leniently, as the API allows: null is absent, "5" is 5, "true" is
// true, unknown members are ignored. Errors never quote a value: it may be a secret. Control thread, no
// state.
#pragma once

#include "core/base/error.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::control {

// What is wrong with a body. The first refusal counts. A feature that this version lacks counts only when
// nothing else is wrong, so that a client learns of its mistakes before it learns of our gaps.
class findings {
public:
    // Error invalid_parameter_value.
    void refuse(std::string message) { refuse(errc::invalid_parameter_value, std::move(message)); }
    void refuse(errc code, std::string message);
    // Error not_implemented.
    void lacking(std::string message);

    [[nodiscard]] bool ok() const noexcept { return !refused_; }
    [[nodiscard]] result<void> verdict() const;

private:
    std::optional<error> refused_;
    std::optional<error> lacking_;
};

// One object of a body with its place in it ("config.served_entities[0]"). Borrows the object and the
// findings.
class members {
public:
    members(const boost::json::object& object, std::string place, findings& found)
        : object_(&object)
        , place_(std::move(place))
        , found_(&found) {}

    // Null when absent or JSON null.
    [[nodiscard]] const boost::json::value* find(std::string_view key) const;
    [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }

    // nullopt: absent, or of the wrong type, which is then refused.
    [[nodiscard]] std::optional<std::string> text(std::string_view key) const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key) const;
    [[nodiscard]] std::optional<bool> flag(std::string_view key) const;
    [[nodiscard]] std::optional<members> child(std::string_view key) const;
    // The elements of a list, which must be objects. Absent: empty.
    [[nodiscard]] std::vector<members> items(std::string_view key) const;
    // The elements of a list, which must be texts. Absent: empty.
    [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;

    // As text() and integer(), but absence is refused too and a default is returned then.
    [[nodiscard]] std::string required_text(std::string_view key) const;
    [[nodiscard]] std::int64_t required_integer(std::string_view key) const;

    // "config.served_entities[0].name", for messages.
    [[nodiscard]] std::string where(std::string_view key) const;
    [[nodiscard]] const std::string& place() const noexcept { return place_; }
    [[nodiscard]] const boost::json::object& object() const noexcept { return *object_; }
    [[nodiscard]] findings& found() const noexcept { return *found_; }

private:
    void wrong_type(std::string_view key, std::string_view wanted) const;
    [[nodiscard]] const boost::json::array* list(std::string_view key) const;

    const boost::json::object* object_;
    std::string place_;
    findings* found_;
};

// The body of a call; an empty one is {}. Error bad_request: not JSON, a repeated key, not an object.
[[nodiscard]] result<boost::json::object> parse_body(std::string_view body);

// The decoded parameters of a query string, as an object of texts. Error bad_request: a broken escape or a
// repeated parameter.
[[nodiscard]] result<boost::json::object> parse_query(std::string_view query);

// Characters of a UTF-8 text.
[[nodiscard]] std::size_t count_characters(std::string_view text) noexcept;

} // namespace sluice::control
