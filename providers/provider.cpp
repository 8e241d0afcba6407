#include "providers/provider.hpp"

#include "core/http/framing.hpp"
#include "core/json/writer.hpp"
#include "providers/credential.hpp"
#include "providers/sentence.hpp"

namespace sluice::providers {

void upstream_request::clear() {
    wipe(credential_lines);
    credential_lines.clear();
    head_tail.clear();
    body.clear();
    body_size = 0;
    dropped = 0;
    storage.clear();
}

result<void>
upstream_api::authorize(const target&, bool, const credential* with, wall_ms, upstream_request& out) const {
    if (with == nullptr) return {};
    std::string value = sentence({"Bearer ", with->token.reveal()});
    out.credential_lines.reserve(value.size() + 32); // no reallocation leaves a copy of a token behind
    const bool good = http::append_field(out.credential_lines, "Authorization", value);
    wipe(value);
    if (good) return {};
    return fail(errc::invalid_parameter_value,
                "The access token has characters that a header must not have.");
}

bool upstream_api::is_stream_type(const target&, std::string_view content_type) const noexcept {
    constexpr std::string_view wanted = "text/event-stream";
    return content_type.size() >= wanted.size() &&
           http::iequals(content_type.substr(0, wanted.size()), wanted);
}

bool upstream_api::refuses_credential(int status, const http::field_list&) const noexcept {
    constexpr int unauthorized = 401;
    return status == unauthorized;
}

int upstream_api::meant_status(int status, const http::field_list&, std::string_view) const {
    return status;
}

result<void> provider::check(const resolved_config& config) const {
    if (auto good = check_fields(fields(), one_of(), config); !good) return good;
    return check_values(config);
}

target provider::begin_target(std::string_view model, task kind) const {
    target to;
    to.via = this;
    to.provider_name = name();
    to.kind = kind;
    to.model = model;
    json::append_string(to.model_json, model);
    return to;
}

} // namespace sluice::providers
