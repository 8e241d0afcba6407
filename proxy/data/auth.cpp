#include "proxy/data/auth.hpp"

#include "core/base/base64.hpp"
#include "core/base/secret_string.hpp"
#include "proxy/data/session.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace sluice::data {

namespace {

constexpr std::size_t longest_credential = std::size_t{8} * 1024;

std::string_view trim_left(std::string_view text) {
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    return text;
}

// The scheme's argument, when the field has that scheme.
std::optional<std::string_view> argument_of(std::string_view scheme, std::string_view field) {
    if (field.size() <= scheme.size() || field[scheme.size()] != ' ') return std::nullopt;
    if (!http::iequals(field.substr(0, scheme.size()), scheme)) return std::nullopt;
    return trim_left(field.substr(scheme.size()));
}

std::optional<secret_string> basic_token(std::string_view encoded) {
    if (encoded.size() > longest_credential) return std::nullopt;
    auto plain = base64_decode(encoded);
    if (!plain) return std::nullopt;
    std::optional<secret_string> token;
    static constexpr std::string_view user = "token:";
    if (plain->starts_with(user)) token.emplace(std::string_view(*plain).substr(user.size()));
    wipe(*plain);
    return token;
}

tl::unexpected<error> missing() {
    return fail(errc::unauthenticated, "Credential was not sent or was of an unsupported type for this API.");
}

// What the scope model-serving includes beside queries.
constexpr std::string_view serving_calls[] = {"/api/2.0/serving-endpoints",
                                              "/api/2.0/permissions/serving-endpoints",
                                              "/api/2.0/endpoints",
                                              "/serving-endpoints",
                                              "/ai-gateway"};

bool is_below(std::string_view path, std::string_view prefix) {
    if (!path.starts_with(prefix)) return false;
    return path.size() == prefix.size() || path[prefix.size()] == '/';
}

} // namespace

result<void> check_may_query(const model::caller& by, const model::endpoint& endpoint) {
    if (!by.only_endpoint.empty() && by.only_endpoint != endpoint.id) {
        return fail(errc::permission_denied, "The access token is for queries of another endpoint.");
    }
    constexpr auto least = model::permission::can_query;
    if (model::permission_of(endpoint.acl, *by.who) < least)
        return fail(model::lacking(least, endpoint.name));
    return {};
}

result<void> check_may_call(const model::caller& by, std::string_view path) {
    if (!by.only_endpoint.empty()) {
        return fail(errc::permission_denied, "The access token is for queries of one endpoint only.");
    }
    if (by.scope == model::token_scope::all_apis) return {};
    for (const std::string_view prefix : serving_calls) {
        if (is_below(path, prefix)) return {};
    }
    return fail(errc::permission_denied,
                "The scope of the access token, model-serving, does not include this call.");
}

namespace {

result<model::caller> known_by(std::string_view token,
                               const model::snapshot& config,
                               model::credential_checker& checker,
                               wall_ms now) {
    auto by = checker.check(token, config, now);
    if (!by) return fail(errc::unauthenticated, "Invalid access token.");
    return *std::move(by);
}

result<model::caller> by_own_field(const http::field_list& fields,
                                   const model::snapshot& config,
                                   model::credential_checker& checker,
                                   wall_ms now,
                                   std::string_view own_field,
                                   std::string_view token) {
    const auto is_own = [own_field](const http::field& each) { return http::iequals(each.name, own_field); };
    if (std::ranges::count_if(fields, is_own) > 1)
        return fail(errc::bad_request, "There must be one credential field only.");
    return known_by(token, config, checker, now);
}

result<model::caller> by_session(const http::request_head& head,
                                 const model::snapshot& config,
                                 model::credential_checker& checker,
                                 wall_ms now) {
    const auto cookie = session_cookie(head.fields);
    if (!cookie) return fail(cookie.error());
    if (cookie->empty()) return missing();
    if (auto own = check_origin(head); !own) return fail(std::move(own).error());
    if (auto good = check_csrf(head, *cookie, checker); !good) return fail(std::move(good).error());
    return signed_in(*cookie, config, checker, now);
}

} // namespace

result<model::caller> authenticate(const http::request_head& head,
                                   const model::snapshot& config,
                                   model::credential_checker& checker,
                                   wall_ms now,
                                   std::string_view own_field) {
    const http::field_list& fields = head.fields;
    const auto field = http::find(fields, "authorization");
    if (!field) {
        const auto own = own_field.empty() ? std::nullopt : http::find(fields, own_field);
        return own ? by_own_field(fields, config, checker, now, own_field, *own)
                   : by_session(head, config, checker, now);
    }
    const auto is_credential = [](const http::field& each) {
        return http::iequals(each.name, "authorization");
    };
    if (std::ranges::count_if(fields, is_credential) > 1) // who else reads the head may take another one
        return fail(errc::bad_request, "There must be one Authorization field only.");
    std::optional<secret_string> from_basic;
    std::string_view token;
    if (const auto bearer = argument_of("Bearer", *field)) {
        token = *bearer;
    } else if (const auto basic = argument_of("Basic", *field)) {
        from_basic = basic_token(*basic);
        if (!from_basic) return missing();
        token = from_basic->reveal();
    } else {
        return missing();
    }
    return known_by(token, config, checker, now);
}

} // namespace sluice::data
