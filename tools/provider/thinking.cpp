#include "tools/provider/thinking.hpp"

#include "core/base/base64.hpp"
#include "core/base/sha256.hpp"
#include "tools/provider/text.hpp"

namespace sluice::sim::thinking {

namespace {

std::string mark_of(std::string_view kind, std::string_view text) {
    std::string whole("sluice-provider ");
    whole.append(kind).append("\n").append(text);
    const sha256_digest digest = token_digest(whole);
    return std::string(as_text(digest));
}

constexpr std::size_t mark_bytes = 32;

} // namespace

std::string text_of(const call& c) {
    std::string text("Let me see.\n\"");
    append_hex(text, c.seed);
    return text + "\" 🪐";
}

std::string signature_of(std::string_view text) {
    return base64_encode(mark_of("signature", text));
}

std::string redacted_of(const call& c) {
    std::string hidden;
    append_hex(hidden, c.seed);
    return base64_encode(mark_of("redacted", hidden) + hidden);
}

bool is_signed(std::string_view text, std::string_view signature) {
    return signature == signature_of(text);
}

bool is_redacted(std::string_view data) {
    const auto all = base64_decode(data);
    return all && all->size() > mark_bytes &&
           all->substr(0, mark_bytes) == mark_of("redacted", std::string_view(*all).substr(mark_bytes));
}

} // namespace sluice::sim::thinking
