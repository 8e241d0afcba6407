// Which statistics the metrics history follows, and what they have counted since they were last read. No
// clock, no disk; one thread at a time.
#pragma once

#include "core/base/string_map.hpp"
#include "proxy/model/metrics_history.hpp"
#include "proxy/observe/minute_totals.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::observe {

// What one endpoint's entities did in a minute that the caller knows.
struct sampled_endpoint {
    std::string endpoint_id;
    std::vector<minute_row> rows;
};

class metrics_sampler {
public:
    // The endpoint has these from now on. Those that it had and that are not among them are followed until
    // nobody else holds them: requests that run on them still count.
    void follow(std::string_view endpoint_id, std::vector<model::followed_entity> entities);
    // What it has counted since the last take() is lost.
    void forget(std::string_view endpoint_id);

    // What has happened since the last call, as rows of this minute; endpoints and entities that did nothing
    // are left out. Two rows have the same name when an entity leaves and another one has come for it.
    [[nodiscard]] std::vector<sampled_endpoint> take(std::int64_t minute);
    // The same of one endpoint, and the next take() gives it again.
    [[nodiscard]] std::vector<minute_row> look(std::string_view endpoint_id, std::int64_t minute) const;

private:
    struct followed {
        model::followed_entity entity;
        std::unique_ptr<minute_totals> last; // null: nothing was counted until the last take()
        bool leaving = false;                // the endpoint does not have it any more
    };

    // Null: nothing has happened.
    [[nodiscard]] static std::unique_ptr<minute_totals> difference(const followed& one,
                                                                   const minute_totals& now);
    [[nodiscard]] static bool has_changed(const followed& one);

    string_map<std::vector<followed>> by_endpoint_;
};

} // namespace sluice::observe
