// The metrics of one endpoint as a Prometheus server reads them (api.md §11.1). Pure.
#pragma once

#include "core/base/clock.hpp"
#include "proxy/control/process_usage.hpp"
#include "proxy/control/statistics.hpp"

#include <string>
#include <string_view>

namespace sluice::control {

enum class metrics_format : std::uint8_t { prometheus, open_metrics };

// What the Accept field asks for: OpenMetrics only when it is named and no less welcome than plain text.
[[nodiscard]] metrics_format wanted_metrics(std::string_view accept);
[[nodiscard]] std::string_view content_type_of(metrics_format format);

// The label of queries that were refused before a served entity was chosen (limits, bodies): no entity can
// have this name.
inline constexpr std::string_view no_entity = "(none)";

[[nodiscard]] std::string print_metrics(std::string_view endpoint,
                                        const endpoint_stats& stats,
                                        const process_usage::measured& process,
                                        steady_time now,
                                        metrics_format format);

} // namespace sluice::control
