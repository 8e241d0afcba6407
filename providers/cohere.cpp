// The provider `cohere` (providers.md §4).
#include "providers/cohere.hpp"

#include "providers/config_values.hpp"
#include "providers/registry.hpp"
#include "providers/request_head.hpp"
#include "providers/upstream_body.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::providers {

namespace {

constexpr std::string_view cohere_base = "https://api.cohere.com";
constexpr std::string_view cohere_key_field = "cohere_api_key";
constexpr std::string_view base_field = "cohere_api_base";

constexpr std::array<config_field, 2> cohere_fields = {{
    {.name = cohere_key_field, .required = true, .secret = true},
    {.name = base_field, .kind = field_kind::base_url},
}};

constexpr cohere::flavour cohere_direct = {.provider = "cohere"};

std::string_view route_of(task kind, std::string_view model) noexcept {
    if (kind == task::embeddings) return "/v2/embed";
    return cohere::uses_generate(kind, model) ? "/v1/generate" : "/v2/chat";
}

class cohere_api final : public provider {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return cohere_direct.provider; }
    [[nodiscard]] std::string_view config_block() const noexcept override { return "cohere_config"; }
    [[nodiscard]] std::span<const config_field> fields() const noexcept override { return cohere_fields; }
    [[nodiscard]] bool does(task) const noexcept override { return true; }
    [[nodiscard]] result<target> resolve(std::string_view model,
                                         task kind,
                                         const resolved_config& config,
                                         std::string_view default_base) const override;
    [[nodiscard]] result<void>
    encode(const unified::call& call, const target& to, upstream_request& out) const override;
    [[nodiscard]] bool is_stream_type(const target& to,
                                      std::string_view content_type) const noexcept override;
    using provider::make_decoder;
    [[nodiscard]] std::unique_ptr<decoder>
    make_decoder(const unified::call& call, const target& to, const answer_context& context) const override {
        return cohere::uses_generate(to.kind, to.model) ? cohere::make_lines_decoder(call, to, context)
                                                        : cohere::make_chat_decoder(call, to, context);
    }
    using provider::read_answer;
    [[nodiscard]] result<answer> read_answer(const unified::call& call,
                                             const target& to,
                                             const answer_context& context,
                                             std::string_view body) const override {
        return cohere::read_json_answer(call, to, context, body);
    }
};

result<target> cohere_api::resolve(std::string_view model,
                                   task kind,
                                   const resolved_config& config,
                                   std::string_view default_base) const {
    if (auto good = check(config); !good) return fail(std::move(good).error());
    const auto key = needed_key(config, cohere_key_field);
    if (!key) return fail(key.error());
    target to = begin_target(model, kind);
    std::string_view base = plain_value(config, base_field);
    if (base.empty()) base = default_base.empty() ? cohere_base : default_base;
    std::string path;
    auto parsed = parse_url(base, path);
    if (!parsed) return fail(std::move(parsed).error());
    to.to = *std::move(parsed);
    // The version belongs to the route.
    if (path.ends_with("/v1") || path.ends_with("/v2")) path.resize(path.size() - 3);
    path += route_of(kind, model);
    if (auto put = put_head(to, path, {"Authorization", "Bearer ", *key}); !put)
        return fail(std::move(put).error());
    if (kind == task::embeddings) to.most_items = cohere::most_texts;
    if (kind == task::completions) to.most_items = 1;
    return to;
}

result<void> cohere_api::encode(const unified::call& call, const target& to, upstream_request& out) const {
    out.clear();
    neutral::request in;
    const bool generates = cohere::uses_generate(to.kind, to.model);
    auto good = neutral::read(
        call, generates ? cohere::generate_dialect_of(cohere_direct) : cohere::dialect_of(cohere_direct), in);
    if (!good) return good;
    if (to.kind == task::embeddings) {
        good = cohere::write_embed(in, to.model, cohere_direct, out.storage);
    } else {
        good = generates ? cohere::write_generate(in, to.model, cohere_direct, out.storage)
                         : cohere::write_chat(in, to.model, cohere_direct, out.storage);
    }
    if (!good) return good;
    out.dropped = in.dropped.size();
    finish_request(call, out);
    return {};
}

bool cohere_api::is_stream_type(const target& to, std::string_view content_type) const noexcept {
    if (!cohere::uses_generate(to.kind, to.model)) return provider::is_stream_type(to, content_type);
    constexpr std::array<std::string_view, 3> types = {
        "application/stream+json", "application/x-ndjson", "application/jsonl"};
    return std::any_of(types.begin(), types.end(), [content_type](std::string_view each) {
        return content_type.size() >= each.size() && http::iequals(content_type.substr(0, each.size()), each);
    });
}

} // namespace

const provider& cohere_provider() noexcept {
    static const cohere_api instance;
    return instance;
}

namespace cohere {

bool uses_generate(task kind, std::string_view model) noexcept {
    constexpr std::array<std::string_view, 4> models = {
        "command", "command-light", "command-nightly", "command-light-nightly"};
    return kind == task::completions && std::find(models.begin(), models.end(), model) != models.end();
}

} // namespace cohere

} // namespace sluice::providers
