// AWS Signature Version 4 (providers.md §11): proves who asks without sending the secret. Pure; the steps are
// there for the known answers, append_proof() does all of them.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/secret_string.hpp"
#include "core/base/sha256.hpp"
#include "providers/request_head.hpp"

#include <span>
#include <string>
#include <string_view>

namespace sluice::providers::sigv4 {

struct keys {
    std::string_view id;      // access key id
    std::string_view secret;  // secret access key
    std::string_view session; // of keys that do not last: the session token; else empty
};

struct scope {
    std::string_view region;
    std::string_view service; // "bedrock", "sts"
};

// What is signed. There is no query: no API that is called here has one.
struct message {
    std::string_view method;
    std::string_view path; // as sent, with its percent escapes
    // As sent, in any order and with Host. Those that a proxy may change are left out of the signature.
    std::span<const head_field> fields;
    std::span<const std::string_view> body; // in pieces
};

// "20260115T123456Z"; the date is the first eight characters.
[[nodiscard]] std::string time_text(wall_ms now);

struct canonical_request {
    std::string text;
    std::string signed_names; // "content-type;host;x-amz-date"
};
// `fields` of the message include X-Amz-Date, and X-Amz-Security-Token if there is one.
[[nodiscard]] canonical_request canonical(const message& of, sha256& hasher);

[[nodiscard]] std::string
string_to_sign(std::string_view time, const scope& in, std::string_view canonical, sha256& hasher);

// 32 bytes, good for one day.
[[nodiscard]] secret_string signing_key(std::string_view secret, std::string_view date, const scope& in);

// Appends the field lines that prove it: X-Amz-Date, X-Amz-Security-Token if there is one, Authorization.
// False when a key has characters that must not stand in a head.
[[nodiscard]] bool
append_proof(std::string& lines, const message& of, const keys& with, const scope& in, wall_ms now);

} // namespace sluice::providers::sigv4
