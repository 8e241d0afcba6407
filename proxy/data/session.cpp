#include "proxy/data/session.hpp"

#include "core/base/secret_string.hpp"

#include <algorithm>
#include <cstddef>

namespace sluice::data {

namespace {

// The next part of a field, without blanks around it.
std::string_view take_part(std::string_view& rest, char separator) {
    const std::size_t end = std::min(rest.find(separator), rest.size());
    std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (!part.empty() && (part.front() == ' ' || part.front() == '\t'))
        part.remove_prefix(1);
    while (!part.empty() && (part.back() == ' ' || part.back() == '\t'))
        part.remove_suffix(1);
    return part;
}

// "example.com:443" is "example.com" where 443 is the scheme's own port.
std::string_view without_port(std::string_view host, std::string_view port) {
    if (host.ends_with(port)) host.remove_suffix(port.size());
    return host;
}

// TLS may end in front of the gateway without saying so, so an https page is never refused for its scheme.
bool is_own(std::string_view origin, const http::request_head& head) {
    constexpr std::string_view secure = "https://";
    constexpr std::string_view plain = "http://";
    if (origin.starts_with(secure)) {
        origin.remove_prefix(secure.size());
        return http::iequals(without_port(origin, ":443"), without_port(head.host, ":443"));
    }
    if (!origin.starts_with(plain) || came_by_https(head)) return false;
    origin.remove_prefix(plain.size());
    return http::iequals(without_port(origin, ":80"), without_port(head.host, ":80"));
}

} // namespace

// Each proxy of a chain may add its own: the first element is what the client speaks.
bool came_by_https(const http::request_head& head) {
    std::string_view list = http::find(head.fields, "x-forwarded-proto").value_or("");
    return http::iequals(take_part(list, ','), "https");
}

result<std::string_view> session_cookie(const http::field_list& fields) {
    std::string_view found;
    bool is_there = false;
    for (const http::field& each : fields) {
        if (!http::iequals(each.name, "cookie")) continue;
        for (std::string_view rest = each.value; !rest.empty();) {
            const std::string_view pair = take_part(rest, ';');
            const std::size_t equals = pair.find('=');
            if (equals == std::string_view::npos || pair.substr(0, equals) != model::session_cookie_name)
                continue;
            if (is_there) // who else reads the head may take another one
                return fail(errc::bad_request, "There must be one session cookie only.");
            is_there = true;
            found = pair.substr(equals + 1);
        }
    }
    return found;
}

result<void> check_origin(const http::request_head& head) {
    for (const http::field& each : head.fields) {
        if (!http::iequals(each.name, "origin") || is_own(each.value, head)) continue;
        return fail(errc::permission_denied,
                    "The request comes from a page of another server: its Origin is not this host.");
    }
    return {};
}

result<void>
check_csrf(const http::request_head& head, std::string_view cookie, model::credential_checker& checker) {
    std::size_t count = 0;
    std::string_view sent;
    for (const http::field& each : head.fields) {
        if (!http::iequals(each.name, "x-csrf-token")) continue;
        sent = each.value;
        ++count;
    }
    const bool good = secret_string(sent) == secret_string(checker.csrf_token(cookie));
    if (count == 1 && good) return {}; // one only, as of the cookie
    return fail(errc::permission_denied,
                "A session needs the field X-Csrf-Token with the csrf_token that signing in has given.");
}

result<model::caller> signed_in(std::string_view cookie,
                                const model::snapshot& config,
                                model::credential_checker& checker,
                                wall_ms now) {
    auto by = checker.check_session(cookie, config, now);
    if (!by) return fail(errc::unauthenticated, "The session has ended; sign in again.");
    return *std::move(by);
}

} // namespace sluice::data
