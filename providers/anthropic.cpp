// The provider `anthropic`: Claude at Anthropic itself (providers.md §3).
#include "providers/anthropic.hpp"

#include "providers/config_values.hpp"
#include "providers/registry.hpp"
#include "providers/request_head.hpp"
#include "providers/upstream_body.hpp"

#include <array>
#include <utility>

namespace sluice::providers {

namespace {

constexpr std::string_view public_base = "https://api.anthropic.com";
// Pinned: the one of October 2026 refuses what clients send.
constexpr std::string_view api_version = "2023-06-01";
constexpr std::string_view key_field = "anthropic_api_key";

constexpr std::array<config_field, 1> config_fields = {{{key_field, true, true}}};

constexpr anthropic::flavour direct = {.provider = "anthropic"};

class anthropic_api final : public provider {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return direct.provider; }
    [[nodiscard]] std::string_view config_block() const noexcept override { return "anthropic_config"; }
    [[nodiscard]] std::span<const config_field> fields() const noexcept override { return config_fields; }
    [[nodiscard]] bool does(task kind) const noexcept override { return kind != task::embeddings; }
    [[nodiscard]] result<void> check(const resolved_config& config) const override;
    [[nodiscard]] result<target> resolve(std::string_view model,
                                         task kind,
                                         const resolved_config& config,
                                         std::string_view default_base) const override;
    [[nodiscard]] result<void>
    encode(const unified::call& call, const target& to, upstream_request& out) const override;
    using provider::make_decoder;
    [[nodiscard]] std::unique_ptr<decoder>
    make_decoder(const unified::call& call, const target& to, const answer_context& context) const override {
        return anthropic::make_sse_decoder(call, to, context);
    }
    using provider::read_answer;
    [[nodiscard]] result<answer> read_answer(const unified::call& call,
                                             const target& to,
                                             const answer_context& context,
                                             std::string_view body) const override {
        return anthropic::read_json_answer(call, to, context, body);
    }
};

result<void> anthropic_api::check(const resolved_config& config) const {
    return check_given(config, key_field);
}

result<target> anthropic_api::resolve(std::string_view model,
                                      task kind,
                                      const resolved_config& config,
                                      std::string_view default_base) const {
    auto key = needed_key(config, key_field);
    if (!key) return fail(std::move(key).error());
    target to = begin_target(model, kind);
    std::string path;
    auto parsed = parse_url(default_base.empty() ? public_base : default_base, path);
    if (!parsed) return fail(std::move(parsed).error());
    to.to = *std::move(parsed);
    to.most_items = 1;
    path += anthropic::uses_complete(kind, model) ? "/v1/complete" : "/v1/messages";
    constexpr std::array<head_field, 1> version = {{{"anthropic-version", api_version}}};
    if (auto put = put_head(to, path, {"x-api-key", "", *key}, version); !put)
        return fail(std::move(put).error());
    return to;
}

result<void> anthropic_api::encode(const unified::call& call, const target& to, upstream_request& out) const {
    out.clear();
    neutral::request in;
    auto good = neutral::read(call, anthropic::dialect_of(direct), in);
    if (!good) return good;
    good = anthropic::uses_complete(to.kind, to.model)
               ? anthropic::write_complete(in, to.model, direct, out.storage)
               : anthropic::write_messages(in, to.model, direct, out.storage);
    if (!good) return good;
    finish_request(call, out);
    return {};
}

} // namespace

const provider& anthropic_provider() noexcept {
    static const anthropic_api instance;
    return instance;
}

} // namespace sluice::providers
