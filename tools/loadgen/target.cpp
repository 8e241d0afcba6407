#include "tools/loadgen/target.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace sluice::load {

namespace {

bool starts_with_name(std::string_view header, std::string_view name) noexcept {
    return header.size() > name.size() && header[name.size()] == ':' &&
           std::equal(name.begin(), name.end(), header.begin(), [](char a, char b) {
               return a == std::tolower(static_cast<unsigned char>(b));
           });
}

} // namespace

result<target> parse_target(std::string_view url) {
    constexpr std::string_view scheme = "http://";
    if (!url.starts_with(scheme)) return fail(errc::bad_request, "The URL must begin with http://");
    url.remove_prefix(scheme.size());
    target out;
    const std::size_t slash = std::min(url.find('/'), url.size());
    out.host = url.substr(0, slash);
    out.path = slash == url.size() ? "/" : std::string(url.substr(slash));
    if (std::any_of(out.path.begin(), out.path.end(), [](char c) { return c <= ' '; }))
        return fail(errc::bad_request, "The URL holds a blank or a control character.");

    std::string_view name = out.host;
    const std::size_t colon = name.rfind(':');
    if (colon != std::string_view::npos && !name.ends_with(']')) {
        const std::string_view digits = name.substr(colon + 1);
        const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
        if (ec != std::errc() || end != digits.data() + digits.size())
            return fail(errc::bad_request, "The port of the URL is not a number.");
        name = name.substr(0, colon);
    }
    if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
    out.address = name == "localhost" ? "127.0.0.1" : std::string(name);
    boost::system::error_code ec;
    const auto address = boost::asio::ip::make_address(out.address, ec);
    if (ec || !address.is_loopback())
        return fail(errc::bad_request, "Only localhost and loopback addresses may be put under load.");
    return out;
}

result<std::string>
request_bytes(const target& to, const std::vector<std::string>& headers, std::string_view body) {
    std::string out = body.empty() ? "GET " : "POST ";
    out += to.path + " HTTP/1.1\r\nHost: " + to.host + "\r\n";
    bool has_type = body.empty();
    for (const std::string& header : headers) {
        const bool broken =
            std::any_of(header.begin(), header.end(), [](char c) { return c == '\r' || c == '\n'; });
        if (broken || header.find(':') == std::string::npos)
            return fail(errc::bad_request, "'" + header + "' is not a header of the form Name: value.");
        has_type = has_type || starts_with_name(header, "content-type");
        out += header + "\r\n";
    }
    if (!has_type) out += "Content-Type: application/json\r\n";
    if (!body.empty()) out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    out += "\r\n";
    out += body;
    return out;
}

} // namespace sluice::load
