// Bedrock's InvokeModel, whole and as frames: each family of models in its own schema.
#include "tools/provider/anthropic.hpp"
#include "tools/provider/bedrock.hpp"
#include "tools/provider/bedrock_chunks.hpp"
#include "tools/provider/dialects.hpp"
#include "tools/provider/embeddings.hpp"
#include "tools/provider/schema.hpp"
#include "tools/provider/spoken.hpp"
#include "tools/provider/text.hpp"

#include <array>
#include <memory>
#include <utility>

namespace sluice::sim {

namespace {

using aws::refuse_aws;

enum class family : std::uint8_t {
    unknown,
    messages, // of Anthropic
    complete, // of Anthropic's older models
    titan_text,
    titan_embed,
    generate, // of Cohere
    cohere_embed,
    jurassic,
};

family family_of(std::string_view model) noexcept {
    const auto has = [model](std::string_view part) { return model.find(part) != std::string_view::npos; };
    if (has("anthropic.claude-v2") || has("anthropic.claude-instant")) return family::complete;
    if (has("anthropic.claude")) return family::messages;
    if (has("amazon.titan-text")) return family::titan_text;
    if (has("amazon.titan-embed")) return family::titan_embed;
    if (has("cohere.command")) return family::generate;
    if (has("cohere.embed")) return family::cohere_embed;
    if (has("ai21.j2")) return family::jurassic;
    return family::unknown;
}

template <class Rules>
api_result<void> invoke_checked(const json::object& body, const Rules& rules, std::string_view where = {}) {
    const auto found = check_members(body, rules, where);
    if (!found) return {};
    if (found->kind == fault::unknown)
        return refuse_aws("Malformed input request: #: extraneous key [" + found->path +
                          "] is not permitted, please reformat your input and try again.");
    return refuse_aws("Malformed input request: " + sentence_of(*found));
}

api_result<void> read_titan_text(const json::object& body, call& out) {
    constexpr std::array<rule, 2> rules = {
        {{"inputText", want::text, true}, {"textGenerationConfig", want::object}}};
    constexpr std::array<rule, 4> config_rules = {{{"maxTokenCount", want::integer, false, 1},
                                                   {"temperature", want::number, false, 0, 1},
                                                   {"topP", want::number, false, 1e-9, 1},
                                                   {"stopSequences", want::texts}}};
    if (auto good = invoke_checked(body, rules); !good) return good;
    out.task = task_kind::completions;
    add_input(out, text_member(body, "inputText"));
    const json::object* config = object_member(body, "textGenerationConfig");
    if (config == nullptr) return {};
    out.max_tokens = count_member(*config, "maxTokenCount");
    return invoke_checked(*config, config_rules, "textGenerationConfig");
}

api_result<void> read_titan_embed(const json::object& body, call& out) {
    constexpr std::array<rule, 4> rules = {{{"inputText", want::text, true},
                                            {"dimensions", want::integer},
                                            {"normalize", want::boolean},
                                            {"embeddingTypes", want::texts}}};
    if (auto good = invoke_checked(body, rules); !good) return good;
    out.task = task_kind::embeddings;
    out.dimensions = count_member(body, "dimensions");
    if (out.dimensions && out.dimensions != 256U && out.dimensions != 512U && out.dimensions != 1024U)
        return refuse_aws("Malformed input request: #/dimensions: not a valid enum value");
    add_input(out, text_member(body, "inputText"));
    return {};
}

api_result<void> read_cohere_embed(const json::object& body, call& out) {
    constexpr std::array<rule, 5> rules = {{{"texts", want::texts, true, 1, 96},
                                            {"input_type", want::text, true},
                                            {"truncate", want::text},
                                            {"embedding_types", want::texts},
                                            {"output_dimension", want::integer}}};
    if (auto good = invoke_checked(body, rules); !good) return good;
    out.task = task_kind::embeddings;
    out.dimensions = count_member(body, "output_dimension");
    for (const json::value& each : *list_member(body, "texts"))
        add_input(out, view(each.get_string()));
    return {};
}

api_result<void> read_complete(const json::object& body, call& out) {
    constexpr std::array<rule, 7> rules = {{{"prompt", want::text, true},
                                            {"max_tokens_to_sample", want::integer, true, 1},
                                            {"temperature", want::number, false, 0, 1},
                                            {"top_p", want::number, false, 0, 1},
                                            {"top_k", want::integer, false, 0},
                                            {"stop_sequences", want::texts},
                                            {"anthropic_version", want::text}}};
    if (auto good = invoke_checked(body, rules); !good) return good;
    const std::string_view prompt = text_member(body, "prompt");
    if (!prompt.starts_with("\n\nHuman:") || prompt.find("\n\nAssistant:") == std::string_view::npos)
        return refuse_aws("prompt must start with \"\n\nHuman:\" turn");
    out.task = task_kind::completions;
    out.max_tokens = count_member(body, "max_tokens_to_sample");
    add_input(out, prompt);
    return {};
}

// What another dialect has read or refused, as this service says it.
api_result<call> with_model(api_result<call> c, const exchange& of) {
    if (!c) return refuse_aws("Malformed input request: " + c.error().message);
    c->model = of.model;
    return c;
}

std::string titan_body(const call& c, const knobs& k, const std::vector<generated>& all) {
    std::string out = "{";
    if (!k.no_usage) {
        out += R"("inputTextTokenCount":)";
        append_number(out, c.prompt_tokens);
        out += ',';
    }
    out += R"("results":[)";
    for (const generated& each : all) {
        if (&each != &all.front()) out += ',';
        out += R"({"tokenCount":)";
        append_number(out, each.tokens);
        out += R"(,"outputText":)";
        append_quoted(out, each.text);
        out.append(R"(,"completionReason":")").append(each.by_length ? "LENGTH" : "FINISH").append("\"}");
    }
    return out + "]}";
}

std::string complete_body(const generated& said) {
    std::string out = R"({"type":"completion","completion":)";
    append_quoted(out, said.text);
    return out + (said.by_length ? R"(,"stop_reason":"max_tokens","stop":null})"
                                 : R"(,"stop_reason":"stop_sequence","stop":"\n\nHuman:"})");
}

// The events of families whose own streams are not simulated elsewhere: their JSON, one a line.
class plain_lines final : public spoken {
public:
    plain_lines(const call& c, const knobs& k, std::vector<generated> choices, family of)
        : spoken(c, k, std::move(choices))
        , of_(of) {}

private:
    bool before(std::size_t, std::string&) override { return false; }
    void failure(std::string&) override {}
    void piece(std::size_t choice, std::string_view text, std::string& out) override {
        event(choice, text, "null", out);
    }
    bool behind(std::size_t number, std::string& out) override {
        if (number > 0 || knobs_.no_done) return false;
        const bool by_length = choices_.front().by_length;
        const std::string_view titan = by_length ? R"("LENGTH")" : R"("FINISH")";
        const std::string_view claude = by_length ? R"("max_tokens")" : R"("stop_sequence")";
        event(0, "", of_ == family::titan_text ? titan : claude, out);
        return true;
    }
    void event(std::size_t choice, std::string_view text, std::string_view reason, std::string& out) const {
        if (of_ == family::titan_text) {
            out += R"({"outputText":)";
            append_quoted(out, text);
            out += R"(,"index":)";
            append_number(out, choice);
            out += R"(,"totalOutputTextTokenCount":)";
            append_number(out, all_tokens());
            out += R"(,"inputTextTokenCount":)";
            append_number(out, call_.prompt_tokens);
            out += R"(,"completionReason":)";
        } else {
            out += R"({"type":"completion","completion":)";
            append_quoted(out, text);
            out += R"(,"stop":null,"stop_reason":)";
        }
        out.append(reason).append("}\n");
    }

