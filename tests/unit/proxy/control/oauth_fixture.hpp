// A control plane with a service principal, and short ways to ask for access tokens.
#pragma once

#include "core/base/base64.hpp"
#include "core/db/database.hpp"
#include "proxy/model/credentials.hpp"
#include "tests/unit/proxy/control/plane_fixture.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sluice::control {

inline constexpr std::string_view app_id = "8d5a1f0e-0000-4000-8000-000000000001";

class oauth_test : public plane_test {
protected:
    oauth_test() {
        open_with_secret();
        state_.reset();
        add_principal("robot", app_id);
        open();
    }

    // While the plane is closed. The SCIM id.
    void add_principal(std::string_view display_name, std::string_view application_id) {
        auto db = db::database::open(settings_.data_dir + "/sluice.db");
        ASSERT_TRUE(succeeds(db));
        ASSERT_TRUE(succeeds((*db)->change(
            "INSERT INTO users (user_name, display_name, active, emails, entitlements, created_ms, kind)"
            " VALUES (?, ?, 1, '[]', '[]', 0, 'service_principal')",
            application_id,
            display_name)));
        robot_ = std::to_string((*db)->last_insert_id());
    }

    [[nodiscard]] std::string secrets_path(std::string_view rest = "") const {
        return "/api/2.0/accounts/servicePrincipals/" + robot_ + "/credentials/secrets" + std::string(rest);
    }
    std::string new_secret(std::string body = "{}") {
        return at(call("POST", secrets_path(), std::move(body)).body, "/secret");
    }

    model::management_response ask(std::string form,
                                   std::string_view authorization = "",
                                   std::string content_type = "application/x-www-form-urlencoded") {
        model::management_request request = make_request("POST", "/oidc/v1/token", std::move(form), nullptr);
        request.content_type = std::move(content_type);
        request.authorization = secret_string(authorization);
        return state_->answer(request).response;
    }
    static std::string basic(std::string_view id, std::string_view secret) {
        return "Basic " + base64_encode(std::string(id) + ':' + std::string(secret));
    }
    // As the SDK does it.
    model::management_response ask_as_robot(std::string_view secret,
                                            std::string_view more = "&scope=all-apis") {
        return ask("grant_type=client_credentials" + std::string(more), basic(app_id, secret));
    }
    static std::string assertion_form(std::string_view assertion, std::string_view details) {
        return "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" +
               std::string(assertion) + "&authorization_details=" + escaped(details);
    }

    static std::string escaped(std::string_view text) {
        std::string out;
        for (const char c : text) {
            constexpr std::string_view digits = "0123456789ABCDEF";
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        }
        return out;
    }

    // Who may call with the token now, as the data plane sees it.
    std::optional<model::caller> caller_of(const std::string& token) {
        if (auto next = state_->take_changed()) last_ = std::move(next);
        model::credential_checker checker;
        return checker.check(token, *last_, clock_.wall());
    }
    std::optional<model::caller> caller_of(const model::management_response& answer) {
        return caller_of(at(answer.body, "/access_token"));
    }

    std::string robot_; // SCIM id of the service principal
};

// status and `error` of a refusal.
inline std::string refusal(const model::management_response& answer) {
    return std::to_string(answer.status) + ' ' + at(answer.body, "/error");
}

inline std::string header(const model::management_response& answer, std::string_view name) {
    for (const auto& [field, value] : answer.headers) {
        if (field == name) return value;
    }
    return "(none)";
}

} // namespace sluice::control
