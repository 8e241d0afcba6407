// Two kinds of embeddings on Vertex AI: predict and embedContent.
#include "tools/provider/dialects.hpp"
#include "tools/provider/embeddings.hpp"
#include "tools/provider/google.hpp"
#include "tools/provider/schema.hpp"
#include "tools/provider/text.hpp"

#include <array>

namespace sluice::sim {

namespace {

using google::google_checked;
using google::refuse_google;

class predict_dialect final : public google::vertex_dialect {
public:
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated>) const override {
        const std::size_t size = k.floats.value_or(c.dimensions.value_or(default_dimensions(c.model)));
        std::string out = R"({"predictions":[)";
        for (std::size_t i = 0; i < c.inputs.size(); ++i) {
            out += i > 0 ? R"(,{"embeddings":{"values":)" : R"({"embeddings":{"values":)";
            append_floats(out, embedding_of(c.inputs[i], size));
            if (!k.no_usage) {
                out += R"(,"statistics":{"token_count":)";
                append_number(out, count_tokens(c.inputs[i]));
                out += R"(.0,"truncated":false})";
            }
            out += "}}";
        }
        return json(out + R"(],"metadata":{"billableCharacterCount":1}})");
    }

private:
    [[nodiscard]] api_result<void> read_body(const json::object& body, call& out) const override {
        constexpr std::array<rule, 2> rules = {
            {{"instances", want::list, true, 1, 250}, {"parameters", want::object}}};
        constexpr std::array<rule, 3> instance_rules = {
            {{"content", want::text, true}, {"task_type", want::text}, {"title", want::text}}};
        constexpr std::array<rule, 2> parameter_rules = {
            {{"outputDimensionality", want::integer, false, 1}, {"autoTruncate", want::boolean}}};
        if (auto good = google_checked(body, rules); !good) return good;
        out.task = task_kind::embeddings;
        for (const json::value& each : *list_member(body, "instances")) {
            if (!each.is_object()) return refuse_google("Invalid instance.");
            if (auto good = google_checked(each.get_object(), instance_rules, "instances"); !good)
                return good;
            add_input(out, text_member(each.get_object(), "content"));
        }
        const json::object* parameters = object_member(body, "parameters");
        if (parameters == nullptr) return {};
        out.dimensions = count_member(*parameters, "outputDimensionality");
        return google_checked(*parameters, parameter_rules, "parameters");
    }
};

class embed_content_dialect final : public google::vertex_dialect {
public:
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated>) const override {
        const std::size_t size = k.floats.value_or(c.dimensions.value_or(default_dimensions(c.model)));
        std::string out = R"({"embedding":{"values":)";
        append_floats(out, embedding_of(c.inputs.front(), size));
        out += '}';
        if (!k.no_usage) {
            out += R"(,"usageMetadata":{"promptTokenCount":)";
            append_number(out, c.prompt_tokens);
            out += R"(,"totalTokenCount":)";
            append_number(out, c.prompt_tokens);
            out += '}';
        }
        return json(out + '}');
    }

private:
    [[nodiscard]] api_result<void> read_body(const json::object& body, call& out) const override {
        constexpr std::array<rule, 5> rules = {{{"content", want::object, true},
                                                {"title", want::text},
                                                {"taskType", want::text},
                                                {"outputDimensionality", want::integer, false, 1},
                                                {"autoTruncate", want::boolean}}};
        if (auto good = google_checked(body, rules); !good) return good;
        const json::array* parts = list_member(*object_member(body, "content"), "parts");
        if (parts == nullptr || parts->size() != 1 || !parts->front().is_object())
            return refuse_google("content must have one part.");
        out.task = task_kind::embeddings;
        out.dimensions = count_member(body, "outputDimensionality");
        add_input(out, text_member(parts->front().get_object(), "text"));
        return {};
    }
};

} // namespace

const dialect& vertex_predict() noexcept {
    static const predict_dialect instance;
    return instance;
}

const dialect& vertex_embed_content() noexcept {
    static const embed_content_dialect instance;
    return instance;
}

} // namespace sluice::sim
