#include "tools/provider/google.hpp"

#include "tools/provider/text.hpp"

#include <utility>

namespace sluice::sim::google {

namespace {

std::string_view name_of(int status) noexcept {
    switch (status) {
    case 401: return "UNAUTHENTICATED";
    case 403: return "PERMISSION_DENIED";
    case 404: return "NOT_FOUND";
    case 409: return "ABORTED";
    case 429: return "RESOURCE_EXHAUSTED";
    case 499: return "CANCELLED";
    case 503: return "UNAVAILABLE";
    case 504: return "DEADLINE_EXCEEDED";
    default: return status >= 500 ? "INTERNAL" : "INVALID_ARGUMENT";
    }
}

} // namespace

api_result<call> google_dialect::read(const exchange& of) const {
    const auto root = parse_object(of.request.body);
    if (!root || !is_media_type(field_value(of.request, "content-type"), "application/json"))
        return refuse_google("Invalid JSON payload received.");
    call out;
    out.model = of.model;
    if (auto good = read_body(root->get_object(), out); !good) return tl::unexpected<api_error>(good.error());
    return out;
}

answer google_dialect::error(const api_error& e) const {
    return json(e.status, google::error_body(e));
}

std::optional<api_error> vertex_dialect::refuse(const exchange& of) const {
    return refuse_token(of);
}

tl::unexpected<api_error> refuse_google(std::string message) {
    api_error e;
    e.message = std::move(message);
    return tl::unexpected<api_error>(std::move(e));
}

api_result<void>
google_checked(const json::object& body, std::span<const rule> rules, std::string_view where) {
    const auto found = check_members(body, rules, where);
    if (!found) return {};
    if (found->kind != fault::unknown) return refuse_google(sentence_of(*found));
    return refuse_google("Invalid JSON payload received. Unknown name \"" + found->path +
                         "\": Cannot find field.");
}

std::string error_body(const api_error& e) {
    std::string out = R"({"error":{"code":)";
    append_number(out, static_cast<std::uint64_t>(e.status));
    out += R"(,"message":)";
    append_quoted(out, e.message);
    out += R"(,"status":)";
    append_quoted(out, name_of(e.status));
    return out + "}}";
}

std::optional<api_error> refuse_token(const exchange& of) {
    const std::string_view sent = bearer_of(of.request);
    if (!of.who.api_key.empty() && sent == of.who.api_key) return std::nullopt;
    if (is_good_token(token_kind::google, sent, of.now)) return std::nullopt;
    api_error e;
    e.status = 401;
    e.message = "Request had invalid authentication credentials. Expected OAuth 2 access token.";
    return e;
}

} // namespace sluice::sim::google
