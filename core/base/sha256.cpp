#include "core/base/sha256.hpp"

#include <openssl/evp.h>

#include <cassert>

namespace sluice {

void sha256::free_algorithm::operator()(evp_md_st* algorithm) const noexcept {
    EVP_MD_free(algorithm);
}

void sha256::free_context::operator()(evp_md_ctx_st* context) const noexcept {
    EVP_MD_CTX_free(context);
}

sha256::sha256()
    : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr))
    , context_(EVP_MD_CTX_new()) {
    assert(algorithm_ && context_);
}

sha256::~sha256() = default;

sha256_digest sha256::digest(std::string_view text) noexcept {
    return digest(std::span<const std::string_view>(&text, 1));
}

sha256_digest sha256::digest(std::span<const std::string_view> pieces) noexcept {
    sha256_digest out{};
    // None of the three can fail for a built-in digest whose context exists.
    EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr);
    for (const std::string_view each : pieces)
        EVP_DigestUpdate(context_.get(), each.data(), each.size());
    EVP_DigestFinal_ex(context_.get(), out.data(), nullptr);
    return out;
}

sha256_digest token_digest(std::string_view text) {
    return sha256().digest(text);
}

} // namespace sluice
