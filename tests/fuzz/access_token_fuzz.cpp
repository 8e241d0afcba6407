// What strangers send as an access token, and to the call that gives them. A token that is accepted is one
// that we would write ourselves; claims that are accepted are JSON of the same meaning by another parser, and
// come back from a new token.
#include "core/base/base64.hpp"
#include "core/base/jwt.hpp"
#include "core/json/reader.hpp"
#include "proxy/control/oauth_form.hpp"
#include "proxy/model/access_token.hpp"
#include "tests/fuzz/must.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace sluice;

hmac_sha256& key() {
    static hmac_sha256 one(secret_string("0123456789abcdef0123456789abcdef"));
    return one;
}

void check_token(std::string_view token) {
    const auto payload = verify_jwt(token, key());
    if (payload) must(sign_jwt(*payload, key()) == token, "one payload has one token");
    const auto bytes = base64url_decode(token);
    if (bytes) must(base64url_encode(*bytes) == token, "base64url is decoded strictly");
}

std::string_view member(const boost::json::value& tree, const char* name) {
    const boost::json::value* found = tree.get_object().if_contains(name);
    must(found && found->is_string(), "a claim that was read is there");
    return {found->get_string().data(), found->get_string().size()};
}

void check_payload(std::string_view payload) {
    const std::string token = sign_jwt(payload, key());
    if (token.size() <= longest_jwt) must(verify_jwt(token, key()) == payload, "what is signed is verified");
    const auto claims = model::read_claims(payload);
    if (!claims) return;
    const auto tree = json::parse_tree(payload);
    must(tree && tree->is_object(), "claims are JSON without repeated members");
    must(member(*tree, "sub") == claims->subject, "the subject is the same");
    must(member(*tree, "aud") == claims->audience, "the audience is the same");
    must(tree->get_object().contains("endpoint_id") == !claims->endpoint_id.empty(), "so is the limit");
    must(tree->at("exp").to_number<std::int64_t>() == claims->expires, "so is the end");
    const auto again = model::issue_access_token(*claims, key());
    if (!again) return; // too long
    const auto now = claims->issued * 1000;
    const auto read = model::check_access_token(*again, key(), claims->audience, now);
    must(read ? *read == *claims : claims->expires <= claims->issued, "claims come back from a token");
}

void check_form(std::string_view text) {
    model::management_request request;
    request.content_type = "application/x-www-form-urlencoded";
    const std::size_t line = text.find('\n');
    request.body = text.substr(0, line);
    if (line != std::string_view::npos) request.authorization = secret_string(text.substr(line + 1));
    const auto form = control::oauth_form::parse(request);
    if (!form) return;
    const auto client = control::read_client(*form, request.authorization);
    if (client) must(!client->id.empty() && !client->secret.empty(), "a client has an id and a secret");
    const auto details = control::read_details(*form);
    if (details && !form->get("authorization_details").empty())
        must(!details->empty(), "details name an endpoint");
    (void)control::read_scope(*form);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string in(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 3) {
    case 0: check_token(in); break;
    case 1: check_payload(in); break;
    default: check_form(in); break;
    }
    return 0;
}
