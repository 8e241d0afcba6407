// The provider `google-cloud-vertex-ai`: Gemini, Claude, models behind an OpenAI-shaped endpoint, and
// embeddings, at Google Cloud (providers.md §7).
#include "providers/vertex.hpp"

#include "core/json/writer.hpp"
#include "providers/anthropic.hpp"
#include "providers/config_values.hpp"
#include "providers/gemini.hpp"
#include "providers/google_credentials.hpp"
#include "providers/native.hpp"
#include "providers/openai.hpp"
#include "providers/registry.hpp"
#include "providers/request_head.hpp"
#include "providers/sentence.hpp"
#include "providers/upstream_body.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::providers {

namespace {

constexpr std::string_view vertex_name = "google-cloud-vertex-ai";
constexpr std::string_view account_field = "private_key";

constexpr std::array<config_field, 3> vertex_fields = {{
    {.name = "project_id", .required = true},
    {.name = "region", .required = true},
    {.name = account_field, .required = true, .secret = true, .kind = field_kind::multiline},
}};

// The path names model and verb, a member of the body the version; images come inline only.
constexpr anthropic::flavour vertex_claude = {.provider = vertex_name,
                                              .sends_model = false,
                                              .takes_image_urls = false,
                                              .body_version = "vertex-2023-10-16"};

constexpr bool is_letter_or_digit(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Made of letters, digits and `others`: it goes into a host name and a path.
bool is_name(std::string_view text, std::string_view others) noexcept {
    constexpr std::size_t longest = 63;
    return !text.empty() && text.size() <= longest && is_letter_or_digit(text.front()) &&
           std::all_of(text.begin(), text.end(), [others](char c) {
               return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
           });
}

// A model's version stands behind an @, which a path may hold.
std::string path_segment(std::string_view model) {
    std::string out;
    while (true) {
        const std::size_t at = std::min(model.find('@'), model.size());
        out += percent_encode(model.substr(0, at));
        if (at == model.size()) return out;
        out += '@';
        model.remove_prefix(at + 1);
    }
}

struct publisher {
    std::string_view models; // their names start so
    std::string_view name;
};

// The OpenAI-shaped endpoint wants "publisher/model".
std::string published_name(std::string_view model) {
    constexpr std::array<publisher, 9> publishers = {{{"mistral", "mistralai"},
                                                      {"codestral", "mistralai"},
                                                      {"jamba", "ai21"},
                                                      {"llama", "meta"},
                                                      {"deepseek", "deepseek-ai"},
                                                      {"qwen", "qwen"},
                                                      {"gpt-oss", "openai"},
                                                      {"kimi", "moonshotai"},
                                                      {"minimax", "minimaxai"}}};
    if (model.find('/') != std::string_view::npos) return std::string(model);
    const auto* const found =
        std::find_if(publishers.begin(), publishers.end(), [model](const publisher& each) {
            return model.starts_with(each.models);
        });
    return found == publishers.end() ? std::string(model) : sentence({found->name, "/", model});
}

// The part of the request line behind the path of `own`; empty when the task has none.
struct verbs {
    std::string_view json;
    std::string_view stream; // empty: the same
};

verbs verbs_of(const vertex_part& own, std::string_view model, task kind) noexcept {
    switch (own.family) {
    case vertex_family::openai:
        if (kind == task::chat) return {"/chat/completions", {}};
        return kind == task::embeddings ? verbs{"/embeddings", {}} : verbs{};
    case vertex_family::anthropic:
        return kind == task::embeddings ? verbs{} : verbs{":rawPredict", ":streamRawPredict"};
    case vertex_family::gemini: break;
    }
    if (kind != task::embeddings) return {":generateContent", ":streamGenerateContent?alt=sse"};
    return gemini::uses_embed_content(model) ? verbs{":embedContent", {}} : verbs{":predict", {}};
}

const vertex_part& part_of(const target& to) noexcept {
    return static_cast<const vertex_part&>(*to.own); // resolve() puts it there
}

class vertex_api final : public provider {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return vertex_name; }
    [[nodiscard]] std::string_view config_block() const noexcept override {
        return "google_cloud_vertex_ai_config";
    }
    [[nodiscard]] std::span<const config_field> fields() const noexcept override { return vertex_fields; }
    [[nodiscard]] bool does(task) const noexcept override { return true; }
    [[nodiscard]] result<target> resolve(std::string_view model,
                                         task kind,
                                         const resolved_config& config,
                                         std::string_view default_base) const override;
    [[nodiscard]] result<void>
    encode(const unified::call& call, const target& to, upstream_request& out) const override;
    using provider::make_decoder;
    [[nodiscard]] std::unique_ptr<decoder>
    make_decoder(const unified::call& call, const target& to, const answer_context& context) const override;
    using provider::read_answer;
    [[nodiscard]] result<answer> read_answer(const unified::call& call,
                                             const target& to,
                                             const answer_context& context,
                                             std::string_view body) const override;

private:
    [[nodiscard]] result<void> check_values(const resolved_config& config) const override;
};

result<void> vertex_api::check_values(const resolved_config& config) const {
    if (!is_name(plain_value(config, "project_id"), "-.:"))
        return bad_value("'project_id' must be the id of a Google Cloud project.");
    if (!is_name(plain_value(config, "region"), "-"))
        return bad_value("'region' must be the name of a Google Cloud region, or global.");
    return {};
}

// Request lines of both verbs.
result<void> put_heads(target& to, const vertex_part& own) {
    const verbs verb = verbs_of(own, to.model, to.kind);
    if (verb.json.empty())
        return bad_value(
            sentence({"The model '", to.model, "' has no ", to_string(to.kind), " at Vertex AI."}));
    if (!verb.stream.empty()) {
        if (auto put = put_head(to, sentence({own.path, verb.stream})); !put) return put;
        to.stream_head = std::move(to.head);
    }
    return put_head(to, sentence({own.path, verb.json}));
}

// For clients of the model's own API: the verbs are those of a chat.
result<void> add_native(target& to, const std::string& path, vertex_family family) {
    const bool is_claude = family == vertex_family::anthropic;
    auto beside = std::make_shared<target>(
        native::begin_beside(to, is_claude ? native::vertex_messages_api() : native::gemini_api()));
    vertex_part own;
    own.family = family;
    own.path = path;
    if (auto put = put_heads(*beside, own); !put) return put;
    to.natives.push_back(
        {is_claude ? dialect::messages : dialect::gemini, native_call::answer, std::move(beside)});
    return {};
}

result<target> vertex_api::resolve(std::string_view model,
                                   task kind,
                                   const resolved_config& config,
                                   std::string_view default_base) const {
    if (auto good = check(config); !good) return fail(std::move(good).error());
    target to = begin_target(model, kind);
    auto own = std::make_shared<vertex_part>();
    own->family = vertex_family_of(model);
    const std::string_view region = plain_value(config, "region");
    const std::string base =
        default_base.empty() ? sentence({"https://", vertex_host(region)}) : std::string(default_base);
    auto parsed = parse_url(base, own->path);
    if (!parsed) return fail(std::move(parsed).error());
    to.to = *std::move(parsed);
    own->path += sentence({"/v1/projects/", plain_value(config, "project_id"), "/locations/", region});
    switch (own->family) {
    case vertex_family::openai:
        own->path += "/endpoints/openapi";
        to.model_json.clear();
        json::append_string(to.model_json, published_name(model));
        to.repairs = repair::custom;
        break;
    case vertex_family::anthropic:
        own->path += sentence({"/publishers/anthropic/models/", path_segment(model)});
        break;
    case vertex_family::gemini:
        own->path += sentence({"/publishers/google/models/", path_segment(model)});
        break;
    }
    if (own->family != vertex_family::openai)
        to.most_items = kind == task::embeddings ? gemini::most_texts(model) : 1;
    if (auto put = put_heads(to, *own); !put) return fail(std::move(put).error());
    const std::string path = own->path;
    const vertex_family family = own->family;
    to.own = std::move(own);
    auto source = make_google_source(config.secrets.find(account_field)->second);
    if (!source) return fail(std::move(source).error());
    put_source(to, *std::move(source));
    if (kind == task::chat && family != vertex_family::openai) {
        if (auto added = add_native(to, path, family); !added) return fail(std::move(added).error());
    }
    return to;
}

result<void> vertex_api::encode(const unified::call& call, const target& to, upstream_request& out) const {
    const vertex_family family = part_of(to).family;
    if (family == vertex_family::openai) {
        openai::splice_body(call, to, out);
        return {};
    }
    out.clear();
    const bool is_claude = family == vertex_family::anthropic;
    neutral::request in;
    auto good = neutral::read(
        call, is_claude ? anthropic::dialect_of(vertex_claude) : gemini::dialect_of(vertex_name), in);
    if (!good) return good;
    if (is_claude) {
        good = anthropic::write_messages(in, to.model, vertex_claude, out.storage);
    } else if (call.kind == task::embeddings) {
        good = gemini::write_embeddings(in, to.model, out.storage);
    } else {
        good = gemini::write_content(in, to.model, vertex_name, out.storage);
    }
    if (!good) return good;
    out.dropped = in.dropped.size();
    finish_request(call, out);
    return {};
}

std::unique_ptr<decoder>
vertex_api::make_decoder(const unified::call& call, const target& to, const answer_context& context) const {
    switch (part_of(to).family) {
    case vertex_family::openai: return openai::make_stream_decoder(call, to, context.max_event_bytes);
    case vertex_family::anthropic: return anthropic::make_sse_decoder(call, to, context);
    case vertex_family::gemini: break;
    }
    return gemini::make_sse_decoder(call, to, context);
}

result<answer> vertex_api::read_answer(const unified::call& call,
                                       const target& to,
                                       const answer_context& context,
                                       std::string_view body) const {
    switch (part_of(to).family) {
    case vertex_family::openai: return openai::read_json_answer(call, to, context, body);
    case vertex_family::anthropic: return anthropic::read_json_answer(call, to, context, body);
    case vertex_family::gemini: break;
    }
    return call.kind == task::embeddings ? gemini::read_embeddings(call, to, context, body)
                                         : gemini::read_content(call, to, context, body);
}

} // namespace

vertex_family vertex_family_of(std::string_view model) noexcept {
    if (model.starts_with("claude")) return vertex_family::anthropic;
    const bool is_other = model.find('/') != std::string_view::npos || model.starts_with("mistral") ||
                          model.starts_with("codestral") || model.starts_with("jamba") ||
                          model.ends_with("-maas");
    return is_other ? vertex_family::openai : vertex_family::gemini;
}

std::string vertex_host(std::string_view region) {
    if (region == "global") return "aiplatform.googleapis.com";
    if (region == "eu" || region == "us") return sentence({"aiplatform.", region, ".rep.googleapis.com"});
    return sentence({region, "-aiplatform.googleapis.com"});
}

const provider& vertex_provider() noexcept {
    static const vertex_api instance;
    return instance;
}

} // namespace sluice::providers
