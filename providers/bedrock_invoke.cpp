// Requests to InvokeModel, in the words of each family (providers.md §6.6, §6.7).
#include "core/json/writer.hpp"
#include "providers/bedrock.hpp"
#include "providers/bedrock_turns.hpp"
#include "providers/cohere.hpp"
#include "providers/sentence.hpp"
#include "providers/temperature.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace sluice::providers::bedrock {

namespace {

using members = std::span<const std::string_view>;

constexpr std::array<std::string_view, 14> converse_members = {"max_tokens",
                                                               "max_completion_tokens",
                                                               "temperature",
                                                               "top_p",
                                                               "top_k",
                                                               "stop",
                                                               "n",
                                                               "best_of",
                                                               "response_format",
                                                               "tools",
                                                               "functions",
                                                               "tool_choice",
                                                               "function_call",
                                                               "reasoning_effort"};
constexpr std::array<std::string_view, 6> titan_members = {
    "max_tokens", "temperature", "top_p", "stop", "n", "best_of"};
constexpr std::array<std::string_view, 9> jurassic_members = {"max_tokens",
                                                              "temperature",
                                                              "top_p",
                                                              "top_k",
                                                              "stop",
                                                              "n",
                                                              "best_of",
                                                              "presence_penalty",
                                                              "frequency_penalty"};
constexpr std::array<std::string_view, 2> titan_embed_members = {"dimensions", "encoding_format"};
constexpr std::array<std::string_view, 4> cohere_embed_members = {
    "dimensions", "encoding_format", "input_type", "truncate"};

constexpr anthropic::flavour claude = {.provider = provider_name,
                                       .sends_model = false,
                                       .sends_stream = false,
                                       .takes_image_urls = false,
                                       .body_version = "bedrock-2023-05-31",
                                       .sends_human_stop = true};
constexpr cohere::flavour command = {
    .provider = provider_name, .sends_model = false, .sends_stream_false = false, .takes_penalties = false};

cohere::flavour embedding_of(std::string_view model) noexcept {
    const auto is_named = [model](std::string_view part) {
        return model.find(part) != std::string_view::npos;
    };
    cohere::flavour of = command;
    of.sends_embedding_types = false;
    of.takes_dimensions = !is_named("embed-english-v3") && !is_named("embed-multilingual-v3");
    of.takes_truncate = true;
    return of;
}

class request_writer {
public:
    request_writer(neutral::request& in, route by, std::string_view model, std::string& out)
        : in_(in)
        , by_(by)
        , model_(model)
        , out_(out)
        , writer_(out) {}

    void run();

private:
    void titan();
    void jurassic();
    void titan_embed();
    void stops(json::object_writer& into, std::string_view name);
    void temperature(json::object_writer& into, temperature_factor factor);
    void penalty(std::string_view name, const std::optional<neutral::number>& value);
    void number(std::string_view name, const std::optional<std::int64_t>& value) {
        if (value) writer_.number(name, *value);
    }
    void text_of_number(std::string_view name, const std::optional<neutral::number>& value) {
        if (value) writer_.raw(name, value->text);
    }
    [[nodiscard]] std::string_view prompt() const {
        return in_.prompts.empty() ? std::string_view() : in_.prompts.front();
    }
    [[nodiscard]] bool is_named(std::string_view part) const noexcept {
        return model_.find(part) != std::string_view::npos;
    }