    family of_;
};

class invoke_dialect final : public aws::bedrock_dialect {
public:
    explicit invoke_dialect(bool streams)
        : streams_(streams) {}

    [[nodiscard]] api_result<call> read(const exchange& of) const override {
        auto c = read_family(of);
        if (!c) return c;
        if (streams_ && (c->task == task_kind::embeddings || family_of(of.model) == family::jurassic))
            return refuse_aws("The model is unsupported for streaming");
        c->stream = streams_;
        return c;
    }
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated> choices) const override {
        std::size_t output = 0;
        for (const generated& each : choices)
            output += each.tokens;
        knobs inside = k; // faults of the stream are the frames'
        inside.error_after.reset();
        inside.bad_json = false;
        inside.comments = false;
        inside.crlf = false;
        answer a = of_family(c, inside, std::move(choices));
        if (c.stream) return frames(aws::chunk_frames(std::move(a.events), c, k, output));
        if (!k.no_usage) {
            a.fields += "x-amzn-bedrock-input-token-count: " + std::to_string(c.prompt_tokens) + "\r\n";
            if (c.task != task_kind::embeddings)
                a.fields += "x-amzn-bedrock-output-token-count: " + std::to_string(output) + "\r\n";
        }
        return a;
    }

private:
    [[nodiscard]] static api_result<call> read_family(const exchange& of);
    [[nodiscard]] static answer of_family(const call& c, const knobs& k, std::vector<generated> choices);
    [[nodiscard]] static answer embeddings(const call& c, const knobs& k, bool is_titan);

