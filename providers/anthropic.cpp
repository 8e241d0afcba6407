// The provider `anthropic`: Claude at Anthropic itself (providers.md §3).
#include "providers/anthropic.hpp"

#include "providers/config_values.hpp"
#include "providers/native.hpp"
#include "providers/registry.hpp"
#include "providers/request_head.hpp"
#include "providers/sentence.hpp"
#include "providers/upstream_body.hpp"

#include <array>
#include <utility>

namespace sluice::providers {

namespace {

constexpr std::string_view anthropic_base = "https://api.anthropic.com";
// Pinned: the one of October 2026 refuses what clients send.
constexpr std::string_view api_version = "2023-06-01";
constexpr std::string_view anthropic_key_field = "anthropic_api_key";

constexpr std::array<config_field, 1> anthropic_fields = {
    {{.name = anthropic_key_field, .required = true, .secret = true}}};

constexpr anthropic::flavour anthropic_direct = {.provider = "anthropic"};

// For clients of Anthropic's own API: which version of it they speak, their requests say.
result<void> add_natives(target& to, const std::string& root, const secret_string& key) {
    struct call {
        native_call asks;
        std::string_view path;
        const upstream_api& via;
    };
    const std::array<call, 2> calls = {
        {{native_call::answer, "/v1/messages", native::messages_api()},
         {native_call::count_tokens, "/v1/messages/count_tokens", native::count_tokens_api()}}};
    for (const call& each : calls) {
        auto beside = std::make_shared<target>(native::begin_beside(to, each.via));
        if (auto put = put_head(*beside, sentence({root, each.path}), {"x-api-key", "", key}); !put)
            return put;
        to.natives.push_back({dialect::messages, each.asks, std::move(beside)});
    }
    return {};
}

class anthropic_api final : public provider {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return anthropic_direct.provider; }
    [[nodiscard]] std::string_view config_block() const noexcept override { return "anthropic_config"; }
    [[nodiscard]] std::span<const config_field> fields() const noexcept override { return anthropic_fields; }
    [[nodiscard]] bool does(task kind) const noexcept override { return kind != task::embeddings; }
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

result<target> anthropic_api::resolve(std::string_view model,
                                      task kind,
                                      const resolved_config& config,
                                      std::string_view default_base) const {
    auto key = needed_key(config, anthropic_key_field);
    if (!key) return fail(std::move(key).error());
    target to = begin_target(model, kind);
    std::string path;
    auto parsed = parse_url(default_base.empty() ? anthropic_base : default_base, path);
    if (!parsed) return fail(std::move(parsed).error());
    to.to = *std::move(parsed);
    to.most_items = 1;
    const std::string root = path;
    path += anthropic::uses_complete(kind, model) ? "/v1/complete" : "/v1/messages";
    constexpr std::array<head_field, 1> version = {{{"anthropic-version", api_version}}};
    if (auto put = put_head(to, path, {"x-api-key", "", *key}, version); !put)
        return fail(std::move(put).error());
    if (kind == task::chat) {
        if (auto added = add_natives(to, root, *key); !added) return fail(std::move(added).error());
    }
    return to;
}

result<void> anthropic_api::encode(const unified::call& call, const target& to, upstream_request& out) const {
    out.clear();
    neutral::request in;
    auto good = neutral::read(call, anthropic::dialect_of(anthropic_direct), in);
    if (!good) return good;
    good = anthropic::uses_complete(to.kind, to.model)
               ? anthropic::write_complete(in, to.model, anthropic_direct, out.storage)
               : anthropic::write_messages(in, to.model, anthropic_direct, out.storage);
    if (!good) return good;
    out.dropped = in.dropped.size();
    finish_request(call, out);
    return {};
}

} // namespace

const provider& anthropic_provider() noexcept {
    static const anthropic_api instance;
    return instance;
}

} // namespace sluice::providers
