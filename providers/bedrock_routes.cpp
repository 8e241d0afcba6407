// Which API of Bedrock does what (providers.md §6.1, §6.6), and what its exceptions mean (§6.8).
#include "core/http/message.hpp"
#include "core/json/reader.hpp"
#include "providers/bedrock.hpp"
#include "providers/slices.hpp"

#include <algorithm>
#include <array>
#include <deque>

namespace sluice::providers::bedrock {

namespace {

bool has(std::string_view model, std::string_view part) noexcept {
    return model.find(part) != std::string_view::npos;
}

// Older than Converse. A model whose id says nothing is one of those that Converse is for.
route completions_of(family of, std::string_view model) noexcept {
    switch (of) {
    case family::anthropic:
        return anthropic::uses_complete(task::completions, model) ? route::claude_text : route::converse;
    case family::amazon:
        return has(model, "titan-text") || has(model, "titan-tg1") ? route::titan_text : route::converse;
    case family::cohere:
        return has(model, "command-text") || has(model, "command-light") ? route::cohere_generate
                                                                         : route::converse;
    case family::ai21labs: return has(model, "j2-") ? route::jurassic : route::converse;
    }
    return route::converse;
}

struct exception_status {
    std::string_view name;
    int status;
};
constexpr std::array<exception_status, 16> exceptions = {{
    {"ThrottlingException", 429},
    {"ModelNotReadyException", 429},
    {"TooManyRequestsException", 429},
    {"ValidationException", 400},
    {"ServiceQuotaExceededException", 400},
    {"AccessDeniedException", 403},
    {"UnrecognizedClientException", 403},
    {"InvalidSignatureException", 403},
    {"ExpiredTokenException", 403},
    {"ResourceNotFoundException", 404},
    {"ModelTimeoutException", 408},
    {"ModelErrorException", 424},
    {"ModelStreamErrorException", 424},
    {"InternalServerException", 500},
    {"InternalFailure", 500},
    {"ServiceUnavailableException", 503},
}};

constexpr std::size_t most_error_bytes = std::size_t{64} * 1024;

int status_of_body(std::string_view body) {
    if (body.size() > most_error_bytes) return 0;
    std::string text(body);
    text.reserve(text.size() + json::padding);
    slices tree;
    if (!tree.read(text, author::upstream)) return 0;
    std::deque<std::string> texts;
    std::string_view name = tree.root()["__type"].text(texts).value_or("");
    const std::size_t space = name.rfind('#'); // "com.amazon.coral.service#ThrottlingException"
    if (space != std::string_view::npos) name.remove_prefix(space + 1);
    return status_of_exception(name);
}

} // namespace

std::optional<family> parse_family(std::string_view text) noexcept {
    for (std::size_t i = 0; i < family_names.size(); ++i) {
        if (http::iequals(family_names[i], text)) return static_cast<family>(i);
    }
    return std::nullopt;
}

result<route> route_of(family of, task kind, std::string_view model) {
    switch (kind) {
    case task::chat: return route::converse;
    case task::completions: return completions_of(of, model);
    case task::embeddings: break;
    }
    if (of == family::amazon) return route::titan_embed;
    if (of == family::cohere) return route::cohere_embed;
    return fail(errc::invalid_parameter_value,
                "Embeddings of amazon-bedrock need a 'bedrock_provider' of amazon or cohere.");
}

std::string_view operation_of(route by) noexcept {
    return by == route::converse ? "converse" : "invoke";
}

std::string_view stream_operation_of(route by, std::string_view model) noexcept {
    switch (by) {
    case route::converse: return has(model, "ai21.j2-") ? "" : "converse-stream";
    case route::jurassic:
    case route::titan_embed:
    case route::cohere_embed: return "";
    default: return "invoke-with-response-stream";
    }
}

int status_of_exception(std::string_view name) noexcept {
    const auto found = std::find_if(exceptions.begin(), exceptions.end(), [name](const auto& each) {
        return http::iequals(each.name, name);
    });
    return found == exceptions.end() ? 0 : found->status;
}

bool is_credential_refusal(const http::field_list& fields) noexcept {
    const auto field = http::find(fields, "x-amzn-errortype");
    if (!field) return false;
    const std::string_view name = field->substr(0, field->find_first_of(":#"));
    return name == "ExpiredTokenException" || name == "UnrecognizedClientException";
}

int status_of_answer(int status, const http::field_list& fields, std::string_view body) {
    const auto field = http::find(fields, "x-amzn-errortype");
    const int named =
        field ? status_of_exception(field->substr(0, field->find_first_of(":#"))) : status_of_body(body);
    return named == 0 ? status : named;
}

tally counts::sum() const noexcept {
    tally out;
    if (input || cache_read || cache_write) {
        out.prompt =
            add_counts(add_counts(input.value_or(0), cache_read.value_or(0)), cache_write.value_or(0));
    }
    out.completion = output;
    out.cached = cache_read;
    out.cache_write = cache_write;
    return out;
}

} // namespace sluice::providers::bedrock