    bool streams_;
};

api_result<call> invoke_dialect::read_family(const exchange& of) {
    const std::string_view type = field_value(of.request, "content-type");
    const family model = family_of(of.model);
    if (model == family::messages)
        return anthropic::read_hosted_call(type, of.request.body, {"bedrock-2023-05-31", of.model, false});
    const auto root = parse_object(of.request.body);
    if (!root || !is_media_type(type, "application/json"))
        return refuse_aws("Malformed input request, please reformat your input and try again.");
    const json::object& body = root->get_object();
    if (model == family::jurassic) return with_model(ai21_complete().read(of), of);
    if (model == family::generate) {
        if (member(body, "model") != nullptr) return refuse_aws("extraneous key [model] is not permitted");
        return with_model(cohere_generate().read(of), of);
    }
    call out;
    out.model = of.model;
    api_result<void> good;
    switch (model) {
    case family::complete: good = read_complete(body, out); break;
    case family::titan_text: good = read_titan_text(body, out); break;
    case family::titan_embed: good = read_titan_embed(body, out); break;
    case family::cohere_embed: good = read_cohere_embed(body, out); break;
    default: return refuse_aws("The provided model identifier is invalid.");
    }
    if (!good) return tl::unexpected<api_error>(good.error());
    return out;
}

answer invoke_dialect::of_family(const call& c, const knobs& k, std::vector<generated> choices) {
    const family model = family_of(c.model);
    switch (model) {
    case family::messages: return anthropic_messages().say(c, k, std::move(choices));
    case family::generate: return cohere_generate().say(c, k, std::move(choices));
    case family::jurassic: return ai21_complete().say(c, k, std::move(choices));
    case family::titan_embed:
    case family::cohere_embed: return embeddings(c, k, model == family::titan_embed);
    default: break;
    }
    if (c.stream) return events(std::make_unique<plain_lines>(c, k, std::move(choices), model));
    return json(sized(c, k, std::move(choices), [&c, &k, model](const std::vector<generated>& all) {
        return model == family::titan_text ? titan_body(c, k, all) : complete_body(all.front());
    }));
}

answer invoke_dialect::embeddings(const call& c, const knobs& k, bool is_titan) {
    const std::size_t size = k.floats.value_or(c.dimensions.value_or(default_dimensions(c.model)));
    std::string out = is_titan ? R"({"embedding":)" : R"({"id":"sim","embeddings":[)";
    for (std::size_t i = 0; i < c.inputs.size(); ++i) {
        if (i > 0) out += ',';
        append_floats(out, embedding_of(c.inputs[i], size));
    }
    if (!is_titan) return json(out + R"(],"response_type":"embeddings_floats"})");
    if (!k.no_usage) {
        out += R"(,"inputTextTokenCount":)";
        append_number(out, c.prompt_tokens);
    }
    return json(out + '}');
}

} // namespace

const dialect& bedrock_invoke() noexcept {
    static const invoke_dialect instance(false);
    return instance;
}

const dialect& bedrock_invoke_stream() noexcept {
    static const invoke_dialect instance(true);
    return instance;
}

} // namespace sluice::sim
