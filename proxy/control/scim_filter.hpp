// Filters of SCIM lists (RFC 7644 §3.4.2.2): parsed once, then asked about each resource. A resource is the
// JSON object that the API shows. Pure.
#pragma once

#include "core/base/error.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::control {

class scim_filter {
public:
    static constexpr std::size_t max_bytes = 4096;
    static constexpr int max_depth = 16; // of parentheses and of `not`
    static constexpr int max_tests = 32; // comparisons

    // Operators eq, ne, co, sw, ew, pr, gt, ge, lt, le, and, or, not, parentheses and value paths such as
    // `emails[type eq "work"]`. Names and texts are compared without regard to (ASCII) case. Error
    // invalid_parameter_value says where the filter is wrong.
    [[nodiscard]] static result<scim_filter> parse(std::string_view text);

    [[nodiscard]] bool matches(const boost::json::object& resource) const;

    // The text that an attribute must be equal to, when the whole filter is such a comparison: what an index
    // can answer.
    [[nodiscard]] std::optional<std::string> equal_text(std::string_view attribute) const;

private:
    friend class filter_parser;
    enum class op : std::uint8_t {
        equal,
        not_equal,
        contains,
        starts,
        ends,
        present,
        gt,
        ge,
        lt,
        le,
        all,
        any,
        no,
        some
    };

    struct node {
        op what = op::present;
        std::vector<std::string> path; // "emails.value"; the attribute of a value path
        boost::json::value wanted;
        std::vector<node> parts; // of all, any, no; the inner filter of some
    };

    [[nodiscard]] static bool holds(const node& test, const boost::json::object& resource);
    [[nodiscard]] static bool compares(const node& test, const boost::json::value& found);

    node root_;
};

// The member whose name is equal without regard to case, or null.
[[nodiscard]] const boost::json::value* find_attribute(const boost::json::object& resource,
                                                       std::string_view name);

} // namespace sluice::control
