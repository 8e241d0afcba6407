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

constexpr std::array<config_field, 2> config_fields = {{
    {"databricks_workspace_url", true},
    {"databricks_api_token", true, true},
}};

class databricks_api final : public openai::family {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return "databricks-model-serving"; }
    [[nodiscard]] std::string_view config_block() const noexcept override {
        return "databricks_model_serving_config";
    }
    [[nodiscard]] std::span<const config_field> fields() const noexcept override { return config_fields; }
    [[nodiscard]] result<void> check(const resolved_config& config) const override;
    [[nodiscard]] result<target> resolve(std::string_view model,
                                         task kind,
                                         const resolved_config& config,
                                         std::string_view default_base) const override;
};

result<void> databricks_api::check(const resolved_config& config) const {
    const std::string_view url = plain_value(config, "databricks_workspace_url");
    if (url.empty()) return bad_value("'databricks_workspace_url' is missing.");
    if (auto given = check_given(config, "databricks_api_token"); !given) return given;
    std::string path;
    const auto parsed = parse_url(url, path);
    if (!parsed) return bad_value(sentence({"'databricks_workspace_url': ", parsed.error().message}));
    if (path.find('?') != std::string::npos)
        return bad_value("'databricks_workspace_url' must not have a query.");
    return {};
}

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
