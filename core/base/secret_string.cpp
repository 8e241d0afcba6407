#include "core/base/secret_string.hpp"

#include <openssl/crypto.h>

namespace sluice {

void wipe(std::string& text) noexcept {
    if (text.capacity() > 0) OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

secret_string::secret_string(std::string_view text)
    : text_(text) {}

secret_string::secret_string(const secret_string& other) = default;

secret_string::secret_string(secret_string&& other) noexcept
    : text_(std::move(other.text_)) {
    other.wipe();
}

secret_string& secret_string::operator=(const secret_string& other) {
    if (this != &other) {
        std::string copy = other.text_; // may throw: before the old text is gone
        wipe();
        text_ = std::move(copy);
    }
    return *this;
}

secret_string& secret_string::operator=(secret_string&& other) noexcept {
    if (this != &other) {
        wipe();
        text_.swap(other.text_);
    }
    return *this;
}

secret_string::~secret_string() {
    wipe();
}

void secret_string::wipe() noexcept {
    // A short text lives inside the object, where a move leaves a copy: the whole capacity is wiped.
    text_.resize(text_.capacity());
    sluice::wipe(text_);
}

bool operator==(const secret_string& a, const secret_string& b) noexcept {
    return a.text_.size() == b.text_.size() &&
           CRYPTO_memcmp(a.text_.data(), b.text_.data(), a.text_.size()) == 0;
}

} // namespace sluice
