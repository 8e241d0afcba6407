// The parameters of GET /api/2.0/sluice/usage and …/served-entities, and the tokens that lead from page to
// page. Pure.
#pragma once

#include "core/base/error.hpp"
#include "proxy/model/usage.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace sluice::control {

struct usage_query {
    model::usage_filter filter; // as asked for: what the caller may see is the plane's to say
    bool csv = false;
    std::string digest; // of the filter without the page: a token is good for the same digest only
};

// `parameters`: the query string's. `accept`: the field, for those that name no format. Error
// invalid_parameter_value.
[[nodiscard]] result<usage_query> parse_usage_query(const boost::json::object& parameters,
                                                    std::string_view accept);

// What `page_token` must be for the rows behind `last`.
[[nodiscard]] std::string make_page_token(const usage_query& of, const model::usage_position& last);

} // namespace sluice::control
