#include "providers/config_values.hpp"

#include "providers/request_head.hpp"
#include "providers/sentence.hpp"

namespace sluice::providers {

std::string_view plain_value(const resolved_config& config, std::string_view name) {
    const auto found = config.plain.find(name);
    return found == config.plain.end() ? std::string_view() : std::string_view(found->second);
}

bool has_secret(const resolved_config& config, std::string_view name) {
    return config.secrets.find(name) != config.secrets.end();
}

std::string_view base_of(const resolved_config& config, std::string_view service) {
    if (config.bases == nullptr) return {};
    const auto found = config.bases->find(service);
    return found == config.bases->end() ? std::string_view() : std::string_view(found->second);
}

result<secret_string> needed_key(const resolved_config& config, std::string_view name) {
    const auto found = config.secrets.find(name);
    if (found == config.secrets.end())
        return bad_value(sentence({"'", name, "' or '", name, "_plaintext' is missing."}));
    const secret_string& key = found->second;
    if (is_visible(key.reveal())) return key;
    return bad_value(
        sentence({"'", name, "' must be visible ASCII characters without blanks or line ends."}));
}

} // namespace sluice::providers
