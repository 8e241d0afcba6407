// What the control thread owns: the database, secrets, identities and endpoints, and the snapshot that comes
// of them. Answers one management call at a time, without threads; plane.hpp puts a thread and the publisher
// around it. One thread at a time.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/string_map.hpp"
#include "core/net/address.hpp"
#include "proxy/config.hpp"
#include "proxy/control/audit.hpp"
#include "proxy/control/endpoint_changes.hpp"
#include "proxy/control/endpoint_output.hpp"
#include "proxy/control/endpoint_targets.hpp"
#include "proxy/control/event_rate.hpp"
#include "proxy/control/identity.hpp"
#include "proxy/control/oauth.hpp"
#include "proxy/control/permissions.hpp"
#include "proxy/control/principal_secrets.hpp"
#include "proxy/control/process_usage.hpp"
#include "proxy/control/registry.hpp"
#include "proxy/control/reply.hpp"
#include "proxy/control/routes.hpp"
#include "proxy/control/secrets.hpp"
#include "proxy/control/sessions.hpp"
#include "proxy/control/statistics.hpp"
#include "proxy/control/store.hpp"
#include "proxy/control/update_probes.hpp"
#include "proxy/control/vault.hpp"
#include "proxy/model/management.hpp"
#include "proxy/model/metrics_history.hpp"
#include "proxy/model/prober.hpp"
#include "proxy/model/snapshot.hpp"
#include "proxy/model/usage.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice::control {

class plane_state {
public:
    // Opens the store, loads everything and applies the config file. Errors, for the operator to read. The
    // references must outlive the object. `usage` may be null: then nothing is told of served entities, and
    // the calls that read usage answer 501; `history` likewise.
    [[nodiscard]] static result<std::unique_ptr<plane_state>> open(const proxy::settings& settings,
                                                                   const clock& time,
                                                                   const net::upstream_policy& policy,
                                                                   model::usage_tables* usage = nullptr,
                                                                   model::metrics_history* history = nullptr);
    // The same; an admin token that was made is in `made` even if what follows fails, for it is shown only
    // once.
    [[nodiscard]] static result<std::unique_ptr<plane_state>> open(const proxy::settings& settings,
                                                                   const clock& time,
                                                                   const net::upstream_policy& policy,
                                                                   secret_string& made,
                                                                   model::usage_tables* usage,
                                                                   model::metrics_history* history);

    plane_state(const plane_state&) = delete;
    plane_state& operator=(const plane_state&) = delete;

    // What the call changes is on the disk when this returns, and in take_changed(). An answer that takes
    // longer than the control thread may be held up is in `later`, to be called on any thread.
    struct answered {
        model::management_response response;
        std::function<model::management_response()> later; // when set, `response` is unused
    };
    [[nodiscard]] answered answer(const model::management_request& request);
    // The caller as he is now: his request may have waited for its body. Null: he may do nothing any more.
    [[nodiscard]] std::shared_ptr<const model::principal> current(const model::principal& who) const;

    // A write failed in a way that leaves memory and disk apart (a full disk shows at the commit): the object
    // has to be made again from what is stored.
    [[nodiscard]] bool must_reopen() const noexcept { return must_reopen_ || changing_; }
    // Something went wrong that nobody expected.
    void distrust() noexcept { must_reopen_ = true; }

    // Ends the config updates whose time has come. answer() does so too.
    void finish_due();
    [[nodiscard]] std::optional<steady_time> next_due() const { return registry_.next_due(); }

    // From now on updates are probed, those in progress first, if the settings say so. `report` takes what a
    // probe has found, from any thread, and hands it to probed() on the control thread: of this object or of
    // the one that was made again in its place. The prober must outlive the object.
    void start_probing(model::prober& prober, std::function<void(probe_report)> report);
    // A result that comes after its update was cancelled, deleted or replaced changes nothing.
    void probed(const probe_report& report);

    // The next snapshot, or null when nothing in it has changed since the last call. The first call always
    // gives one.
    [[nodiscard]] std::shared_ptr<const model::snapshot> take_changed();

private:
    // One call, parsed.
    struct call_input {
        const model::principal& who;
        const model::management_request& request;
        std::string name;                              // the first path parameter, or empty
        std::vector<std::string> parameters;           // all of them
        boost::json::object body;                      // of a GET: its query parameters
        const sessions::applicant* signs_in = nullptr; // only of create_session
    };

    plane_state(const proxy::settings& settings,
                const clock& time,
                const net::upstream_policy& policy,
                model::usage_tables* usage,
                model::metrics_history* history,
                std::unique_ptr<store> db,
                std::unique_ptr<vault> keys,
                std::string start);

