// The provider `custom`: any service of OpenAI's shapes, at a URL that is used as it stands (providers.md
// §10).
#include "core/http/framing.hpp"
#include "core/http/message.hpp"
#include "providers/config_values.hpp"
#include "providers/openai.hpp"
#include "providers/registry.hpp"
#include "providers/request_head.hpp"
#include "providers/sentence.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>

namespace sluice::providers {

namespace {

constexpr std::string_view url_name = "custom_provider_url";
constexpr std::string_view header_name = "api_key_auth.key";
constexpr std::string_view value_name = "api_key_auth.value";
constexpr std::string_view token_name = "bearer_token_auth.token";
constexpr std::size_t most_header_bytes = 256;

constexpr std::array<config_field, 4> custom_fields = {{
    {.name = url_name, .required = true, .kind = field_kind::whole_url},
    {.name = header_name},
    {.name = value_name, .secret = true},
    {.name = token_name, .secret = true},
}};
constexpr std::array<std::string_view, 2> header_fields = {header_name, value_name};
constexpr std::array<std::string_view, 1> token_fields = {token_name};
constexpr std::array<field_option, 2> custom_credentials = {
    {{"header", header_fields}, {"bearer_token", token_fields}}};
constexpr std::array<field_options, 1> custom_options = {{{"authentication", custom_credentials}}};

// Of the connection and the framing, or set by the gateway itself.
constexpr std::array<std::string_view, 15> taken_headers = {"host",
                                                            "content-length",
                                                            "transfer-encoding",
                                                            "connection",
                                                            "content-type",
                                                            "content-encoding",
                                                            "accept",
                                                            "accept-encoding",
                                                            "user-agent",
                                                            "expect",
                                                            "upgrade",
                                                            "te",
                                                            "trailer",
                                                            "keep-alive",
                                                            "proxy-connection"};

result<void> check_header(std::string_view name) {
    if (name.size() > most_header_bytes || !http::is_token(name))
        return bad_value("'api_key_auth.key' must be the name of an HTTP header.");
    const bool is_taken = std::any_of(taken_headers.begin(),
                                      taken_headers.end(),
                                      [name](std::string_view each) { return http::iequals(each, name); });
    if (is_taken) return bad_value(sentence({"'api_key_auth.key' must not be the header '", name, "'."}));
    return {};
}

// A header's value may have blanks inside, such as "Basic …".
result<secret_string> header_value(const resolved_config& config) {
    const secret_string& value = config.secrets.find(value_name)->second; // check() has seen it
    const std::string_view text = value.reveal();
    const bool good = !text.empty() && text.front() != ' ' && text.back() != ' ' &&
                      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (good) return value;
    return bad_value(
        "'api_key_auth.value' must be ASCII characters without line ends or blanks around them.");
}

class custom_api final : public openai::family {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return "custom"; }
    [[nodiscard]] std::string_view config_block() const noexcept override { return "custom_provider_config"; }
    [[nodiscard]] std::span<const config_field> fields() const noexcept override { return custom_fields; }
    [[nodiscard]] std::span<const field_options> one_of() const noexcept override { return custom_options; }
    [[nodiscard]] result<target> resolve(std::string_view model,
                                         task kind,
                                         const resolved_config& config,
                                         std::string_view default_base) const override;

private:
    [[nodiscard]] result<void> check_values(const resolved_config& config) const override;
};

result<void> custom_api::check_values(const resolved_config& config) const {
    const std::string_view header = plain_value(config, header_name);
    return header.empty() ? result<void>() : check_header(header);
}

result<target> custom_api::resolve(std::string_view model,
                                   task kind,
                                   const resolved_config& config,
                                   std::string_view) const {
    if (auto good = check(config); !good) return fail(std::move(good.error()));
    target to = begin_target(model, kind);
    to.repairs = repair::custom;
    to.found = std::make_shared<findings>();
    std::string path;
    auto parsed = parse_whole_url(plain_value(config, url_name), path);
    if (!parsed) return fail(std::move(parsed.error()));
    to.to = *std::move(parsed);
    const bool is_bearer = has_secret(config, token_name);
    const auto key = is_bearer ? needed_key(config, token_name) : header_value(config);
    if (!key) return fail(key.error());
    const credential_field credential = is_bearer
                                            ? credential_field{"Authorization", "Bearer ", *key}
                                            : credential_field{plain_value(config, header_name), "", *key};
    if (auto put = put_head(to, path, credential); !put) return fail(std::move(put).error());
    return to;
}

} // namespace

const provider& custom_provider() noexcept {
    static const custom_api instance;
    return instance;
}

} // namespace sluice::providers
