// From an endpoint record to what the request path uses: secrets resolved, targets put together, upstream
// addresses checked. Control thread.
#pragma once

#include "core/base/error.hpp"
#include "core/base/string_map.hpp"
#include "core/net/address.hpp"
#include "providers/target.hpp"
#include "proxy/control/endpoint_record.hpp"
#include "proxy/control/host_lookup.hpp"
#include "proxy/control/secrets.hpp"
#include "proxy/control/statistics.hpp"
#include "proxy/model/endpoint.hpp"
#include "proxy/model/identity.hpp"

#include <absl/container/flat_hash_set.h>

#include <memory>
#include <string>
#include <string_view>

namespace sluice::control {

struct secret_reference; // endpoint_input.hpp

// May requests go there, as far as the URL alone tells? Literal addresses and `localhost` are checked; other
// names are looked up when an endpoint is written (target_maker::check) and again at each connect, by the
// data plane. Plain http needs an address that the operator has named.
[[nodiscard]] result<void> check_upstream(const providers::origin& to, const net::upstream_policy& policy);

struct built_endpoint {
    std::shared_ptr<const model::endpoint> value; // shared with the snapshots that hold it
    string_map<std::string> broken; // entities of the active config that cannot serve: name to reason
    bool store_failed = false;      // secrets could not be read: this is not what the endpoint is
};

class target_maker {
public:
    // The arguments must outlive the object.
    target_maker(secrets& from, const net::upstream_policy& policy, const string_map<std::string>& base_urls)
        : secrets_(from)
        , policy_(policy)
        , base_urls_(base_urls) {}

    // Can this config serve, and may the caller use its secrets? Error invalid_parameter_value names scope
    // and key, never a value.
    [[nodiscard]] result<void> check(const endpoint_config& config, const model::principal& who) const;
    // At the end of an update: are all secrets still there? Error internal_error: the store cannot be read.
    [[nodiscard]] result<void> check_secrets(const endpoint_config& config) const;

    // Notes in each reference that is new which scope it means.
    [[nodiscard]] result<void> bind(endpoint_record& record) const;

    // A broken entity serves nothing, for a deleted key is not used any longer; the others share its traffic.
    [[nodiscard]] built_endpoint build(const endpoint_record& record, const endpoint_stats& stats) const;

    // Secrets resolved, the address checked as far as the URL tells.
    [[nodiscard]] result<providers::target> make(const entity_spec& entity) const;

private:
    [[nodiscard]] result<void> is_meant(const block_value& value, const secret_reference& reference) const;
    [[nodiscard]] result<void> may_read(const entity_spec& entity, const model::principal& who) const;
    // A name that does not resolve now passes for https: it is checked when it does.
    [[nodiscard]] result<void> check_name(const providers::origin& to) const;
    // Of the target, and of the token service that its config names.
    [[nodiscard]] result<void> check_names(const providers::target& of) const;

    secrets& secrets_;
    const net::upstream_policy& policy_;
    const string_map<std::string>& base_urls_;
    mutable host_lookup names_; // a cache
};

// Secrets as texts that can be compared: scopes are equal without regard to case.
using secret_set = absl::flat_hash_set<std::string>;
[[nodiscard]] std::string secret_id(std::string_view scope, std::string_view key);

// Does the active config refer to one of these secrets?
[[nodiscard]] bool refers_to(const endpoint_record& record, const secret_set& any);

} // namespace sluice::control
