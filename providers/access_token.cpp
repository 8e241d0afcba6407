#include "providers/access_token.hpp"

#include "core/http/framing.hpp"
#include "providers/request_head.hpp"
#include "providers/slices.hpp"

#include <algorithm>
#include <charconv>
#include <deque>

namespace sluice::providers {

namespace {

constexpr std::int64_t longest_life = 24 * 60 * 60;           // seconds
constexpr std::int64_t usual_life = 60 * 60;                  // when the answer does not say
constexpr std::size_t longest_token = std::size_t{16} * 1024; // of what goes into a head

std::int64_t life_of(slices::node value, std::deque<std::string>& texts) {
    if (const auto number = value.count()) return *number;
    const auto text = value.text(texts);
    if (!text) return usual_life;
    std::int64_t seconds = usual_life;
    std::from_chars(text->data(), text->data() + text->size(), seconds);
    return seconds;
}

} // namespace

result<credential_request>
form_request(const origin& to, std::string_view path, std::span<const form_field> fields) {
    std::size_t size = 0;
    for (const form_field& each : fields)
        size += each.name.size() + 3 * each.value.size() + 2;
    std::string body;
    body.reserve(size); // no reallocation leaves a copy of a secret behind
    for (const form_field& each : fields) {
        if (!body.empty()) body += '&';
        body.append(each.name).append("=");
        std::string value = percent_encode(each.value);
        body += value;
        wipe(value);
    }
    std::string head;
    head.append("POST ").append(path).append(" HTTP/1.1\r\n");
    bool good = http::append_field(head, "Host", host_field(to));
    good = http::append_field(head, "Content-Type", "application/x-www-form-urlencoded") && good;
    good = http::append_field(head, "Accept", "application/json") && good;
    good = http::append_field(head, "Accept-Encoding", "identity") && good;
    good = http::append_field(head, "User-Agent", "sluice/" SLUICE_VERSION) && good;
    good = http::append_field(head, "Content-Length", std::to_string(body.size())) && good;
    credential_request out;
    out.to = to;
    out.head = secret_string(head);
    out.body = secret_string(body);
    wipe(body);
    if (good) return out;
    return fail(errc::invalid_parameter_value,
                "A value of the configuration has characters that a header must not have.");
}

result<credential> read_access_token(std::string_view body, wall_ms now) {
    constexpr wall_ms ms_per_second = 1000;
    slices tree;
    std::deque<std::string> texts;
    if (!tree.read(body, author::upstream))
        return fail(errc::bad_upstream, "the token service's answer is not a JSON object");
    const slices::node root = tree.root();
    const auto token = root["access_token"].text(texts);
    if (!token || token->size() > longest_token || !is_visible(*token))
        return fail(errc::bad_upstream, "the token service's answer has no usable access token");
    credential out;
    out.token = secret_string(*token);
    out.expires =
        now + std::clamp<std::int64_t>(life_of(root["expires_in"], texts), 0, longest_life) * ms_per_second;
    for (std::string& each : texts)
        wipe(each);
    return out;
}

} // namespace sluice::providers
