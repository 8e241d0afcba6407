// What a provider's config block holds, as tables: the REST calls read by them, provider::check() checks by
// them, and the form of the Serving UI is made of them, so that the three cannot differ.
#pragma once

#include "core/base/error.hpp"
#include "core/base/secret_string.hpp"
#include "core/base/string_map.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sluice::providers {

enum class field_kind : std::uint8_t {
    text,
    multiline, // a whole file, such as a key of Google
    base_url,  // https://host/path; more path is put behind it, so it has no query
    whole_url, // used as it stands
};

// Holds when that field has one of these values, by its default when it is not given.
struct field_condition {
    std::string_view field;
    std::span<const std::string_view> values;
};

// One member of a provider's config block (api.md §7). A member that is needed under one condition and may be
// given under another has a row for each; no two of them hold at once.
struct config_field {
    std::string_view name; // "api_key_auth.value": a member of the object api_key_auth in the block
    bool required = false; // where only_if holds; a secret in exactly one of its two forms
    bool secret = false;   // also accepted as <name>_plaintext
    field_kind kind = field_kind::text;        // of secrets too
    std::span<const std::string_view> choices; // empty: any text; capitals do not matter
    std::string_view default_value;            // as good as not given; empty: none
    std::span<const field_condition> only_if;  // all of them, or the member means nothing,
    bool refused_otherwise = false;            // and must not be given
    std::string_view never;                    // why it is refused in any case; empty: it is not
};

// The members that belong together in one way to say a thing.
struct field_option {
    std::string_view name;
    std::span<const std::string_view> fields;
};

// Ways of which exactly one is taken, whole.
struct field_options {
    std::string_view name;
    std::span<const field_option> options;
};

// The values of one entity's config block, secrets resolved.
struct resolved_config {
    string_map<std::string> plain;     // by field name
    string_map<secret_string> secrets; // by field name without _plaintext
    // The operator's provider_base_urls, for services beside the provider's own ("microsoft-entra"); may be
    // null.
    const string_map<std::string>* bases = nullptr;
};

// Does the block have what the tables ask for? Names of secrets count, their values do not. Error
// invalid_parameter_value, the sentence names the field.
[[nodiscard]] result<void> check_fields(std::span<const config_field> fields,
                                        std::span<const field_options> one_of,
                                        const resolved_config& config);

} // namespace sluice::providers
