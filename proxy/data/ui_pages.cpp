#include "proxy/data/ui_pages.hpp"

#include "core/http/representation.hpp"
#include "proxy/data/ui_files.hpp"

#include <algorithm>
#include <string>

namespace sluice::data {

namespace asio = boost::asio;

namespace {

using http::content_coding;

constexpr std::string_view page_path = "/";

// The page runs scripts of its own only, talks to nobody else and stands in nobody's frame.
constexpr std::string_view security_fields =
    "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
    "x-content-type-options: nosniff\r\n"
    "referrer-policy: no-referrer\r\n"
    "cross-origin-opener-policy: same-origin\r\n";

constexpr std::string_view no_ui_page =
    "<!doctype html>\n<html lang=\"en\">\n<title>Sluice</title>\n"
    "<h1>This build of Sluice has no Serving UI</h1>\n"
    "<p>The program was built where npm or the UI's packages were missing. <code>tools/setup</code> installs "
    "both; then build again.</p>\n"
    "<p>The API is here all the same: <code>/api/2.0/serving-endpoints</code>.</p>\n</html>\n";

const ui_file* find_file(const exchange& client, std::string_view path) {
    const auto all = client.here.shared.ui;
    const auto found = std::ranges::find(all, path, &ui_file::path);
    return found == all.end() ? nullptr : &*found;
}

std::string_view body_of(const ui_file& file, content_coding coding) {
    switch (coding) {
    case content_coding::identity: return file.whole;
    case content_coding::gzip: return file.gzip;
    case content_coding::brotli: return file.brotli;
    }
    return file.whole;
}

// Each form has a tag of its own: a strong one stands for the very bytes.
std::string tag_of(const ui_file& file, content_coding coding) {
    std::string tag = "\"";
    tag += file.tag;
    if (coding != content_coding::identity) tag.append("-").append(to_string(coding));
    return tag += '"';
}

asio::awaitable<void> send_text(exchange& client, int status, std::string_view type, std::string_view text) {
    const std::string extra = "cache-control: no-cache\r\n" + std::string(security_fields);
    co_await client.send(status, type, text, extra);
}

asio::awaitable<void> send_file(exchange& client, const ui_file& file) {
    const http::field_list& fields = client.head.fields;
    const content_coding coding = http::choose_coding(fields, !file.gzip.empty(), !file.brotli.empty());
    const std::string tag = tag_of(file, coding);
    std::string extra = file.immutable ? "cache-control: public, max-age=31536000, immutable\r\n"
                                       : "cache-control: no-cache\r\n";
    extra.append("vary: accept-encoding\r\netag: ").append(tag).append("\r\n").append(security_fields);
    if (http::has_already(fields, tag)) {
        co_await client.send(304, "", "", extra);
        co_return;
    }
    if (coding != content_coding::identity)
        extra.append("content-encoding: ").append(to_string(coding)).append("\r\n");
    co_await client.send(200, file.media_type, body_of(file, coding), extra);
}

} // namespace

asio::awaitable<void> ui_page(exchange& client) {
    if (const ui_file* page = find_file(client, page_path)) {
        co_await send_file(client, *page);
    } else {
        co_await send_text(client, 200, "text/html; charset=utf-8", no_ui_page);
    }
}

asio::awaitable<void> ui_asset(exchange& client) {
    if (const ui_file* file = find_file(client, client.head.path)) {
        co_await send_file(client, *file);
    } else {
        co_await send_text(client, 404, "text/plain; charset=utf-8", "No such file.\n");
    }
}

} // namespace sluice::data
