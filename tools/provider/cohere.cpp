#include "tools/provider/cohere.hpp"

#include "tools/provider/text.hpp"

#include <utility>

namespace sluice::sim::cohere {

std::optional<api_error> cohere_dialect::refuse(const exchange& of) const {
    const std::string_view sent = bearer_of(of.request);
    if (!sent.empty() && (of.who.api_key.empty() || sent == of.who.api_key)) return std::nullopt;
    api_error e;
    e.status = 401;
    e.message = sent.empty() ? "no api key supplied" : "invalid api token";
    return e;
}

api_result<call> cohere_dialect::read(const exchange& of) const {
    if (!is_media_type(field_value(of.request, "content-type"), "application/json"))
        return refuse_cohere("invalid request: the content type must be application/json.");
    const auto root = parse_object(of.request.body);
    if (!root) return refuse_cohere("invalid request: the body is not a JSON object.");
    call out;
    if (auto good = read_body(root->get_object(), out); !good) return tl::unexpected<api_error>(good.error());
    return out;
}

answer cohere_dialect::error(const api_error& e) const {
    std::string body = R"({"id":"sim-error","message":)";
    append_quoted(body, e.message);
    return json(e.status, body + '}');
}

tl::unexpected<api_error> refuse_cohere(std::string message, int status) {
    api_error e;
    e.status = status;
    e.message = std::move(message);
    return tl::unexpected<api_error>(std::move(e));
}

api_result<void>
cohere_checked(const json::object& body, std::span<const rule> rules, std::string_view where) {
    if (const auto found = check_members(body, rules, where))
        return refuse_cohere("invalid request: " + sentence_of(*found),
                             found->kind == fault::missing ? 422 : 400);
    return {};
}

std::string answer_id_of(const call& c) {
    std::string id = "sim-";
    append_hex(id, hash_text(c.model, c.seed));
    return id;
}

void append_counts(std::string& out, const call& c, std::size_t output) {
    const std::size_t billed = c.prompt_tokens > 2 ? c.prompt_tokens - 2 : c.prompt_tokens;
    out += R"({"billed_units":{"input_tokens":)";
    append_number(out, billed);
    out += R"(,"output_tokens":)";
    append_number(out, output);
    out += R"(},"tokens":{"input_tokens":)";
    append_number(out, c.prompt_tokens);
    out += R"(.0,"output_tokens":)";
    append_number(out, output);
    out += "}}";
}

std::string_view finish_of(const generated& said) noexcept {
    return said.by_length ? "MAX_TOKENS" : "COMPLETE";
}

} // namespace sluice::sim::cohere
