// HMAC with SHA-256 (RFC 2104) under one key.
#pragma once

#include "core/base/secret_string.hpp"
#include "core/base/sha256.hpp"

#include <memory>
#include <string_view>

struct evp_mac_ctx_st;

namespace sluice {

// Takes the key in once, because that costs more than a short text. One object per thread. OpenSSL wipes its
// copy of the key with the object.
class hmac_sha256 {
public:
    explicit hmac_sha256(const secret_string& key);
    hmac_sha256(const hmac_sha256&) = delete;
    hmac_sha256& operator=(const hmac_sha256&) = delete;
    ~hmac_sha256();

    [[nodiscard]] sha256_digest sign(std::string_view text) noexcept;
    // In constant time. False also when `code` has not 32 bytes.
    [[nodiscard]] bool verify(std::string_view text, std::string_view code) noexcept;

private:
    struct free_context {
        void operator()(evp_mac_ctx_st* context) const noexcept;
    };

    std::unique_ptr<evp_mac_ctx_st, free_context> context_;
};

} // namespace sluice
