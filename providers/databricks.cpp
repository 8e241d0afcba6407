// The provider `databricks-model-serving`: an endpoint of a Databricks workspace (providers.md §8).
#include "providers/config_values.hpp"
#include "providers/openai.hpp"
#include "providers/registry.hpp"
#include "providers/request_head.hpp"
#include "providers/sentence.hpp"

#include <array>
#include <string>

namespace sluice::providers {

namespace {

constexpr std::array<config_field, 2> databricks_fields = {{
    {.name = "databricks_workspace_url", .required = true, .kind = field_kind::base_url},
    {.name = "databricks_api_token", .required = true, .secret = true},
}};

class databricks_api final : public openai::family {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return "databricks-model-serving"; }
    [[nodiscard]] std::string_view config_block() const noexcept override {
        return "databricks_model_serving_config";
    }
    [[nodiscard]] std::span<const config_field> fields() const noexcept override { return databricks_fields; }
    [[nodiscard]] result<target> resolve(std::string_view model,
                                         task kind,
                                         const resolved_config& config,
                                         std::string_view default_base) const override;
};

result<target> databricks_api::resolve(std::string_view model,
                                       task kind,
                                       const resolved_config& config,
                                       std::string_view) const {
    if (auto good = check(config); !good) return fail(std::move(good.error()));
    target to = begin_target(model, kind);
    to.sends_model = false; // the endpoint in the path is the model
    to.repairs = repair::databricks;
    std::string path;
    auto parsed = parse_url(plain_value(config, "databricks_workspace_url"), path);
    if (!parsed) return fail(std::move(parsed.error()));
    to.to = *std::move(parsed);
    path += sentence({"/serving-endpoints/", percent_encode(model), "/invocations"});
    const auto token = needed_key(config, "databricks_api_token");
    if (!token) return fail(token.error());
    if (auto put = put_head(to, path, {"Authorization", "Bearer ", *token}); !put)
        return fail(std::move(put).error());
    return to;
}

} // namespace

const provider& databricks_provider() noexcept {
    static const databricks_api instance;
    return instance;
}

} // namespace sluice::providers