    [[nodiscard]] result<void> load();
    [[nodiscard]] result<void> load_endpoints();
    // To an endpoint that was stored before there were grants: what everybody could do until then.
    [[nodiscard]] result<void> add_first_grants(endpoint_record& record) const;
    [[nodiscard]] result<reply> answer_call(const model::management_request& request);
    // One function for each group of calls, in the file that the enumerators of `call` name.
    [[nodiscard]] result<reply> dispatch(call what, const call_input& input);
    [[nodiscard]] result<reply> dispatch_endpoints(call what, const call_input& input);
    [[nodiscard]] result<reply> dispatch_gateway(call what, const call_input& input);
    [[nodiscard]] result<reply> dispatch_permissions(call what, const call_input& input);
    [[nodiscard]] result<reply> dispatch_observe(call what, const call_input& input);
    [[nodiscard]] result<reply> dispatch_mlflow(call what, const call_input& input);
    [[nodiscard]] result<reply> dispatch_secrets(call what, const call_input& input);
    [[nodiscard]] result<reply> dispatch_identity(call what, const call_input& input);
    [[nodiscard]] result<void> follow_principal(call what, std::string_view id);
    [[nodiscard]] result<identity_answer> answer_identity(call what, const call_input& input);
    [[nodiscard]] result<reply> dispatch_oauth(call what, const call_input& input);
    [[nodiscard]] result<reply> dispatch_session(call what, const call_input& input);
    // Calls that have no caller, because they authenticate themselves.
    [[nodiscard]] result<reply> dispatch_open(call what, const model::management_request& request);
    [[nodiscard]] result<reply> sign_in(const model::management_request& request);
    void log_refused_sign_in(const model::management_request& request);

    // plane_endpoints.cpp
    [[nodiscard]] result<reply> create_endpoint(const call_input& input);
    [[nodiscard]] result<reply> list_endpoints(const model::principal& who) const;
    [[nodiscard]] result<reply> get_endpoint(const call_input& input) const;
    [[nodiscard]] result<reply> delete_endpoint(const call_input& input);
    [[nodiscard]] result<reply> update_config(const call_input& input);
    [[nodiscard]] result<reply> cancel_update(const call_input& input);
    // The elements of the list, those that the caller may view, as a JSON array.
    [[nodiscard]] std::string list_of_endpoints(const model::principal& who) const;
    [[nodiscard]] const std::string& summary_of(const endpoint_record& record) const;
    // plane_changes.cpp
    [[nodiscard]] result<reply> list_changes(const call_input& input) const;
    // Null: there is none of that name, or he may not view it.
    [[nodiscard]] const endpoint_record* viewable(std::string_view name, const model::principal& who) const;
    void note_rights(const identity_changes& changes); // before they are published
    // Checked, and then refused as not implemented.
    [[nodiscard]] result<reply> create_provisioned(const call_input& input) const;
    [[nodiscard]] result<reply> update_provisioned(const call_input& input) const;
    // The endpoint of the call, after it has changed.
    [[nodiscard]] result<reply> show(std::string_view name, const call_input& input) const;
    // The endpoint that the call names, when the caller has at least this level. Errors
    // resource_does_not_exist, permission_denied.
    [[nodiscard]] result<const endpoint_record*> granted(const call_input& input,
                                                         model::permission least) const;
    // The same by the endpoint's id.
    [[nodiscard]] result<const endpoint_record*>
    granted_by_id(std::string_view id, const model::principal& who, model::permission least) const;
    // plane_versions.cpp
    // Writes what the record in the place of `last`, which may be null, adds to the history.
    [[nodiscard]] result<void> keep_versions(const endpoint_record* last, const endpoint_record& next);
    [[nodiscard]] result<reply> list_versions(const call_input& input) const;
    [[nodiscard]] result<reply> restore_version(const call_input& input);

    // plane_audit.cpp
    // Dispatches a call that changes something, and logs it, as one transaction.
    [[nodiscard]] result<reply> change(const audit_rule& rule, const call_input& input);
    [[nodiscard]] result<reply>
    logged_change(const audit_rule& rule, const call_input& input, db::transaction& work);
    // What is seen outside the store waits for the commit of the change, if one is under way.
    void after_commit(std::function<void()> effect);
    // What the call is about, as it is now, without secrets; empty when it does not exist.
    [[nodiscard]] std::string describe(const audit_rule& rule, const call_input& input);
    [[nodiscard]] std::string describe_secret(const call_input& input);
    [[nodiscard]] std::string describe_scope(const call_input& input);
    [[nodiscard]] std::string describe_principal_secret(const call_input& input);
    [[nodiscard]] std::string describe_token(const call_input& input);
    // What an entry of the config file has changed.
    [[nodiscard]] result<void>
    audit_file(std::string_view action, std::string target, std::string before, std::string after);
    [[nodiscard]] result<reply> list_audit(const call_input& input);

