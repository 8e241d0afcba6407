// The endpoints by name and the state machine of their configs (api.md §8). Makes the next record from the
// last and a request; nothing counts until put(), so that the caller can write the record to the store first.
// No I/O; control thread only.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/string_map.hpp"
#include "proxy/control/endpoint_input.hpp"
#include "proxy/control/endpoint_record.hpp"
#include "proxy/model/identity.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::control {

class registry {
public:
    // With a delay of 0 an update is due as soon as it is put. The clock must outlive the object.
    registry(const clock& time, milliseconds update_delay)
        : time_(time)
        , update_delay_(update_delay) {}

    // Null when there is none. The pointer is good until the record is put again or erased.
    [[nodiscard]] const endpoint_record* find(std::string_view name) const;
    [[nodiscard]] const endpoint_record* find_by_id(std::string_view id) const;
    // Sorted by name. Shared: a record that a caller still holds stays as it was.
    [[nodiscard]] std::vector<std::shared_ptr<const endpoint_record>> all() const;

    // A new endpoint, which its creator may manage; its config, if any, is in progress. Error
    // resource_already_exists.
    [[nodiscard]] result<endpoint_record>
    create(const create_input& input, const model::principal& creator, std::string_view id) const;
    // The config as pending, in progress. Errors resource_conflict (one is in progress),
    // invalid_parameter_value (from external models to others), and the input's own verdict after these.
    [[nodiscard]] result<endpoint_record>
    update(const endpoint_record& from, const config_input& input, std::string_view caller) const;
    // What the end of the update in progress makes of the record: the pending config becomes the active one,
    // or is kept as failed.
    [[nodiscard]] static endpoint_record finished(endpoint_record from, const result<void>& outcome);
    // Error resource_conflict when nothing is in progress.
    [[nodiscard]] result<endpoint_record> canceled(endpoint_record from) const;
    [[nodiscard]] endpoint_record with_limits(endpoint_record from,
                                              std::vector<model::rate_limit> limits) const;
    // The whole of ai_gateway.
    [[nodiscard]] endpoint_record with_gateway(endpoint_record from, gateway_input input) const;
    [[nodiscard]] endpoint_record with_notifications(endpoint_record from, email_notifications input) const;
    [[nodiscard]] endpoint_record with_tags(endpoint_record from, const tags_input& input) const;

    void put(endpoint_record record);
    void erase(std::string_view name);

    // Names of the endpoints whose update is to be finished now.
    [[nodiscard]] std::vector<std::string> due() const;
    // The update is not finished now (the store failed): it is due again a little later.
    void postpone(std::string_view name);
    // The update waits for something else than time: it is not due until it is resumed.
    void suspend(std::string_view name);
    // A suspended update is due now; one whose time has not come yet stays as it is.
    void resume(std::string_view name);
    // When the next one will be.
    [[nodiscard]] std::optional<steady_time> next_due() const;

private:
    struct entry {
        std::shared_ptr<const endpoint_record> record; // shared with callers of all()
        std::optional<steady_time> due;                // while an update is in progress
        bool suspended = false;                        // in progress, but not due
    };
    void set_due(entry& at, std::string_view name, std::optional<steady_time> due);

    const clock& time_;
    milliseconds update_delay_;
    std::map<std::string, entry, std::less<>> entries_;
    string_map<std::string> names_;                     // by id
    std::set<std::pair<steady_time, std::string>> due_; // what the entries say, soonest first
};

} // namespace sluice::control
