// The provider `openai`: OpenAI itself and Azure OpenAI, with an API key or Entra's tokens (providers.md §2).
#include "providers/openai.hpp"

#include "core/http/message.hpp"
#include "providers/config_values.hpp"
#include "providers/entra.hpp"
#include "providers/registry.hpp"
#include "providers/request_head.hpp"
#include "providers/sentence.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace sluice::providers {

namespace {

constexpr std::string_view public_base = "https://api.openai.com/v1";

constexpr std::array<config_field, 9> config_fields = {{
    {"openai_api_key", false, true},
    {"openai_api_type"},
    {"openai_api_base"},
    {"openai_api_version"},
    {"openai_deployment_name"},
    {"openai_organization"},
    {"microsoft_entra_client_id"},
    {"microsoft_entra_client_secret", false, true},
    {"microsoft_entra_tenant_id"},
}};

enum class api_type : std::uint8_t { openai, azure, azuread };

result<api_type> type_of(const resolved_config& config) {
    const std::string_view text = plain_value(config, "openai_api_type");
    if (text.empty() || http::iequals(text, "openai")) return api_type::openai;
    if (http::iequals(text, "azure")) return api_type::azure;
    if (http::iequals(text, "azuread")) return api_type::azuread;
    return bad_value("'openai_api_type' must be openai, azure or azuread.");
}

result<void> check_url(const resolved_config& config) {
    const std::string_view base = plain_value(config, "openai_api_base");
    if (base.empty()) return {};
    std::string path;
    const auto parsed = parse_url(base, path);
    if (!parsed) return bad_value(sentence({"'openai_api_base': ", parsed.error().message}));
    if (path.find('?') != std::string::npos) return bad_value("'openai_api_base' must not have a query.");
    return {};
}

result<void> check_public(const resolved_config& config) {
    if (auto given = check_given(config, "openai_api_key"); !given) return given;
    if (!plain_value(config, "openai_deployment_name").empty()) {
        return bad_value("'openai_deployment_name' is only for 'openai_api_type' azure or azuread.");
    }
    return {};
}

result<void> check_azure(const resolved_config& config, api_type type) {
    for (const std::string_view name : {"openai_api_base", "openai_api_version", "openai_deployment_name"}) {
        if (plain_value(config, name).empty())
            return bad_value(sentence({"'", name, "' is missing: 'openai_api_type' azure needs it."}));
    }
    if (!plain_value(config, "openai_organization").empty())
        return bad_value("'openai_organization' is only for 'openai_api_type' openai.");
    const bool has_key = has_secret(config, "openai_api_key");
    if (type == api_type::azure) {
        return check_given(config, "openai_api_key");
    }
    const int entra = (has_secret(config, "microsoft_entra_client_secret") ? 1 : 0) +
                      (plain_value(config, "microsoft_entra_client_id").empty() ? 0 : 1) +
                      (plain_value(config, "microsoft_entra_tenant_id").empty() ? 0 : 1);
    if (entra != 3 || has_key) {
        return bad_value(
            "'openai_api_type' azuread needs 'microsoft_entra_client_id', 'microsoft_entra_tenant_id' and "
            "'microsoft_entra_client_secret' instead of a key.");
    }
    return {};
}

std::string_view route_of(task kind) noexcept {
    switch (kind) {
    case task::chat: return "/chat/completions";
    case task::completions: return "/completions";
    case task::embeddings: return "/embeddings";
    }
    return "";
}

// o-series and gpt-5 refuse max_tokens, also under names like "openai/o3"; gpt-5-chat does not.
bool wants_new_limit_name(std::string_view model) {
    constexpr std::string_view vendor = "openai/";
    if (model.starts_with(vendor)) model.remove_prefix(vendor.size());
    if (model.starts_with("gpt-5-chat")) return false;
    constexpr std::array<std::string_view, 4> prefixes = {"o1", "o3", "o4", "gpt-5"};
    return std::any_of(
        prefixes.begin(), prefixes.end(), [model](std::string_view each) { return model.starts_with(each); });
}

// A head without a credential, and where its token comes from.
result<void> put_entra(target& to, std::string_view path, const resolved_config& config) {
    const auto secret = needed_key(config, "microsoft_entra_client_secret");
    if (!secret) return fail(secret.error());
    auto source = make_entra_source(base_of(config, "microsoft-entra"),
                                    plain_value(config, "microsoft_entra_tenant_id"),
                                    plain_value(config, "microsoft_entra_client_id"),
                                    *secret);
    if (!source) return fail(std::move(source).error());
    to.credential = *std::move(source);
    to.keys.push_back(*secret);
    return put_head(to, path);
}

class openai_api final : public openai::family {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return "openai"; }
    [[nodiscard]] std::string_view config_block() const noexcept override { return "openai_config"; }
    [[nodiscard]] std::span<const config_field> fields() const noexcept override { return config_fields; }
    [[nodiscard]] result<void> check(const resolved_config& config) const override;
    [[nodiscard]] result<target> resolve(std::string_view model,
                                         task kind,
                                         const resolved_config& config,
                                         std::string_view default_base) const override;
};

result<void> openai_api::check(const resolved_config& config) const {
    const auto type = type_of(config);
    if (!type) return fail(type.error());
    if (auto good = check_url(config); !good) return good;
    return *type == api_type::openai ? check_public(config) : check_azure(config, *type);
}

result<target> openai_api::resolve(std::string_view model,
                                   task kind,
                                   const resolved_config& config,
                                   std::string_view default_base) const {
    if (auto good = check(config); !good) return fail(std::move(good.error()));
    target to = begin_target(model, kind);
    const api_type type = type_of(config).value();
    to.is_azure = type != api_type::openai;
    to.sends_model = !to.is_azure;
    to.renames_max_tokens = kind == task::chat && wants_new_limit_name(model);

    std::string_view base = plain_value(config, "openai_api_base");
    if (base.empty()) base = default_base.empty() ? public_base : default_base;
    std::string path;
    auto parsed = parse_url(base, path);
    if (!parsed) return fail(std::move(parsed.error()));
    to.to = *std::move(parsed);
    if (to.is_azure) {
        path += sentence({"/openai/deployments/",
                          percent_encode(plain_value(config, "openai_deployment_name")),
                          route_of(kind),
                          "?api-version=",
                          percent_encode(plain_value(config, "openai_api_version"))});
    } else {
        path += route_of(kind);
    }
    if (type == api_type::azuread) {
        if (auto put = put_entra(to, path, config); !put) return fail(std::move(put).error());
        return to;
    }
    const auto key = needed_key(config, "openai_api_key");
    if (!key) return fail(key.error());
    const credential_field credential = to.is_azure ? credential_field{"api-key", "", *key}
                                                    : credential_field{"Authorization", "Bearer ", *key};
    const std::array<head_field, 1> own = {
        {{"OpenAI-Organization", plain_value(config, "openai_organization")}}};
    if (!put_head(to, path, credential, own)) // the key is a good one
        return bad_value("'openai_organization' must be visible characters without line ends.");
    return to;
}

} // namespace

const provider& openai_provider() noexcept {
    static const openai_api instance;
    return instance;
}

} // namespace sluice::providers
