// POST /oidc/v1/token (api.md §3.3, §14.3): access tokens for service principals, by id and secret, and
// for queries of one endpoint, by a token that the caller has already. Nothing is stored: a token is good as
// long as its signature, its time and its principal are. Control thread only.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "proxy/control/oauth_form.hpp"
#include "proxy/control/principal_secrets.hpp"
#include "proxy/control/registry.hpp"
#include "proxy/control/reply.hpp"
#include "proxy/model/credentials.hpp"
#include "proxy/model/management.hpp"
#include "proxy/model/snapshot.hpp"

#include <string>
#include <string_view>

namespace sluice::control {

class oauth {
public:
    static constexpr std::int64_t token_lifetime = 3600; // seconds

    // The references must outlive the object.
    oauth(principal_secrets& secrets, const registry& endpoints, const clock& time)
        : secrets_(secrets)
        , endpoints_(endpoints)
        , time_(time) {}

    // `config`: what the data plane has, or is about to have. Errors internal_error; a refusal is a reply.
    [[nodiscard]] result<reply> token(const model::management_request& request,
                                      const model::snapshot& config);

private:
    // Whom the token is for and what it is limited to.
    struct grant {
        model::caller by;
        std::string client_id;
    };
    [[nodiscard]] oauth_result<grant> grant_client(const oauth_form& form,
                                                   const model::management_request& request,
                                                   const model::snapshot& config);
    [[nodiscard]] oauth_result<grant> grant_assertion(const oauth_form& form, const model::snapshot& config);
    [[nodiscard]] oauth_result<grant> grant_for(const oauth_form& form,
                                                const model::management_request& request,
                                                const model::snapshot& config);
    [[nodiscard]] result<reply>
    issue(const grant& to, const model::management_request& request, const model::snapshot& config);

    principal_secrets& secrets_;
    const registry& endpoints_;
    const clock& time_;
    model::credential_checker checker_;
};

} // namespace sluice::control
