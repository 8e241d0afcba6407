// Requests to InvokeModel, in the words of each family (providers.md §6.6, §6.7).
#include "core/json/writer.hpp"
#include "providers/ai21.hpp"
#include "providers/bedrock.hpp"
#include "providers/cohere.hpp"
#include "providers/request_pieces.hpp"
#include "providers/sentence.hpp"
#include "providers/temperature.hpp"

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

constexpr ai21::flavour jurassic = {.provider = provider_name, .takes_top_k = true};

bool is_named(std::string_view model, std::string_view part) noexcept {
    return model.find(part) != std::string_view::npos;
}

cohere::flavour embedding_of(std::string_view model) noexcept {
    cohere::flavour of = command;
    of.sends_embedding_types = false;
    of.takes_dimensions = !is_named(model, "embed-english-v3") && !is_named(model, "embed-multilingual-v3");
    of.takes_truncate = true;
    return of;
}

void write_titan(neutral::request& in, std::string& out) {
    json::object_writer writer(out);
    writer.text("inputText", prompt_of(in));
    const bool has_top_p = in.top_p && in.top_p->value > 0; // 0 is refused upstream
    if (in.top_p && !has_top_p) in.dropped.emplace_back("top_p");
    writer.key("textGenerationConfig");
    json::object_writer config(out);
    if (in.max_tokens) config.number("maxTokenCount", *in.max_tokens);
    if (in.temperature) {
        config.key("temperature");
        append_scaled(out, *in.temperature, temperature_factor::half);
    }
    if (has_top_p) config.raw("topP", in.top_p->text);
    const std::vector<std::string_view> stops = usable_stops(in);
    if (!stops.empty()) {
        config.key("stopSequences");
        append_texts(out, stops);
    }
    config.close();
    writer.close();
}

void write_titan_embed(neutral::request& in, std::string_view model, std::string& out) {
    json::object_writer writer(out);
    writer.text("inputText", in.inputs.empty() ? std::string_view() : in.inputs.front());
    // The first version has one size only.
    const bool is_first = is_named(model, "titan-embed-text-v1") || is_named(model, "titan-embed-g1-text");
    if (in.dimensions && !is_first) writer.number("dimensions", *in.dimensions);
    if (in.dimensions && is_first) in.dropped.emplace_back("dimensions");
    writer.close();
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
    case route::jurassic: return ai21::complete_dialect_of(jurassic);
    case route::titan_embed: dialect.takes = titan_embed_members; break;
    case route::cohere_embed: dialect.takes = cohere_embed_members; break;
    }
    return dialect;
}

result<void> check_items(const neutral::request& in, route by) {
    if (in.kind != task::embeddings) return check_one_prompt(in, dialect_of(by));
    if (by != route::titan_embed || in.inputs.size() == 1) return {};
    return fail(
        errc::bad_request,
        sentence({"'input' must be one text for provider ", provider_name, ", not a list of several."}));
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
    case route::jurassic: return ai21::write_complete(in, jurassic, out);
    case route::titan_embed: write_titan_embed(in, model, out); return {};
    default: write_titan(in, out); return {};
    }
}

} // namespace sluice::providers::bedrock
