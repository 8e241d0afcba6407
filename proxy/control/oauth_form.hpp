// Reads what a client sends to POST /oidc/v1/token: the form, its own credentials, the scope and the details
// of what it asks for. Refusals are those of RFC 6749 §5.2 and RFC 9396 §5, and never quote a value. Pure.
#pragma once

#include "core/base/secret_string.hpp"
#include "proxy/control/reply.hpp"
#include "proxy/model/access_token.hpp"
#include "proxy/model/management.hpp"

#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace sluice::control {

struct oauth_error {
    std::string_view code; // "invalid_client": a constant
    std::string description;
};
// Not a refusal: the call failed inside, and the description is for the operator.
inline constexpr std::string_view server_error = "server_error";
template <class T>
using oauth_result = tl::expected<T, oauth_error>;

[[nodiscard]] tl::unexpected<oauth_error> refuse(std::string_view code, std::string description);
[[nodiscard]] tl::unexpected<oauth_error> refuse(oauth_error refused);

// 400, of invalid_client 401 with a challenge. Has the members of our other errors beside those of the RFC.
[[nodiscard]] reply to_reply(const oauth_error& refused);

// The parameters, decoded; each at most once. An empty one counts as absent (RFC 6749 §3.2).
class oauth_form {
public:
    [[nodiscard]] static oauth_result<oauth_form> parse(const model::management_request& request);

    // Empty when it is absent. Good as long as the form lives.
    [[nodiscard]] std::string_view get(std::string_view name) const;

private:
    boost::json::object parameters_;
};

struct client_credentials {
    std::string id;
    secret_string secret;
};
// By Basic or in the form, but not both.
[[nodiscard]] oauth_result<client_credentials> read_client(const oauth_form& form,
                                                           const secret_string& authorization);

// The scope that is asked for, or nothing when the client leaves it to us. offline_access is passed over:
// there are no refresh tokens to be had.
[[nodiscard]] oauth_result<std::optional<model::token_scope>> read_scope(const oauth_form& form);

// The id of the one endpoint that `authorization_details` asks for; empty when there are none.
[[nodiscard]] oauth_result<std::string> read_details(const oauth_form& form);

} // namespace sluice::control
