// Parses and validates what the serving-endpoints calls send. Pure: what depends on the caller, on secrets or
// on the endpoint that is there already is checked by the plane and the registry.
#pragma once

#include "core/base/error.hpp"
#include "proxy/control/body.hpp"
#include "proxy/control/endpoint_record.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::control {

inline constexpr std::size_t max_entities = 15;
inline constexpr std::size_t max_rate_limits = 20;
inline constexpr std::size_t max_name_characters = 63;
inline constexpr std::size_t max_description_characters = 1000;
inline constexpr std::size_t max_tags = 100;
inline constexpr std::size_t max_text_bytes =
    4096; // of a tag, a model name, an id; config block values have 128 KiB

struct input_rules {
    bool single_external_entity = false; // the seed's strict rule: one external model for each endpoint
};

// {{secrets/<scope>/<key>}}
struct secret_reference {
    std::string scope;
    std::string key;
};
[[nodiscard]] std::optional<secret_reference> parse_reference(std::string_view text);

// 1-63 characters of A-Za-z0-9_-.
[[nodiscard]] bool is_endpoint_name(std::string_view name) noexcept;

struct config_input {
    endpoint_config config; // version, creators and time stamps are not filled in
    bool external = true;   // false: an entity_name config, which ends in not_implemented once the external
                            // rule was checked
    result<void> verdict;   // not_implemented for what this version lacks; the config must not be used then
};

struct create_input {
    std::string name;
    std::optional<config_input> config;
    std::vector<model::rate_limit> limits;
    std::vector<tag> tags;
    std::string description;
    std::optional<std::string> budget_policy_id;
    std::optional<email_notifications> notifications;
};

struct tags_input {
    std::vector<std::string> remove; // first
    std::vector<tag> add;
};

// The body of create. Errors invalid_parameter_value, bad_request (duplicate entities), not_implemented.
[[nodiscard]] result<create_input> parse_create(const boost::json::object& body, const input_rules& rules);
// The body of a config update. What this version lacks is reported by the result's `verdict`, everything else
// by the error.
[[nodiscard]] result<config_input> parse_config(const boost::json::object& body, const input_rules& rules);
[[nodiscard]] result<std::vector<model::rate_limit>> parse_rate_limits(const boost::json::object& body);
[[nodiscard]] result<tags_input> parse_tags(const boost::json::object& body);

// Parts of the above, in endpoint_input_config.cpp and endpoint_input_gateway.cpp. They report to
// from.found(). An object with served_entities and traffic_config.
[[nodiscard]] config_input read_config(const members& from, const input_rules& rules);
// One external_model object into `to`.
void read_external_model(const members& from, entity_spec& to);
// A list of rate limits under `key`; `calls_required` for the deprecated form.
[[nodiscard]] std::vector<model::rate_limit>
read_limits(const members& from, std::string_view key, bool deprecated);
// The ai_gateway object: the limits; anything else that is switched on is lacking.
[[nodiscard]] std::vector<model::rate_limit> read_ai_gateway(const members& from);
[[nodiscard]] std::vector<tag> read_tags(const members& from, std::string_view key);

} // namespace sluice::control
