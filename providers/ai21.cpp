// The provider `ai21labs` (providers.md §5).
#include "providers/ai21.hpp"

#include "providers/config_values.hpp"
#include "providers/registry.hpp"
#include "providers/request_head.hpp"
#include "providers/sentence.hpp"
#include "providers/upstream_body.hpp"

#include <array>
#include <utility>

namespace sluice::providers {

namespace {

constexpr std::string_view ai21_base = "https://api.ai21.com";
constexpr std::string_view ai21_name = "ai21labs";
constexpr std::string_view ai21_key_field = "ai21labs_api_key";

constexpr ai21::flavour ai21_direct = {.provider = ai21_name};

constexpr std::array<config_field, 1> ai21_fields = {
    {{.name = ai21_key_field, .required = true, .secret = true}}};

class ai21_api final : public provider {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return ai21_name; }
    [[nodiscard]] std::string_view config_block() const noexcept override { return "ai21labs_config"; }
    [[nodiscard]] std::span<const config_field> fields() const noexcept override { return ai21_fields; }
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
        return ai21::make_chat_decoder(call, to, context);
    }
    using provider::read_answer;
    [[nodiscard]] result<answer> read_answer(const unified::call& call,
                                             const target& to,
                                             const answer_context& context,
                                             std::string_view body) const override {
        return ai21::read_json_answer(call, to, context, body);
    }
};

result<target> ai21_api::resolve(std::string_view model,
                                 task kind,
                                 const resolved_config& config,
                                 std::string_view default_base) const {
    const auto key = needed_key(config, ai21_key_field);
    if (!key) return fail(key.error());
    target to = begin_target(model, kind);
    std::string path;
    auto parsed = parse_url(default_base.empty() ? ai21_base : default_base, path);
    if (!parsed) return fail(std::move(parsed).error());
    to.to = *std::move(parsed);
    if (ai21::uses_complete(kind, model)) {
        path += sentence({"/studio/v1/", percent_encode(model), "/complete"});
        to.sends_model = false;
    } else {
        path += "/studio/v1/chat/completions";
    }
    if (auto put = put_head(to, path, {"Authorization", "Bearer ", *key}); !put)
        return fail(std::move(put).error());
    if (kind == task::completions) to.most_items = 1;
    return to;
}

result<void> ai21_api::encode(const unified::call& call, const target& to, upstream_request& out) const {
    out.clear();
    neutral::request in;
    const bool completes = ai21::uses_complete(to.kind, to.model);
    auto good = neutral::read(
        call, completes ? ai21::complete_dialect_of(ai21_direct) : ai21::dialect_of(ai21_name), in);
    if (!good) return good;
    good = completes ? ai21::write_complete(in, ai21_direct, out.storage)
                     : ai21::write_chat(in, to.model, ai21_name, out.storage);
    if (!good) return good;
    out.dropped = in.dropped.size();
    finish_request(call, out);
    return {};
}

} // namespace

const provider& ai21_provider() noexcept {
    static const ai21_api instance;
    return instance;
}

namespace ai21 {

bool uses_complete(task kind, std::string_view model) noexcept {
    return kind == task::completions && model.starts_with("j2-");
}

} // namespace ai21

} // namespace sluice::providers
