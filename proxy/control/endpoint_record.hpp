// A serving endpoint as control keeps it: all that was asked for and the state of its configs. Plain values;
// the store holds one as a JSON document (endpoint_document.hpp), the data plane sees model::endpoint, which
// is made from it (endpoint_targets.hpp).
#pragma once

#include "core/base/clock.hpp"
#include "core/base/secret_string.hpp"
#include "providers/unified.hpp"
#include "proxy/model/endpoint.hpp"
#include "proxy/model/permission.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::control {

enum class value_kind : std::uint8_t {
    plain,     // `text` as given
    reference, // `text` is "{{secrets/scope/key}}" as given
    plaintext, // `secret` came as <name>_plaintext; never shown again
};

// One member of a provider's config block.
struct block_value {
    std::string name; // without _plaintext
    value_kind kind = value_kind::plain;
    std::string text;
    secret_string secret;
    // Of a reference that is stored: the scope that its writer could read. Another one that has its name
    // since is not meant. 0: not stored yet.
    std::int64_t scope_id = 0;
    // By what the client says.
    friend bool operator==(const block_value& a, const block_value& b) {
        return a.name == b.name && a.kind == b.kind && a.text == b.text && a.secret == b.secret;
    }
};

// One served entity; all are external models so far.
struct entity_spec {
    std::string id; // 32 lower-case hex digits; kept by updates that leave the entity as it is
    std::string name;
    std::string provider;
    std::string model; // external_model.name
    providers::task task = providers::task::chat;
    std::vector<block_value> block; // in the client's order
    std::string creator;
    wall_ms created_ms = 0;

    // Everything that the client says about it.
    [[nodiscard]] bool same_as(const entity_spec& other) const {
        return name == other.name && provider == other.provider && model == other.model &&
               task == other.task && block == other.block;
    }
};

// The id of an entity that is new in this version of the endpoint's config.
[[nodiscard]] std::string
make_entity_id(std::string_view endpoint_id, int version, std::string_view name, wall_ms created_ms);

struct route_spec {
    std::string entity;
    int percentage = 0;
    friend bool operator==(const route_spec&, const route_spec&) = default;
};

struct endpoint_config {
    std::vector<entity_spec> entities;
    std::vector<route_spec> routes;                  // percentages total 100
    int version = 0;                                 // no two configs of an endpoint have the same one
    std::optional<boost::json::object> auto_capture; // auto_capture_config as given; only switched off
    std::string author;                              // user name of who asked for it
    wall_ms created_ms = 0;                          // when he did

    [[nodiscard]] bool same_as(const endpoint_config& other) const;
};

// The config that an update is about to put in force, or the one that failed or was cancelled last.
struct pending_config {
    endpoint_config config;
    wall_ms start_ms = 0;
    std::string message; // why it failed
};

enum class update_state : std::uint8_t { not_updating, in_progress, failed, canceled };

struct tag {
    std::string key;
    std::optional<std::string> value;
    friend bool operator==(const tag&, const tag&) = default;
};

struct email_notifications {
    std::vector<std::string> on_update_success;
    std::vector<std::string> on_update_failure;
    friend bool operator==(const email_notifications&, const email_notifications&) = default;
};

// ai_gateway beside its rate limits, as the client gave it and as the API shows it (api.md §9). Parts that
// this version lacks are here only while they are switched off.
struct ai_gateway_config {
    std::optional<bool> usage_tracking;                 // usage_tracking_config.enabled
    std::optional<boost::json::object> inference_table; // inference_table_config
    std::optional<boost::json::object> guardrails;
    std::optional<bool> fallback; // fallback_config.enabled
    friend bool operator==(const ai_gateway_config&, const ai_gateway_config&) = default;
};

struct endpoint_record {
    std::string id; // 32 lower-case hex digits
    std::string name;
    std::string creator; // user name or application id, as it was when the endpoint was made
    std::string creator_display_name;
    std::optional<model::principal_kind> creator_kind; // user or service principal
    wall_ms created_ms = 0;
    wall_ms updated_ms = 0;
    std::string description;
    std::optional<std::string> budget_policy_id;
    std::optional<email_notifications> notifications;
    std::vector<tag> tags;
    std::vector<model::rate_limit> limits; // ai_gateway.rate_limits
    ai_gateway_config gateway;
    std::vector<model::grant> acl; // direct grants; the creator has one at first
    bool has_acl = true;           // false: stored before endpoints had grants, `acl` says nothing
    bool route_optimized = false;
    update_state update = update_state::not_updating;
    std::optional<endpoint_config> active;
    std::optional<pending_config> pending;

    // Forgets which scopes the references mean: whoever writes the record says so anew.
    void unbind();

    // The config that decides task and type: the active one, else the pending one, else null.
    [[nodiscard]] const endpoint_config* shown_config() const noexcept {
        if (active) return &*active;
        return pending ? &pending->config : nullptr;
    }
};

} // namespace sluice::control
