// What the control thread owns: the database, secrets, identities and endpoints, and the snapshot that comes
// of them. Answers one management call at a time, without threads; plane.hpp puts a thread and the publisher
// around it. One thread at a time.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/string_map.hpp"
#include "core/net/address.hpp"
#include "proxy/config.hpp"
#include "proxy/control/endpoint_output.hpp"
#include "proxy/control/endpoint_targets.hpp"
#include "proxy/control/identity.hpp"
#include "proxy/control/registry.hpp"
#include "proxy/control/routes.hpp"
#include "proxy/control/secrets.hpp"
#include "proxy/control/store.hpp"
#include "proxy/control/vault.hpp"
#include "proxy/model/management.hpp"
#include "proxy/model/snapshot.hpp"

#include <boost/json/object.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice::control {

class plane_state {
public:
    // Opens the store, loads everything and applies the config file. Errors, for the operator to read. The
    // references must outlive the object.
    [[nodiscard]] static result<std::unique_ptr<plane_state>>
    open(const proxy::settings& settings, const clock& time, const net::upstream_policy& policy);
    // The same; an admin token that was made is in `made` even if what follows fails, for it is shown only
    // once.
    [[nodiscard]] static result<std::unique_ptr<plane_state>> open(const proxy::settings& settings,
                                                                   const clock& time,
                                                                   const net::upstream_policy& policy,
                                                                   secret_string& made);

    plane_state(const plane_state&) = delete;
    plane_state& operator=(const plane_state&) = delete;

    // What the call changes is on the disk when this returns, and in take_changed().
    [[nodiscard]] model::management_response answer(const model::management_request& request);

    // Ends the config updates whose time has come. answer() does so too.
    void finish_due();
    [[nodiscard]] std::optional<steady_time> next_due() const { return registry_.next_due(); }

    // The next snapshot, or null when nothing in it has changed since the last call. The first call always
    // gives one.
    [[nodiscard]] std::shared_ptr<const model::snapshot> take_changed();

private:
    using text_result = result<std::string>; // the body of a 200

    // One call, parsed.
    struct call_input {
        const model::principal& who;
        std::string name;         // the first path parameter, or empty
        boost::json::object body; // of a GET: its query parameters
    };

    plane_state(const proxy::settings& settings,
                const clock& time,
                const net::upstream_policy& policy,
                std::unique_ptr<store> db,
                std::unique_ptr<vault> keys);

    [[nodiscard]] result<void> load();
    [[nodiscard]] text_result answer_call(const model::management_request& request);
    [[nodiscard]] text_result dispatch(call what, const call_input& input);
    [[nodiscard]] text_result dispatch_secrets(call what, const call_input& input);
    [[nodiscard]] text_result dispatch_identity(call what, const call_input& input);

    // plane_endpoints.cpp
    [[nodiscard]] text_result create_endpoint(const call_input& input);
    [[nodiscard]] text_result list_endpoints() const;
    [[nodiscard]] text_result get_endpoint(const call_input& input) const;
    [[nodiscard]] text_result delete_endpoint(const call_input& input);
    [[nodiscard]] text_result update_config(const call_input& input);
    [[nodiscard]] text_result cancel_update(const call_input& input);
    [[nodiscard]] text_result put_rate_limits(const call_input& input);
    [[nodiscard]] text_result patch_tags(const call_input& input);
    // The endpoint, when the caller may manage it. Errors resource_does_not_exist, permission_denied.
    [[nodiscard]] result<const endpoint_record*> managed(const call_input& input) const;
    [[nodiscard]] result<const endpoint_record*> existing(std::string_view name) const;
    // An entry of the config file.
    [[nodiscard]] result<void> apply_endpoint(const create_input& input);

    // Writes the record, then puts it in force.
    [[nodiscard]] result<void> commit(endpoint_record record);
    // Without a delay an update that is allowed is finished at once.
    [[nodiscard]] result<void> commit_update(endpoint_record record);
    void publish(const endpoint_record& record);
    void publish(const token_changes& changes);
    void republish_changed_secrets();
    [[nodiscard]] const broken_entities& broken_of(std::string_view name) const;

    const proxy::settings& settings_;
    const input_rules rules_;
    // In the order in which they need each other.
    std::unique_ptr<store> store_;
    std::unique_ptr<vault> vault_;
    secrets secrets_;
    std::unique_ptr<identity> identity_;
    registry registry_;
    target_maker targets_;
    string_map<broken_entities> broken_; // by endpoint; only those that have some
    secret_set changed_secrets_;         // since the last republish
    model::snapshot next_;
    bool changed_ = true;
};

} // namespace sluice::control
