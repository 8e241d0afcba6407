// The answer of a SCIM list (RFC 7644 §3.4.2): filter, order, page, and which attributes. Pure.
#pragma once

#include "core/base/error.hpp"
#include "proxy/control/scim_filter.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::control {

class scim_query {
public:
    static constexpr std::size_t max_count = 10'000; // of one page

    // filter, startIndex, count, sortBy, sortOrder, attributes, excludedAttributes. Error
    // invalid_parameter_value.
    [[nodiscard]] static result<scim_query> parse(const boost::json::object& query);

    // Whether the resource must be complete: an attribute that is costly to make may be left out otherwise.
    [[nodiscard]] bool wants(std::string_view attribute) const;

    // The text that the filter, as a whole, asks an attribute to be equal to.
    [[nodiscard]] std::optional<std::string> equal_text(std::string_view attribute) const;

    // {"schemas", "Resources", "totalResults", "startIndex", "itemsPerPage"} of the resources with these ids.
    // Without filter and order only those of the page are made. The SDKs ask on until a page has no
    // resources, so startIndex counts.
    using maker = std::function<boost::json::object(std::int64_t id)>;
    [[nodiscard]] boost::json::object answer(const std::vector<std::int64_t>& ids, const maker& make) const;
    // One resource with the attributes that were asked for.
    [[nodiscard]] boost::json::object shown(boost::json::object resource) const;

private:
    void order(std::vector<boost::json::object>& resources) const;

    std::optional<scim_filter> filter_;
    std::size_t start_ = 1; // from 1
    std::size_t count_ = max_count;
    std::string sort_by_; // lower case
    bool descending_ = false;
    std::string filter_text_;          // lower case
    std::vector<std::string> only_;    // lower case; empty: all
    std::vector<std::string> without_; // lower case
};

} // namespace sluice::control
