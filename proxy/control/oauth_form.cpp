#include "proxy/control/oauth_form.hpp"

#include "core/base/base64.hpp"
#include "core/base/error.hpp"
#include "core/http/message.hpp"
#include "core/json/reader.hpp"
#include "core/json/writer.hpp"
#include "proxy/control/body.hpp"

#include <algorithm>
#include <utility>

namespace sluice::control {

namespace {

using model::token_scope;

constexpr std::string_view form_type = "application/x-www-form-urlencoded";
constexpr std::string_view path_prefix = "/serving-endpoints/";

bool is_form(std::string_view content_type) {
    std::string_view type = content_type.substr(0, content_type.find(';'));
    while (type.ends_with(' ') || type.ends_with('\t'))
        type.remove_suffix(1);
    return http::iequals(type, form_type);
}

oauth_result<client_credentials> read_basic(std::string_view field) {
    static constexpr std::string_view scheme = "Basic ";
    const auto unusable = [] {
        return refuse("invalid_client", "The Authorization field must be of the kind Basic.");
    };
    if (field.size() < scheme.size() || !http::iequals(field.substr(0, scheme.size()), scheme))
        return unusable();
    field.remove_prefix(scheme.size());
    while (field.starts_with(' '))
        field.remove_prefix(1);
    std::optional<std::string> plain = base64_decode(field);
    if (!plain) return unusable();
    // Ids and secrets have no characters that would be escaped here (RFC 6749 §2.3.1).
    const std::size_t colon = std::min(plain->find(':'), plain->size());
    client_credentials out{
        plain->substr(0, colon),
        secret_string(std::string_view(*plain).substr(std::min(colon + 1, plain->size())))};
    wipe(*plain);
    return out;
}

tl::unexpected<oauth_error> bad_details(std::string description) {
    return refuse("invalid_authorization_details", std::move(description));
}

// One detail, as data_plane.hpp writes it.
oauth_result<std::string> endpoint_in(const boost::json::value& detail) {
    if (!detail.is_object()) return bad_details("'authorization_details' must be a list of objects.");
    findings found;
    const members in(detail.get_object(), "", found);
    const std::string type = in.text("type").value_or("workspace_permission");
    const std::string object_type = in.text("object_type").value_or("");
    const std::string path = in.text("object_path").value_or("");
    const std::vector<std::string> actions = in.texts("actions");
    if (!found.verdict()) return bad_details("A member of 'authorization_details' has the wrong type.");
    if (type != "workspace_permission" || object_type != "serving-endpoints") {
        return bad_details("Only permissions on serving-endpoints can be asked for.");
    }
    if (actions.size() != 1 || actions.front() != "query_inference_endpoint") {
        return bad_details("The only action that can be asked for is query_inference_endpoint.");
    }
    std::string id = path.starts_with(path_prefix) ? path.substr(path_prefix.size()) : std::string();
    if (id.empty()) return bad_details("'object_path' must be /serving-endpoints/ and the endpoint's id.");
    return id;
}

} // namespace

tl::unexpected<oauth_error> refuse(std::string_view code, std::string description) {
    return tl::unexpected<oauth_error>(oauth_error{code, std::move(description)});
}

tl::unexpected<oauth_error> refuse(oauth_error refused) {
    return tl::unexpected<oauth_error>(std::move(refused));
}

reply to_reply(const oauth_error& refused) {
    const bool unknown_client = refused.code == "invalid_client";
    const std::string description = break_retry_phrases(refused.description);
    reply out;
    out.status = unknown_client ? 401 : 400;
    out.body.clear();
    json::object_writer body(out.body);
    body.text("error", refused.code);
    body.text("error_description", description);
    body.text("error_code", status_of(unknown_client ? errc::unauthenticated : errc::bad_request).error_code);
    body.text("message", description);
    body.close();
    out.headers.emplace_back("cache-control", "no-store");
    if (unknown_client) out.headers.emplace_back("www-authenticate", "Basic realm=\"sluice\"");
    return out;
}

oauth_result<oauth_form> oauth_form::parse(const model::management_request& request) {
    if (!is_form(request.content_type)) {
        return refuse("invalid_request", "The Content-Type must be application/x-www-form-urlencoded.");
    }
    result<boost::json::object> parameters = parse_query(request.body);
    if (!parameters) {
        return refuse("invalid_request", "The form has a broken percent escape or a repeated parameter.");
    }
    oauth_form out;
    out.parameters_ = std::move(*parameters);
    return out;
}

std::string_view oauth_form::get(std::string_view name) const {
    const boost::json::value* found =
        parameters_.if_contains(boost::json::string_view(name.data(), name.size()));
    if (!found || !found->is_string()) return {};
    return {found->get_string().data(), found->get_string().size()};
}

oauth_result<client_credentials> read_client(const oauth_form& form, const secret_string& authorization) {
    const std::string_view id = form.get("client_id");
    const std::string_view secret = form.get("client_secret");
    client_credentials out{std::string(id), secret_string(secret)};
    if (!authorization.empty()) {
        if (!secret.empty()) {
            return refuse("invalid_request",
                          "The client's secret was sent in the form and in the Authorization field.");
        }
        oauth_result<client_credentials> basic = read_basic(authorization.reveal());
        if (!basic) return basic;
        if (!id.empty() && id != basic->id) {
            return refuse("invalid_request", "The form and the Authorization field name different clients.");
        }
        out = std::move(*basic);
    }
    if (out.id.empty() || out.secret.empty()) {
        return refuse("invalid_client", "The client must send its id and its secret.");
    }
    return out;
}

oauth_result<std::optional<token_scope>> read_scope(const oauth_form& form) {
    std::optional<token_scope> out;
    std::string_view left = form.get("scope");
    while (!left.empty()) {
        const std::string_view one = left.substr(0, left.find(' '));
        left.remove_prefix(std::min(left.size(), one.size() + 1));
        if (one == to_string(token_scope::all_apis)) {
            out = token_scope::all_apis;
        } else if (one == to_string(token_scope::model_serving)) {
            if (!out) out = token_scope::model_serving;
        } else if (!one.empty() && one != "offline_access") {
            return refuse("invalid_scope", "The scopes are all-apis and model-serving.");
        }
    }
    return out;
}

oauth_result<std::string> read_details(const oauth_form& form) {
    const std::string_view text = form.get("authorization_details");
    if (text.empty()) return std::string();
    const result<boost::json::value> parsed = json::parse_tree(text);
    if (!parsed) return bad_details("'authorization_details' is not valid JSON.");
    if (!parsed->is_array()) return endpoint_in(*parsed);
    const boost::json::array& list = parsed->get_array();
    if (list.size() != 1) return bad_details("'authorization_details' must hold one object.");
    return endpoint_in(list.front());
}

} // namespace sluice::control
