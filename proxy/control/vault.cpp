#include "proxy/control/vault.hpp"

#include "core/base/base64.hpp"
#include "core/base/hex.hpp"
#include "proxy/control/vault_key.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <memory>
#include <optional>
#include <utility>

namespace sluice::control {

namespace {

// A sealed text: version, nonce, tag, then as many bytes as the text has. The version is authenticated with
// the context.
constexpr char format_version = 1;
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
constexpr std::size_t head_bytes = 1 + nonce_bytes + tag_bytes;

constexpr std::string_view check_key = "vault_check";
constexpr std::string_view check_context = "meta/vault_check";
constexpr std::string_view check_text = "sluice";

struct free_cipher {
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
using cipher = std::unique_ptr<EVP_CIPHER_CTX, free_cipher>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

// A cipher that has the key, the nonce and what is authenticated beside the text; null when OpenSSL refuses.
cipher
begin_cipher(const secret_string& key, std::string_view nonce, std::string_view context, bool encrypt) {
    cipher out(EVP_CIPHER_CTX_new());
    if (!out) return nullptr;
    const int direction = encrypt ? 1 : 0;
    if (EVP_CipherInit_ex2(
            out.get(), EVP_aes_256_gcm(), bytes_of(key.reveal()), bytes_of(nonce), direction, nullptr) != 1) {
        return nullptr;
    }
    const std::string associated = format_version + std::string(context);
    int taken = 0;
    const int size = static_cast<int>(associated.size());
    if (EVP_CipherUpdate(out.get(), nullptr, &taken, bytes_of(std::string_view(associated)), size) != 1)
        return nullptr;
    return out;
}

result<void> write_check(store& to, const vault& keys) {
    auto sealed = keys.seal(check_text, check_context);
    if (!sealed) return fail(std::move(sealed).error());
    return to.set_meta(check_key, base64_encode(*sealed));
}

// Is this the key that the database was sealed with? A database that holds nothing sealed takes any key.
result<void> check_against(store& from, const vault& keys) {
    const auto stored = from.meta(check_key);
    if (!stored) return fail(stored.error());
    const auto& encoded = *stored;
    if (!encoded) return write_check(from, keys);
    const auto sealed = base64_decode(*encoded);
    if (sealed && keys.open(*sealed, check_context)) return {};
    const auto in_use = from.has_sealed_data();
    if (!in_use) return fail(in_use.error());
    if (!*in_use) return write_check(from, keys);
    return fail(
        errc::internal_error,
        "wrong master key: the secrets in " + from.data_dir() +
            " were encrypted with another one; start with that key in SLUICE_MASTER_KEY or master.key");
}

} // namespace

result<std::string> vault::seal(std::string_view plain, std::string_view context) const {
    std::string out(head_bytes + plain.size(), '\0');
    out[0] = format_version;
    unsigned char* const nonce = bytes_of(out) + 1;
    unsigned char* const tag = nonce + nonce_bytes;
    if (RAND_bytes(nonce, nonce_bytes) != 1)
        return fail(errc::internal_error, "The system gives no random bytes.");
    const cipher work = begin_cipher(key_, std::string_view(out).substr(1, nonce_bytes), context, true);
    int written = 0;
    int rest = 0;
    const bool ok =
        work &&
        EVP_CipherUpdate(
            work.get(), tag + tag_bytes, &written, bytes_of(plain), static_cast<int>(plain.size())) == 1 &&
        EVP_CipherFinal_ex(work.get(), tag + tag_bytes + written, &rest) == 1 &&
        EVP_CIPHER_CTX_ctrl(work.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag_bytes), tag) == 1;
    if (!ok) return fail(errc::internal_error, "A secret could not be encrypted.");
    return out;
}

result<secret_string> vault::open(std::string_view sealed, std::string_view context) const {
    const auto damaged = [] {
        return fail(errc::internal_error, "A stored secret cannot be decrypted: it is damaged or was moved.");
    };
    if (sealed.size() < head_bytes || sealed[0] != format_version) return damaged();
    std::string tag(sealed.substr(1 + nonce_bytes, tag_bytes));
    const std::string_view body = sealed.substr(head_bytes);
    std::string plain(body.size() + 1, '\0'); // never empty: OpenSSL gets a pointer that it may write to
    const cipher work = begin_cipher(key_, sealed.substr(1, nonce_bytes), context, false);
    int written = 0;
    int rest = 0;
    const bool ok =
        work &&
        EVP_CipherUpdate(
            work.get(), bytes_of(plain), &written, bytes_of(body), static_cast<int>(body.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(work.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag_bytes), bytes_of(tag)) ==
            1 &&
        EVP_CipherFinal_ex(work.get(), bytes_of(plain) + written, &rest) == 1;
    if (!ok) {
        wipe(plain);
        return damaged();
    }
    secret_string out(std::string_view(plain).substr(0, body.size()));
    wipe(plain);
    return out;
}

std::string vault::fingerprint(std::string_view text) const {
    // Derived, so that the key of the cipher has one use only.
    constexpr std::string_view label = "sluice config fingerprint";
    std::array<unsigned char, 32> derived{};
    std::array<unsigned char, 32> digest{};
    const std::string_view key = key_.reveal();
    HMAC(EVP_sha256(),
         key.data(),
         static_cast<int>(key.size()),
         bytes_of(label),
         label.size(),
         derived.data(),
         nullptr);
    HMAC(EVP_sha256(),
         derived.data(),
         static_cast<int>(derived.size()),
         bytes_of(text),
         text.size(),
         digest.data(),
         nullptr);
    OPENSSL_cleanse(derived.data(), derived.size());
    return hex_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

result<std::unique_ptr<vault>> vault::load(store& from, const secret_string& master_key) {
    result<secret_string> key;
    if (!master_key.empty()) {
        key = parse_master_key(master_key, "SLUICE_MASTER_KEY");
    } else {
        const auto used_before = from.meta(check_key);
        if (!used_before) return fail(used_before.error());
        const auto in_use = from.has_sealed_data();
        if (!in_use) return fail(in_use.error());
        key = key_from_file(from.data_dir(), !(used_before->has_value() && *in_use));
    }
    if (!key) return fail(std::move(key).error());
    std::unique_ptr<vault> opened(new vault(std::move(*key)));
    if (auto right = check_against(from, *opened); !right) return fail(std::move(right).error());
    return opened;
}

result<std::string> random_bytes(std::size_t count) {
    std::string out(count, '\0');
    if (RAND_bytes(bytes_of(out), static_cast<int>(count)) != 1) {
        return fail(errc::internal_error, "The system gives no random bytes.");
    }
    return out;
}

result<std::string> random_hex(std::size_t bytes) {
    auto raw = random_bytes(bytes);
    if (!raw) return raw;
    auto out = hex_encode(*raw);
    wipe(*raw);
    return out;
}

} // namespace sluice::control
