#include "proxy/data/proofs.hpp"

#include "core/http/message.hpp"
#include "providers/credential.hpp"

#include <algorithm>
#include <array>

namespace sluice::data {

namespace {

constexpr std::array<std::string_view, 3> proving = {
    "authorization", "x-amz-security-token", "x-aws-ec2-metadata-token"};

bool is_proving(std::string_view name) {
    return std::any_of(
        proving.begin(), proving.end(), [name](std::string_view each) { return http::iequals(each, name); });
}

// A bearer token without its scheme; of a SigV4 value the signature, for the rest is words that errors need.
std::string_view proof_in(std::string_view value) {
    constexpr std::string_view scheme = "Bearer ";
    constexpr std::string_view signature = "Signature=";
    if (value.starts_with(scheme)) return value.substr(scheme.size());
    const std::size_t at = value.starts_with("AWS4-") ? value.find(signature) : std::string_view::npos;
    return at == std::string_view::npos ? value : value.substr(at + signature.size());
}

} // namespace

std::vector<secret_string> proofs_of(std::string_view lines) {
    std::vector<secret_string> out;
    while (!lines.empty()) {
        const std::size_t end = std::min(lines.find("\r\n"), lines.size());
        const std::string_view line = lines.substr(0, end);
        lines.remove_prefix(std::min(end + 2, lines.size()));
        const std::size_t colon = line.find(": ");
        if (colon == std::string_view::npos || !is_proving(line.substr(0, colon))) continue;
        out.emplace_back(proof_in(line.substr(colon + 2)));
    }
    return out;
}

std::vector<secret_string> proofs_of(std::string_view lines, const providers::credential* with) {
    std::vector<secret_string> out = proofs_of(lines);
    if (with != nullptr) providers::append_secrets(out, *with);
    return out;
}

} // namespace sluice::data
