// The parameters of GET …/metrics-history and of GET /api/2.0/sluice/usage/summary, and the answers. Pure.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "proxy/model/metrics_history.hpp"
#include "proxy/model/usage.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <string>

namespace sluice::control {

struct history_query {
    model::metrics_query wanted; // endpoint and entities are the plane's to say
    wall_ms end = 0;             // as asked for
};

// `parameters`: the query string's. Without them the hour until now, in at most 200 steps. Error
// invalid_parameter_value.
[[nodiscard]] result<history_query> parse_history_query(const boost::json::object& parameters, wall_ms now);

// {"start_ms","end_ms","step_seconds","times":[…],"total":{…},"entities":[…]}
[[nodiscard]] std::string history_json(const history_query& query, const model::metrics_answer& answer);

// Without times the day until now. Error invalid_parameter_value.
[[nodiscard]] result<model::usage_summary_query> parse_summary_query(const boost::json::object& parameters,
                                                                     wall_ms now);

// {"rows":[…],"truncated":…}
[[nodiscard]] std::string summary_json(const model::usage_summary& summary);

} // namespace sluice::control