    // plane_observe.cpp
    [[nodiscard]] result<reply> get_endpoint_metrics(const call_input& input);
    [[nodiscard]] result<reply> get_served_logs(const call_input& input, bool of_build) const;
    [[nodiscard]] result<reply> get_endpoint_openapi(const call_input& input) const;

    // plane_permissions.cpp
    // Error invalid_parameter_value: there is no principal of that name.
    [[nodiscard]] result<std::vector<model::grant>>
    find_grantees(const std::vector<grant_input>& given) const;
    [[nodiscard]] result<reply> show_grants(const endpoint_record& record) const;

    // plane_mlflow.cpp
    [[nodiscard]] result<reply> list_mlflow_endpoints(const model::principal& who) const;

    // plane_gateway.cpp
    [[nodiscard]] result<reply> put_rate_limits(const call_input& input);
    [[nodiscard]] result<reply> patch_tags(const call_input& input);
    [[nodiscard]] result<reply> put_ai_gateway(const call_input& input);
    [[nodiscard]] result<reply> get_ai_gateway(const call_input& input) const;
    [[nodiscard]] result<reply> patch_notifications(const call_input& input);
    [[nodiscard]] result<reply> patch_telemetry(const call_input& input);
    // Fills in the ids of the principals that limits name. Error invalid_parameter_value: there is none of
    // that name, or two limits are for the same one.
    [[nodiscard]] result<void> find_principals(std::vector<model::rate_limit>& limits) const;
    // An entry of the config file.
    [[nodiscard]] result<void> apply_endpoint(const create_input& input);
    // `last`: the endpoint that is there, or null.
    [[nodiscard]] result<void>
    apply_endpoint_entry(create_input input, const endpoint_record* last, const model::principal& owner);

    // plane_history.cpp
    [[nodiscard]] result<reply> get_metrics_history(const call_input& input) const;
    // The statistics of the endpoint have changed.
    void tell_history(const endpoint_record& record, const endpoint_stats& stats) const;

    // plane_usage.cpp
    [[nodiscard]] result<reply> list_usage(const call_input& input) const;
    [[nodiscard]] result<reply> summarize_usage(const call_input& input) const;
    [[nodiscard]] result<reply> list_usage_entities(const call_input& input) const;
    void restrict_usage(model::usage_filter& filter, const model::principal& who) const;
    void tell_usage(); // after load(): all entities that there are
    // Before the record replaces `last`, which may be null.
    void tell_usage(const endpoint_record* last, const endpoint_record& next);

    // Writes the record, then puts it in force.
    [[nodiscard]] result<void> commit(endpoint_record record);
    // An update that is allowed and waits neither for a delay nor for a probe is finished at once.
    [[nodiscard]] result<void> commit_update(endpoint_record record);
    // plane_updates.cpp
    [[nodiscard]] bool must_probe(const endpoint_record& record) const;
    void begin_probes(const endpoint_record& record);
    void update_ended(const endpoint_record& record, std::string_view outcome);
    void publish(const endpoint_record& record);
    void publish(const identity_changes& changes);
    void republish_changed_secrets();
    [[nodiscard]] const broken_entities& broken_of(std::string_view name) const;

    const proxy::settings& settings_;
    const clock& time_;
    model::usage_tables* const usage_;      // may be null
    model::metrics_history* const history_; // may be null
    const input_rules rules_;
    // In the order in which they need each other.
    std::unique_ptr<store> store_;
    std::unique_ptr<vault> vault_;
    secrets secrets_;
    principal_secrets principal_secrets_;
    oauth oauth_;
    sessions sessions_;
    std::unique_ptr<identity> identity_;
    registry registry_;
    update_probes probes_;
    model::prober* prober_ = nullptr; // null before start_probing
    std::function<void(probe_report)> report_;
    target_maker targets_;
    statistics stats_;
    process_usage usage_of_process_;
    string_map<broken_entities> broken_; // by endpoint; only those that have some
    // The list's elements by endpoint, made when they are first asked for: of 10,000 endpoints few change
    // between two lists.
    mutable string_map<std::string> summaries_;
    endpoint_changes changes_;
    secret_set changed_secrets_; // since the last republish
    model::snapshot next_;
    bool changed_ = true;
    bool must_reopen_ = false;
    bool changing_ = false; // inside change(); true behind it when an exception has left it
    std::vector<std::function<void()>> after_commit_;
    // Rows of the audit log that a principal gets for signing in and out, and lines of the log that all get
    // who are not let in.
    event_rate session_events_{{.at_once = 20, .interval = 60'000, .keys = 1024}};
    event_rate refused_sign_ins_{{.at_once = 20, .interval = 3'000, .keys = 1}};
};

} // namespace sluice::control
