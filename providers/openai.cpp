// The provider `openai`: OpenAI itself and Azure OpenAI with an API key (providers.md §2).
#include "providers/openai.hpp"

#include "core/http/framing.hpp"
#include "core/http/message.hpp"
#include "core/json/writer.hpp"
#include "providers/registry.hpp"
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

tl::unexpected<error> bad(std::string text) {
    return fail(errc::invalid_parameter_value, std::move(text));
}

std::string_view plain(const resolved_config& config, std::string_view name) {
    const auto found = config.plain.find(name);
    return found == config.plain.end() ? std::string_view() : std::string_view(found->second);
}

bool has_secret(const resolved_config& config, std::string_view name) {
    return config.secrets.find(name) != config.secrets.end();
}

result<api_type> type_of(const resolved_config& config) {
    const std::string_view text = plain(config, "openai_api_type");
    if (text.empty() || http::iequals(text, "openai")) return api_type::openai;
    if (http::iequals(text, "azure")) return api_type::azure;
    if (http::iequals(text, "azuread")) return api_type::azuread;
    return bad("'openai_api_type' must be openai, azure or azuread.");
}

result<void> check_url(const resolved_config& config) {
    const std::string_view base = plain(config, "openai_api_base");
    if (base.empty()) return {};
    std::string path;
    const auto parsed = parse_url(base, path);
    if (!parsed) return bad(sentence({"'openai_api_base': ", parsed.error().message}));
    if (path.find('?') != std::string::npos) return bad("'openai_api_base' must not have a query.");
    return {};
}

result<void> check_public(const resolved_config& config) {
    if (!has_secret(config, "openai_api_key"))
        return bad("'openai_api_key' or 'openai_api_key_plaintext' is missing.");
    if (!plain(config, "openai_deployment_name").empty()) {
        return bad("'openai_deployment_name' is only for 'openai_api_type' azure or azuread.");
    }
    return {};
}

result<void> check_azure(const resolved_config& config, api_type type) {
    for (const std::string_view name : {"openai_api_base", "openai_api_version", "openai_deployment_name"}) {
        if (plain(config, name).empty())
            return bad(sentence({"'", name, "' is missing: 'openai_api_type' azure needs it."}));
    }
    if (!plain(config, "openai_organization").empty())
        return bad("'openai_organization' is only for 'openai_api_type' openai.");
    const bool has_key = has_secret(config, "openai_api_key");
    if (type == api_type::azure) {
        if (!has_key) return bad("'openai_api_key' or 'openai_api_key_plaintext' is missing.");
        return {};
    }
    const int entra = (has_secret(config, "microsoft_entra_client_secret") ? 1 : 0) +
                      (plain(config, "microsoft_entra_client_id").empty() ? 0 : 1) +
                      (plain(config, "microsoft_entra_tenant_id").empty() ? 0 : 1);
    if (entra != 3 && !(entra == 0 && has_key)) {
        return bad(
            "'openai_api_type' azuread needs 'microsoft_entra_client_id', 'microsoft_entra_tenant_id' and "
            "'microsoft_entra_client_secret'.");
    }
    return fail(errc::not_implemented, "'openai_api_type' azuread is not supported yet.");
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

// One path or query segment: unreserved characters stay (RFC 3986 §2.3).
std::string percent_encode(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain_text = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                std::string_view("-._~").find(c) != std::string_view::npos;
        if (plain_text) {
            out += c;
        } else {
            out += '%';
            out += hex[byte >> 4U];
            out += hex[byte & 0x0FU];
        }
    }
    return out;
}

std::string host_field(const origin& to) {
    const bool literal = to.host.find(':') != std::string::npos;
    std::string text = literal ? sentence({"[", to.host, "]"}) : to.host;
    if (to.port != (to.tls ? 443 : 80)) text.append(":").append(std::to_string(to.port));
    return text;
}

