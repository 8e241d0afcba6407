// SHA-256 of short texts: tokens are known by their digest only.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;
struct evp_md_st;

namespace sluice {

using sha256_digest = std::array<unsigned char, 32>;

// The 32 raw bytes as text, the key of maps. Good as long as the digest lives.
[[nodiscard]] inline std::string_view as_text(const sha256_digest& digest) noexcept {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Looks the algorithm up once and reuses one context, because OpenSSL 3 spends more on these two than on a
// short text. One object per thread: a shard owns one for the tokens it is sent.
class sha256 {
public:
    sha256();
    sha256(const sha256&) = delete;
    sha256& operator=(const sha256&) = delete;
    ~sha256();

    [[nodiscard]] sha256_digest digest(std::string_view text) noexcept;
    // Of the pieces one behind the other.
    [[nodiscard]] sha256_digest digest(std::span<const std::string_view> pieces) noexcept;

private:
    struct free_algorithm {
        void operator()(evp_md_st* algorithm) const noexcept;
    };
    struct free_context {
        void operator()(evp_md_ctx_st* context) const noexcept;
    };

    std::unique_ptr<evp_md_st, free_algorithm> algorithm_;
    std::unique_ptr<evp_md_ctx_st, free_context> context_;
};

// The digest of a token's text, for code that needs one now and then; the request path owns a `sha256`.
[[nodiscard]] sha256_digest token_digest(std::string_view text);

} // namespace sluice
