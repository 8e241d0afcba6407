#include "proxy/control/oauth.hpp"

#include "core/base/log.hpp"
#include "core/json/writer.hpp"
#include "proxy/control/data_plane.hpp"
#include "proxy/control/vault.hpp"
#include "proxy/model/permission.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace sluice::control {

namespace {

constexpr std::string_view by_client = "client_credentials";
constexpr std::string_view by_assertion = "urn:ietf:params:oauth:grant-type:jwt-bearer";

// One answer for an endpoint that is not there and one that the caller may not query: an id says nothing
// then.
oauth_result<void>
check_endpoint(std::string_view id, const model::principal& who, const registry& endpoints) {
    const endpoint_record* found = endpoints.find_by_id(id);
    if (found && model::permission_of(found->acl, who) >= model::permission::can_query) return {};
    return refuse("invalid_authorization_details",
                  "The endpoint does not exist, or its CAN_QUERY permission is missing.");
}

} // namespace

oauth_result<oauth::grant> oauth::grant_client(const oauth_form& form,
                                               const model::management_request& request,
                                               const model::snapshot& config) {
    const oauth_result<client_credentials> sent = read_client(form, request.authorization);
    if (!sent) return refuse(sent.error());
    const auto found = secrets_.authenticate(sent->id, sent->secret.reveal(), config);
    if (!found) return refuse(server_error, found.error().message);
    const auto& client = *found;
    if (!client) return refuse("invalid_client", "The client or its secret is not known.");
    return grant{*client, sent->id};
}

oauth_result<oauth::grant> oauth::grant_assertion(const oauth_form& form, const model::snapshot& config) {
    const std::string_view assertion = form.get("assertion");
    if (assertion.empty()) return refuse("invalid_request", "The parameter 'assertion' is missing.");
    if (form.get("authorization_details").empty()) {
        return refuse("invalid_request", "The parameter 'authorization_details' is missing.");
    }
    std::optional<model::caller> by = checker_.check(assertion, config, time_.wall());
    if (!by) return refuse("invalid_grant", "The assertion is not a valid token.");
    // Else a token for one endpoint could be renewed for ever.
    if (!by->only_endpoint.empty()) {
        return refuse("invalid_grant", "The assertion is a token for one endpoint itself.");
    }
    return grant{std::move(*by), {}};
}

oauth_result<oauth::grant> oauth::grant_for(const oauth_form& form,
                                            const model::management_request& request,
                                            const model::snapshot& config) {
    const std::string_view type = form.get("grant_type");
    if (type.empty()) return refuse("invalid_request", "The parameter 'grant_type' is missing.");
    if (type != by_client && type != by_assertion) {
        return refuse("unsupported_grant_type",
                      "The grant types are client_credentials and "
                      "urn:ietf:params:oauth:grant-type:jwt-bearer.");
    }
    if (!form.get("assume_group").empty()) {
        return refuse("invalid_request", "A token for a group is not supported.");
    }
    const auto scope = read_scope(form);
    if (!scope) return refuse(scope.error());
    oauth_result<std::string> endpoint = read_details(form);
    if (!endpoint) return refuse(endpoint.error());

    oauth_result<grant> out =
        type == by_client ? grant_client(form, request, config) : grant_assertion(form, config);
    if (!out) return out;
    // What was asked for, but never more than the credential has.
    if (const auto& wanted = *scope) out->by.scope = std::max(out->by.scope, *wanted);
    if (!endpoint->empty()) {
        const auto allowed = check_endpoint(*endpoint, *out->by.who, endpoints_);
        if (!allowed) return refuse(allowed.error());
        out->by.only_endpoint = std::move(*endpoint);
    }
    return out;
}

result<reply>
oauth::issue(const grant& to, const model::management_request& request, const model::snapshot& config) {
    auto id = random_hex(16);
    if (!id) return fail(std::move(id).error());
    const std::int64_t now = time_.wall() / 1000;
    // It does not outlive what it was had for.
    const std::int64_t expires =
        to.by.expires_ms < 0 ? now + token_lifetime : std::min(now + token_lifetime, to.by.expires_ms / 1000);
    if (expires <= now) return to_reply(refuse("invalid_grant", "The credential has just expired.").value());
    const model::access_claims claims{.subject = to.by.who->id,
                                      .audience = config.workspace_id,
                                      .client_id = to.client_id,
                                      .token_id = std::move(*id),
                                      .endpoint_id = to.by.only_endpoint,
                                      .scope = to.by.scope,
                                      .issued = now,
                                      .expires = expires};
    hmac_sha256* const key = checker_.signer(config);
    const auto token = key ? model::issue_access_token(claims, *key) : std::nullopt;
    if (!token) return fail(errc::internal_error, "An access token could not be made.");
    log::info("access_token_issued",
              {{"request_id", request.request_id},
               {"remote", request.remote},
               {"principal", claims.subject},
               {"token_id", claims.token_id},
               {"endpoint_id", claims.endpoint_id},
               {"expires", claims.expires}});
    reply out;
    out.body.clear();
    json::object_writer body(out.body);
    body.text("access_token", *token);
    body.text("token_type", "Bearer");
    body.number("expires_in", expires - now);
    body.text("scope", to_string(claims.scope));
    if (!claims.endpoint_id.empty())
        body.raw("authorization_details", authorization_details_for(claims.endpoint_id));
    body.close();
    out.headers.emplace_back("cache-control", "no-store");
    out.headers.emplace_back("pragma", "no-cache");
    return out;
}

result<reply> oauth::token(const model::management_request& request, const model::snapshot& config) {
    const auto form = oauth_form::parse(request);
    if (!form) return to_reply(form.error());
    const auto granted = grant_for(*form, request, config);
    if (granted) return issue(*granted, request, config);
    log::warn("access_token_refused",
              {{"request_id", request.request_id},
               {"remote", request.remote},
               {"error", granted.error().code},
               {"cause", granted.error().description}});
    if (granted.error().code == server_error) return fail(errc::internal_error, granted.error().description);
    return to_reply(granted.error());
}

} // namespace sluice::control
