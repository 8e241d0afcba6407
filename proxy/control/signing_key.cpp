#include "proxy/control/signing_key.hpp"

#include "core/base/base64.hpp"
#include "core/base/log.hpp"

#include <optional>

namespace sluice::control {

namespace {

constexpr std::string_view meta_key = "oauth_signing_key";
constexpr std::string_view context = "meta/oauth_signing_key";
constexpr std::size_t signing_key_bytes = 32;

result<secret_string> make_signing_key(store& db, const vault& keys) {
    auto bytes = random_bytes(signing_key_bytes);
    if (!bytes) return fail(std::move(bytes).error());
    secret_string key(*bytes);
    wipe(*bytes);
    const auto sealed = keys.seal(key.reveal(), context);
    if (!sealed) return fail(sealed.error());
    if (auto kept = db.set_meta(meta_key, base64_encode(*sealed)); !kept)
        return fail(std::move(kept).error());
    return key;
}

} // namespace

result<secret_string> load_signing_key(store& db, const vault& keys) {
    const auto stored = db.meta(meta_key);
    if (!stored) return fail(stored.error());
    const auto& encoded = *stored;
    if (!encoded) return make_signing_key(db, keys);
    if (const auto sealed = base64_decode(*encoded)) {
        auto key = keys.open(*sealed, context);
        if (key && key->reveal().size() == signing_key_bytes) return key;
    }
    log::warn("oauth_signing_key_replaced", {{"cause", "the stored one does not open with this master key"}});
    return make_signing_key(db, keys);
}

} // namespace sluice::control
