// Encryption at rest: AES-256-GCM under one master key. What is sealed for one place (the context) does not
// open at another, so blobs in the database cannot be swapped. Control thread only; the key is wiped with the
// object.
#pragma once

#include "core/base/error.hpp"
#include "core/base/secret_string.hpp"
#include "proxy/control/store.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::control {

class vault {
public:
    // The key comes from `master_key` (base64 of 32 bytes; SLUICE_MASTER_KEY), or if that is empty from the
    // file `master.key` in the store's directory, which is made at the first start. Errors, for the operator
    // to read: a malformed key, a file that others may read, a missing file, or a key that is not the one the
    // database was sealed with.
    [[nodiscard]] static result<std::unique_ptr<vault>> load(store& from, const secret_string& master_key);

    vault(const vault&) = delete;
    vault& operator=(const vault&) = delete;
    ~vault() = default;

    // Bytes to be stored. `context` names the place and must not hold one text for two places:
    // "secret/<scope>/<key>".
    [[nodiscard]] result<std::string> seal(std::string_view plain, std::string_view context) const;

    // Error internal_error: not sealed by this key for this context, or damaged.
    [[nodiscard]] result<secret_string> open(std::string_view sealed, std::string_view context) const;

    // Tells equal texts from different ones and says nothing else about them: an HMAC under a key derived
    // from the master key. For config entries, whose text may hold secrets (store::config_entry). 64 hex
    // digits.
    [[nodiscard]] std::string fingerprint(std::string_view text) const;

private:
    explicit vault(secret_string key)
        : key_(std::move(key)) {}

    secret_string key_; // 32 raw bytes
};

// Bytes from the system's generator.
[[nodiscard]] result<std::string> random_bytes(std::size_t count);
// The same as lower-case hex digits, two a byte.
[[nodiscard]] result<std::string> random_hex(std::size_t bytes);

} // namespace sluice::control
