#include "tools/provider/aws_signature.hpp"

#include "core/base/hex.hpp"
#include "tools/provider/text.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <utility>
#include <vector>

namespace sluice::sim::aws {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::int64_t most_skew = 300;

std::string sha256(std::string_view text) {
    std::array<unsigned char, 32> digest{};
    EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string hmac(std::string_view key, std::string_view text) {
    std::array<unsigned char, 32> code{};
    HMAC(EVP_sha256(),
         key.data(),
         static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()),
         text.size(),
         code.data(),
         nullptr);
    return {reinterpret_cast<const char*>(code.data()), code.size()};
}

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = text.find(at);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

// The path as it was sent, encoded once more.
std::string canonical_path(std::string_view path) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : path) {
        const bool stays = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view("-._~/").find(c) != std::string_view::npos;
        if (stays) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
    return out;
}

std::string canonical_query(std::string_view query) {
    if (query.empty()) return {};
    std::vector<std::string> pairs;
    for (const std::string_view each : split(query, '&'))
        pairs.push_back(each.find('=') == std::string_view::npos ? std::string(each) + '='
                                                                 : std::string(each));
    std::sort(pairs.begin(), pairs.end());
    std::string out;
    for (const std::string& each : pairs) {
        if (!out.empty()) out += '&';
        out += each;
    }
    return out;
}

