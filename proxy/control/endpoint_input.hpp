// Parses and validates what the serving-endpoints calls send. Pure: what depends on the caller, on secrets or
// on the endpoint that is there already is checked by the plane and the registry.
#pragma once

#include "core/base/error.hpp"
#include "proxy/control/body.hpp"
#include "proxy/control/endpoint_record.hpp"
#include "proxy/control/permissions.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::control {

inline constexpr std::size_t max_entities = 15;
inline constexpr std::size_t max_rate_limits = 20;
inline constexpr std::size_t max_group_limits = 5; // of these
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

struct gateway_input {
    std::vector<model::rate_limit> limits; // principals by name only; the plane looks their ids up
    ai_gateway_config parts;
};

struct create_input {
    std::string name;
    std::optional<config_input> config;
    gateway_input gateway;
    std::vector<tag> tags;
    std::string description;
    std::optional<std::string> budget_policy_id;
    std::optional<email_notifications> notifications;
    bool route_optimized = false;
    std::optional<std::vector<grant_input>> grants; // only an entry of the config file may have them
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
// The body of PUT ai-gateway, which is the ai_gateway object itself.
[[nodiscard]] result<gateway_input> parse_ai_gateway(const boost::json::object& body);
// The body of PATCH notifications; nullopt when it names none.
[[nodiscard]] result<std::optional<email_notifications>> parse_notifications(const boost::json::object& body);
// The body of PATCH telemetry-config: is there a config that would be set?
[[nodiscard]] result<bool> parse_telemetry(const boost::json::object& body);
// Bodies of the provisioned throughput calls: as far as they can be checked without a catalogue of models.
[[nodiscard]] result<void> check_provisioned_create(const boost::json::object& body);
[[nodiscard]] result<void> check_provisioned_config(const boost::json::object& body);

// Parts of the above, in endpoint_input_config.cpp, endpoint_input_entity.cpp, endpoint_input_gateway.cpp and
// endpoint_input_provisioned.cpp. They report to from.found(). An object with served_entities and
// traffic_config.
[[nodiscard]] config_input read_config(const members& from, const input_rules& rules);
// `external`: it is an external model.
[[nodiscard]] entity_spec read_entity(const members& from, bool& external);
// The routes of from's traffic_config over the entities of `to`.
void read_traffic(const members& from, endpoint_config& to);
// A list of rate limits under `key`; `deprecated` for the form that must have calls.
[[nodiscard]] std::vector<model::rate_limit>
read_limits(const members& from, std::string_view key, bool deprecated);
// Two limits for the same key and principal: refused. Called again when principals have ids.
void refuse_equal_limits(const std::vector<model::rate_limit>& limits, std::string_view key, findings& found);
// The ai_gateway object. What this version lacks is reported when it is switched on, else kept.
[[nodiscard]] gateway_input read_ai_gateway(const members& from);
[[nodiscard]] std::vector<tag> read_tags(const members& from, std::string_view key);
[[nodiscard]] std::string read_name(const members& from);
// auto_capture_config and inference_table_config have the same members.
[[nodiscard]] std::optional<boost::json::object> read_inference_table(const members& from,
                                                                      std::string_view key);
// nullopt: absent. At most max_text_bytes, no control characters.
[[nodiscard]] std::optional<std::string> read_bounded_text(const members& from, std::string_view key);
[[nodiscard]] std::optional<email_notifications> read_notifications(const members& from);
// telemetry_config: is there something in it?
[[nodiscard]] bool read_telemetry(const members& from);
[[nodiscard]] bool has_control_characters(std::string_view text) noexcept;
// A-Z, a-z, 0-9, '_' and '-'.
[[nodiscard]] bool is_name_character(char c) noexcept;

} // namespace sluice::control