// A key with a line end, a blank or anything else that is not visible would break the head; it is never
// repeated in the error.
bool is_usable_key(std::string_view key) {
    return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// The request line and all fields but Content-Length.
result<secret_string>
make_head(const target& to, std::string_view path, std::string_view key, std::string_view organization) {
    std::string head = sentence({"POST ", path, " HTTP/1.1\r\n"});
    head.reserve(1024); // no reallocation leaves a copy of the key behind
    std::string credential = to.is_azure ? std::string(key) : sentence({"Bearer ", key});
    bool good = http::append_field(head, "Host", host_field(to.to));
    good = http::append_field(head, to.is_azure ? "api-key" : "Authorization", credential) && good;
    if (!organization.empty()) good = http::append_field(head, "OpenAI-Organization", organization) && good;
    good = http::append_field(head, "Content-Type", "application/json") && good;
    good = http::append_field(head, "Accept", "application/json, text/event-stream") && good;
    good = http::append_field(head, "Accept-Encoding", "identity") && good;
    good = http::append_field(head, "User-Agent", "sluice/" SLUICE_VERSION) && good;
    secret_string kept(head);
    wipe(head);
    wipe(credential);
    if (!good) return bad("'openai_organization' must be visible characters without line ends.");
    return kept;
}

class openai_api final : public provider {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return "openai"; }
    [[nodiscard]] std::string_view config_block() const noexcept override { return "openai_config"; }
    [[nodiscard]] std::span<const config_field> fields() const noexcept override { return config_fields; }
    [[nodiscard]] bool does(task) const noexcept override { return true; }
    [[nodiscard]] result<void> check(const resolved_config& config) const override;
    [[nodiscard]] result<target> resolve(std::string_view model,
                                         task kind,
                                         const resolved_config& config,
                                         std::string_view default_base) const override;
    [[nodiscard]] result<void>
    encode(const unified::call& call, const target& to, upstream_request& out) const override {
        openai::splice_body(call, to, out);
        return {};
    }
    using provider::make_decoder;
    [[nodiscard]] std::unique_ptr<decoder>
    make_decoder(const unified::call& call, const target& to, const answer_context& context) const override {
        return openai::make_stream_decoder(call, to, context.max_event_bytes);
    }
    using provider::read_answer;
    [[nodiscard]] result<answer> read_answer(const unified::call&,
                                             const target& to,
                                             const answer_context&,
                                             std::string_view body) const override {
        return openai::read_json_answer(to, body);
    }
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
    target to;
    to.via = this;
    to.provider_name = name();
    to.kind = kind;
    to.model = model;
    json::append_string(to.model_json, model);
    to.is_azure = *type_of(config) == api_type::azure;
    to.sends_model = !to.is_azure;
    to.renames_max_tokens = kind == task::chat && wants_new_limit_name(model);

    std::string_view base = plain(config, "openai_api_base");
    if (base.empty()) base = default_base.empty() ? public_base : default_base;
    std::string path;
    auto parsed = parse_url(base, path);
    if (!parsed) return fail(std::move(parsed.error()));
    to.to = *std::move(parsed);
    if (to.is_azure) {
        path += sentence({"/openai/deployments/",
                          percent_encode(plain(config, "openai_deployment_name")),
                          route_of(kind),
                          "?api-version=",
                          percent_encode(plain(config, "openai_api_version"))});
    } else {
        path += route_of(kind);
    }
    const secret_string& key = config.secrets.find("openai_api_key")->second;
    if (!is_usable_key(key.reveal()))
        return bad("'openai_api_key' must be visible ASCII characters without blanks or line ends.");
    auto head = make_head(to, path, key.reveal(), plain(config, "openai_organization"));
    if (!head) return fail(std::move(head.error()));
    to.head = *std::move(head);
    to.keys.push_back(key);
    return to;
}

} // namespace

const provider& openai_provider() noexcept {
    static const openai_api instance;
    return instance;
}

} // namespace sluice::providers