// Without blanks around it, and with one for each run of them inside.
std::string squeezed(std::string_view value) {
    std::string out;
    for (const char c : value) {
        if (c != ' ' && c != '\t') {
            out += c;
        } else if (!out.empty() && out.back() != ' ') {
            out += ' ';
        }
    }
    if (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

// The value of `name=…` among the parts of an Authorization.
std::string_view part_of(std::string_view authorization, std::string_view name) {
    std::size_t at = authorization.find(name);
    if (at == std::string_view::npos) return {};
    at += name.size();
    return authorization.substr(at, authorization.find_first_of(", ", at) - at);
}

api_error refusal(std::string_view name, std::string message) {
    api_error e;
    e.status = 403;
    e.code = name;
    e.message = std::move(message);
    return e;
}

// "20260115T123456Z" in seconds since 1970.
std::optional<std::int64_t> time_of(std::string_view date) {
    if (date.size() != 16 || date[8] != 'T' || date[15] != 'Z') return std::nullopt;
    const auto number = [&date](std::size_t at, std::size_t size) {
        int value = -1;
        std::from_chars(date.data() + at, date.data() + at + size, value);
        return value;
    };
    std::tm parts{};
    parts.tm_year = number(0, 4) - 1900;
    parts.tm_mon = number(4, 2) - 1;
    parts.tm_mday = number(6, 2);
    parts.tm_hour = number(9, 2);
    parts.tm_min = number(11, 2);
    parts.tm_sec = number(13, 2);
    return timegm(&parts);
}

std::string key_id_of(std::string_view token) {
    std::string id = "ASIASIM";
    append_hex(id, hash_text(token, 1));
    return id;
}

std::string secret_of(std::string_view token) {
    std::string secret = "sim/";
    append_hex(secret, hash_text(token, 2));
    append_hex(secret, hash_text(token, 3));
    return secret;
}

struct claimed {
    std::string_view key_id;
    std::string_view scope; // without the key
    std::string_view names;
    std::string_view signature;
};

std::optional<claimed> claim_of(std::string_view authorization) {
    if (!authorization.starts_with(algorithm)) return std::nullopt;
    const std::string_view credential = part_of(authorization, "Credential=");
    const std::size_t slash = credential.find('/');
    claimed out;
    out.names = part_of(authorization, "SignedHeaders=");
    out.signature = part_of(authorization, "Signature=");
    if (slash == std::string_view::npos || out.names.empty() || out.signature.empty()) return std::nullopt;
    out.key_id = credential.substr(0, slash);
    out.scope = credential.substr(slash + 1);
    return out;
}

bool is_good_scope(std::string_view scope, std::string_view date, std::string_view service) {
    const auto parts = split(scope, '/');
    return parts.size() == 4 && parts[0] == date.substr(0, 8) && !parts[1].empty() && parts[2] == service &&
           parts[3] == "aws4_request";
}

// Every field that must not change under way is signed.
bool signs_enough(const http_request& request, std::string_view names) {
    const auto all = split(names, ';');
    const auto has = [&all](std::string_view name) {
        return std::find(all.begin(), all.end(), name) != all.end();
    };
    if (!std::is_sorted(all.begin(), all.end()) || !has("host") || !has("x-amz-date")) return false;
    return std::all_of(request.fields.begin(), request.fields.end(), [&has](const header_field& each) {
        std::string name(each.name);
        std::transform(name.begin(), name.end(), name.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        const bool must = name == "content-type" || (name.starts_with("x-amz-") && name != "x-amzn-trace-id");
        return !must || has(name);
    });
}

// The secret of whoever says to have signed; or the error.
std::optional<api_error> find_secret(const exchange& of, std::string_view key_id, std::string& secret) {
    const std::string_view token = field_value(of.request, "x-amz-security-token");
    if (token.empty()) {
        if (key_id != of.who.aws_key_id)
            return refusal("UnrecognizedClientException",
                           "The security token included in the request is invalid.");
        secret = of.who.aws_secret;
        return std::nullopt;
    }
    if (!is_good_token(token_kind::aws_session, token, of.now))
        return refusal("ExpiredTokenException", "The security token included in the request is expired");
    if (key_id != key_id_of(token))
        return refusal("UnrecognizedClientException",
                       "The security token included in the request is invalid.");
    secret = secret_of(token);
    return std::nullopt;
}

} // namespace

session make_session(std::int64_t expires) {
    session out;
    out.token = make_token(token_kind::aws_session, expires);
    out.key_id = key_id_of(out.token);
    out.secret = secret_of(out.token);
    out.expires = expires;
    return out;
}

std::string canonical_request(const http_request& request, std::string_view signed_names) {
    const std::size_t mark = std::min(request.target.find('?'), request.target.size());
    std::string out(request.method);
    out += '\n';
    out += canonical_path(request.target.substr(0, mark));
    out += '\n';
    out += canonical_query(request.target.substr(std::min(mark + 1, request.target.size())));
    out += '\n';
    for (const std::string_view name : split(signed_names, ';')) {
        out += name;
        out += ':';
        bool first = true;
        for (const header_field& each : request.fields) {
            if (!same_name(each.name, name)) continue;
            if (!first) out += ',';
            first = false;
            out += squeezed(each.value);
        }
        out += '\n';
    }
    out += '\n';
    out += signed_names;
    out += '\n';
    return out + hex_encode(sha256(request.body));
}

std::string
sign(std::string_view secret, std::string_view scope, std::string_view date, std::string_view canonical) {
    std::string text(algorithm);
    text.append("\n").append(date).append("\n").append(scope).append("\n").append(
        hex_encode(sha256(canonical)));
    std::string key = "AWS4" + std::string(secret);
    for (const std::string_view each : split(scope, '/'))
        key = hmac(key, each);
    return hex_encode(hmac(key, text));
}

std::optional<api_error> refuse_signature(const exchange& of, std::string_view service) {
    const std::string_view authorization = field_value(of.request, "authorization");
    if (!of.who.api_key.empty() && bearer_of(of.request) == of.who.api_key) return std::nullopt;
    const auto claim = claim_of(authorization);
    if (!claim) return refusal("MissingAuthenticationTokenException", "Missing Authentication Token");
    const std::string_view date = field_value(of.request, "x-amz-date");
    const auto time = time_of(date);
    if (!time || !is_good_scope(claim->scope, date, service))
        return refusal("InvalidSignatureException", "Credential should be scoped to a valid region.");
    if (std::abs(*time - of.now) > most_skew)
        return refusal("InvalidSignatureException",
                       "Signature expired: " + std::string(date) + " is now earlier or later than " +
                           iso_time(of.now));
    std::string secret;
    if (auto refused = find_secret(of, claim->key_id, secret)) return refused;
    const bool good =
        signs_enough(of.request, claim->names) &&
        sign(secret, claim->scope, date, canonical_request(of.request, claim->names)) == claim->signature;
    if (good) return std::nullopt;
    return refusal("InvalidSignatureException",
                   "The request signature we calculated does not match the signature you provided.");
}

std::string iso_time(std::int64_t seconds) {
    const std::time_t time = seconds;
    std::tm parts{};
    gmtime_r(&time, &parts);
    std::array<char, 32> out{};
    const std::size_t size = std::strftime(out.data(), out.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {out.data(), size};
}

} // namespace sluice::sim::aws