    neutral::request& in_;
    route by_;
    std::string_view model_;
    std::string& out_;
    json::object_writer writer_;
};

void request_writer::run() {
    switch (by_) {
    case route::titan_text: titan(); break;
    case route::jurassic: jurassic(); break;
    case route::titan_embed: titan_embed(); break;
    default: break;
    }
    writer_.close();
}

void request_writer::stops(json::object_writer& into, std::string_view name) {
    std::vector<std::string_view> kept;
    std::copy_if(in_.stop.begin(), in_.stop.end(), std::back_inserter(kept), [](std::string_view each) {
        return !each.empty();
    });
    if (kept.empty()) return;
    into.key(name);
    append_texts(out_, kept);
}

void request_writer::temperature(json::object_writer& into, temperature_factor factor) {
    if (!in_.temperature) return;
    into.key("temperature");
    append_scaled(out_, *in_.temperature, factor);
}

void request_writer::titan() {
    writer_.text("inputText", prompt());
    const bool has_top_p = in_.top_p && in_.top_p->value > 0; // 0 is refused upstream
    if (in_.top_p && !has_top_p) in_.dropped.emplace_back("top_p");
    writer_.key("textGenerationConfig");
    json::object_writer config(out_);
    if (in_.max_tokens) config.number("maxTokenCount", *in_.max_tokens);
    temperature(config, temperature_factor::half);
    if (has_top_p) config.raw("topP", in_.top_p->text);
    stops(config, "stopSequences");
    config.close();
}

void request_writer::penalty(std::string_view name, const std::optional<neutral::number>& value) {
    if (!value) return;
    writer_.key(name);
    json::object_writer penalty(out_);
    penalty.raw("scale", value->text);
    penalty.close();
}

void request_writer::jurassic() {
    writer_.text("prompt", prompt());
    number("numResults", in_.n);
    number("maxTokens", in_.max_tokens);
    temperature(writer_, temperature_factor::one);
    text_of_number("topP", in_.top_p);
    number("topKReturn", in_.top_k);
    stops(writer_, "stopSequences");
    penalty("presencePenalty", in_.presence_penalty);
    penalty("frequencyPenalty", in_.frequency_penalty);
}

void request_writer::titan_embed() {
    writer_.text("inputText", in_.inputs.empty() ? std::string_view() : in_.inputs.front());
    // The first version has one size only.
    const bool is_first = is_named("titan-embed-text-v1") || is_named("titan-embed-g1-text");
    if (!is_first) return number("dimensions", in_.dimensions);
    if (in_.dimensions) in_.dropped.emplace_back("dimensions");
}

} // namespace

neutral::dialect dialect_of(route by) noexcept {
    neutral::dialect dialect;
    dialect.provider = provider_name;
    switch (by) {
    case route::claude_messages:
    case route::claude_text: return anthropic::dialect_of(claude);
    case route::converse: dialect.takes = converse_members; break;
    case route::titan_text: dialect.takes = titan_members; break;
    case route::cohere_generate: return cohere::generate_dialect_of(command);
    case route::jurassic: dialect.takes = jurassic_members; break;
    case route::titan_embed: dialect.takes = titan_embed_members; break;
    case route::cohere_embed: dialect.takes = cohere_embed_members; break;
    }
    dialect.takes_n = by == route::jurassic;
    return dialect;
}

result<void> check_items(const neutral::request& in, route by) {
    const bool one_input = by == route::titan_embed;
    const bool good =
        in.kind == task::embeddings ? !one_input || in.inputs.size() == 1 : in.prompts.size() <= 1;
    if (good) return {};
    return fail(errc::bad_request,
                sentence({"'",
                          in.kind == task::embeddings ? "input" : "prompt",
                          "' must be one text for provider ",
                          provider_name,
                          ", not a list of several."}));
}

result<void> write_invoke(neutral::request& in, route by, std::string_view model, std::string& out) {
    switch (by) {
    case route::claude_messages: return anthropic::write_messages(in, model, claude, out);
    case route::claude_text: return anthropic::write_complete(in, model, claude, out);
    case route::cohere_generate:
        // The events of several answers come mixed, and only the last one says that it is the last.
        if (in.stream && in.n.value_or(1) > 1) return fail(neutral::must_be_one("n", dialect_of(by)));
        return cohere::write_generate(in, model, command, out);
    case route::cohere_embed: return cohere::write_embed(in, model, embedding_of(model), out);
    default: request_writer(in, by, model, out).run(); return {};
    }
}

} // namespace sluice::providers::bedrock
