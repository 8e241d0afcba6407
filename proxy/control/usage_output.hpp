// Rows of the usage tables as the API shows them, with the columns of system.serving.endpoint_usage and
// system.serving.served_entities (api.md §9.4) and a few of our own behind them. Pure.
#pragma once

#include "proxy/model/usage.hpp"

#include <string>
#include <string_view>

namespace sluice::control {

// Whose tables these are.
struct usage_owner {
    std::string account_id;
    std::string workspace_id;
};

// {"usage":[…],"next_page_token":"…"} and {"served_entities":[…],"next_page_token":"…"}; the token only when
// it is not empty. Unknown values are null, numbers are numbers.
[[nodiscard]] std::string usage_json(const usage_owner& owner,
                                     const model::usage_page<model::usage_record>& page,
                                     std::string_view token);
[[nodiscard]] std::string entities_json(const usage_owner& owner,
                                        const model::usage_page<model::usage_entity>& page,
                                        std::string_view token);

// RFC 4180 with a line of names; unknown values are empty. A text that a spreadsheet would take for a formula
// has a ' in front.
[[nodiscard]] std::string usage_csv(const usage_owner& owner,
                                    const model::usage_page<model::usage_record>& page);
[[nodiscard]] std::string entities_csv(const usage_owner& owner,
                                       const model::usage_page<model::usage_entity>& page);

} // namespace sluice::control
