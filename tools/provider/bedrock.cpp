#include "tools/provider/bedrock.hpp"

#include "tools/provider/aws_signature.hpp"
#include "tools/provider/text.hpp"

#include <utility>

namespace sluice::sim::aws {

namespace {

std::string_view name_of(int status) noexcept {
    switch (status) {
    case 403: return "AccessDeniedException";
    case 404: return "ResourceNotFoundException";
    case 408: return "ModelTimeoutException";
    case 424: return "ModelErrorException";
    case 429: return "ThrottlingException";
    case 503: return "ServiceUnavailableException";
    default: return status >= 500 ? "InternalServerException" : "ValidationException";
    }
}

} // namespace

std::optional<api_error> bedrock_dialect::refuse(const exchange& of) const {
    return refuse_signature(of, "bedrock");
}

answer bedrock_dialect::error(const api_error& e) const {
    std::string body = R"({"message":)";
    append_quoted(body, e.message);
    answer a = json(e.status, body + '}');
    const bool is_named = e.code.ends_with("Exception");
    a.fields = "x-amzn-errortype: ";
    a.fields += is_named ? std::string_view(e.code) : name_of(e.status);
    a.fields += ":http://internal.amazon.com/coral/com.amazon.bedrock/\r\n";
    return a;
}

answer bedrock_dialect::frames(std::unique_ptr<event_source> source) {
    answer a = events(std::move(source));
    a.content_type = "application/vnd.amazon.eventstream";
    return a;
}

tl::unexpected<api_error> refuse_aws(std::string message) {
    api_error e;
    e.message = std::move(message);
    e.code = "ValidationException";
    return tl::unexpected<api_error>(std::move(e));
}

std::string padding_of(std::uint64_t seed) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    return std::string(letters.substr(0, 1 + seed % letters.size()));
}

} // namespace sluice::sim::aws
