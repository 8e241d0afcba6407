// The provider `openai`: OpenAI itself and Azure OpenAI, with an API key or Entra's tokens (providers.md §2).
#include "providers/openai.hpp"

#include "core/http/message.hpp"
#include "core/json/writer.hpp"
#include "providers/config_values.hpp"
#include "providers/entra.hpp"
#include "providers/native.hpp"
#include "providers/registry.hpp"
#include "providers/request_head.hpp"
#include "providers/sentence.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace sluice::providers {

namespace {

constexpr std::string_view openai_base = "https://api.openai.com/v1";
constexpr std::string_view type_field = "openai_api_type";

// The names of api_type, in its order.
enum class api_type : std::uint8_t { openai, azure, azuread };
constexpr std::array<std::string_view, 3> type_names = {"openai", "azure", "azuread"};

// Whole runs of type_names.
constexpr std::span<const std::string_view> all_types(type_names);
constexpr std::array<field_condition, 1> of_openai = {{{type_field, all_types.first(1)}}};
constexpr std::array<field_condition, 1> with_key = {{{type_field, all_types.first(2)}}};
constexpr std::array<field_condition, 1> of_azure = {{{type_field, all_types.subspan(1)}}};
constexpr std::array<field_condition, 1> with_entra = {{{type_field, all_types.subspan(2)}}};

constexpr std::array<config_field, 10> openai_fields = {{
    {.name = type_field, .choices = type_names, .default_value = type_names[0]},
    {.name = "openai_api_key",
     .required = true,
     .secret = true,
     .only_if = with_key,
     .refused_otherwise = true},
    {.name = "openai_api_base", .kind = field_kind::base_url, .only_if = of_openai},
    {.name = "openai_api_base", .required = true, .kind = field_kind::base_url, .only_if = of_azure},
    {.name = "openai_api_version", .required = true, .only_if = of_azure},
    {.name = "openai_deployment_name", .required = true, .only_if = of_azure, .refused_otherwise = true},
    {.name = "openai_organization", .only_if = of_openai, .refused_otherwise = true},
    {.name = "microsoft_entra_client_id", .required = true, .only_if = with_entra},
    {.name = "microsoft_entra_client_secret", .required = true, .secret = true, .only_if = with_entra},
    {.name = "microsoft_entra_tenant_id", .required = true, .only_if = with_entra},
}};

// Of a config that check() has let through.
api_type type_of(const resolved_config& config) {
    const std::string_view text = plain_value(config, type_field);
    for (std::size_t i = 0; i < type_names.size(); ++i) {
        if (http::iequals(type_names[i], text)) return static_cast<api_type>(i);
    }
    return api_type::openai;
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

// What an entity's heads have in common.
class heads {
public:
    explicit heads(const resolved_config& config)
        : config_(config)
        , type_(type_of(config)) {}

    // The key, or where its tokens come from.
    result<void> read_credential(target& to);
    result<void> put(target& to, const std::string& path) const;

private:
    const resolved_config& config_;
    api_type type_;
    secret_string key_;
};

result<void> heads::read_credential(target& to) {
    const bool by_token = type_ == api_type::azuread;
    auto key = needed_key(config_, by_token ? "microsoft_entra_client_secret" : "openai_api_key");
    if (!key) return fail(std::move(key).error());
    key_ = *std::move(key);
    if (!by_token) return {};
    auto source = make_entra_source(base_of(config_, "microsoft-entra"),
                                    plain_value(config_, "microsoft_entra_tenant_id"),
                                    plain_value(config_, "microsoft_entra_client_id"),
                                    key_);
    if (!source) return fail(std::move(source).error());
    put_source(to, *std::move(source));
    return {};
}

result<void> heads::put(target& to, const std::string& path) const {
    if (type_ == api_type::azuread) return put_head(to, path);
    const credential_field credential = type_ == api_type::azure
                                            ? credential_field{"api-key", "", key_}
                                            : credential_field{"Authorization", "Bearer ", key_};
    const std::array<head_field, 1> own = {
        {{"OpenAI-Organization", plain_value(config_, "openai_organization")}}};
    if (put_head(to, path, credential, own)) return {};
    // The key is a good one.
    return bad_value("'openai_organization' must be visible characters without line ends.");
}

std::string azure_version(const resolved_config& config) {
    return sentence({"?api-version=", percent_encode(plain_value(config, "openai_api_version"))});
}

std::string azure_path(const resolved_config& config, task kind) {
    return sentence({"/openai/deployments/",
                     percent_encode(plain_value(config, "openai_deployment_name")),
                     route_of(kind),
                     azure_version(config)});
}

class openai_api final : public openai::family {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return "openai"; }
    [[nodiscard]] std::string_view config_block() const noexcept override { return "openai_config"; }
    [[nodiscard]] std::span<const config_field> fields() const noexcept override { return openai_fields; }
    [[nodiscard]] result<target> resolve(std::string_view model,
                                         task kind,
                                         const resolved_config& config,
                                         std::string_view default_base) const override;
};

result<target> openai_api::resolve(std::string_view model,
                                   task kind,
                                   const resolved_config& config,
                                   std::string_view default_base) const {
    if (auto good = check(config); !good) return fail(std::move(good.error()));
    target to = begin_target(model, kind);
    const api_type type = type_of(config);
    to.is_azure = type != api_type::openai;
    to.sends_model = !to.is_azure;
    to.renames_max_tokens = kind == task::chat && wants_new_limit_name(model);

    std::string_view base = plain_value(config, "openai_api_base");
    if (base.empty()) base = default_base.empty() ? openai_base : default_base;
    std::string path;
    auto parsed = parse_url(base, path);
    if (!parsed) return fail(std::move(parsed.error()));
    to.to = *std::move(parsed);
    heads common(config);
    if (auto read = common.read_credential(to); !read) return fail(std::move(read).error());
    const std::string own = to.is_azure ? azure_path(config, kind) : std::string(route_of(kind));
    if (auto put = common.put(to, sentence({path, own})); !put) return fail(std::move(put).error());
    if (kind != task::chat) return to;
    // For clients of the Responses API; of Azure its model is the deployment.
    auto beside = std::make_shared<target>(native::begin_beside(to, native::responses_api()));
    if (to.is_azure) {
        beside->model_json.clear();
        json::append_string(beside->model_json, plain_value(config, "openai_deployment_name"));
    }
    const std::string responses = to.is_azure ? sentence({path, "/openai/responses", azure_version(config)})
                                              : sentence({path, "/responses"});
    if (auto put = common.put(*beside, responses); !put) return fail(std::move(put).error());
    to.natives.push_back({dialect::responses, native_call::answer, std::move(beside)});
    return to;
}

} // namespace

const provider& openai_provider() noexcept {
    static const openai_api instance;
    return instance;
}

} // namespace sluice::providers
