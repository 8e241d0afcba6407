// Cohere's v2 embed.
#include "tools/provider/cohere.hpp"
#include "tools/provider/dialects.hpp"
#include "tools/provider/embeddings.hpp"
#include "tools/provider/schema.hpp"
#include "tools/provider/text.hpp"

#include <algorithm>
#include <array>

namespace sluice::sim {

namespace {

using cohere::answer_id_of;
using cohere::cohere_checked;
using cohere::refuse_cohere;

constexpr std::array<rule, 8> embed_rules = {{{"model", want::text, true},
                                              {"texts", want::texts, true, 1, 96},
                                              {"input_type", want::text, true},
                                              {"embedding_types", want::texts},
                                              {"output_dimension", want::integer, false, 1},
                                              {"max_tokens", want::integer},
                                              {"truncate", want::text},
                                              {"priority", want::integer}}};

class cohere_embed_dialect final : public cohere::cohere_dialect {
public:
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated>) const override {
        const std::size_t size = k.floats.value_or(c.dimensions.value_or(default_dimensions(c.model)));
        std::string out = R"({"id":")" + answer_id_of(c) + R"(","embeddings":{"float":[)";
        for (std::size_t i = 0; i < c.inputs.size(); ++i) {
            if (i > 0) out += ',';
            append_floats(out, embedding_of(c.inputs[i], size));
        }
        out += "]}";
        if (!k.no_usage) {
            out += R"(,"meta":{"api_version":{"version":"2"},"billed_units":{"input_tokens":)";
            append_number(out, c.prompt_tokens);
            out += "}}";
        }
        return json(out + R"(,"response_type":"embeddings_by_type"})");
    }

private:
    [[nodiscard]] api_result<void> read_body(const json::object& body, call& out) const override {
        if (auto good = cohere_checked(body, embed_rules); !good) return good;
        constexpr std::array<std::string_view, 4> types = {
            "search_document", "search_query", "classification", "clustering"};
        if (std::find(types.begin(), types.end(), text_member(body, "input_type")) == types.end())
            return refuse_cohere("invalid request: input_type is not one of the known ones.");
        const json::array* wanted = list_member(body, "embedding_types");
        if (wanted != nullptr && (wanted->size() != 1 || wanted->front() != "float"))
            return refuse_cohere("invalid request: only float is simulated.");
        out.task = task_kind::embeddings;
        out.model = text_member(body, "model");
        out.dimensions = count_member(body, "output_dimension");
        for (const json::value& each : *list_member(body, "texts"))
            add_input(out, view(each.get_string()));
        return {};
    }
};

} // namespace

const dialect& cohere_embed() noexcept {
    static const cohere_embed_dialect instance;
    return instance;
}

} // namespace sluice::sim
