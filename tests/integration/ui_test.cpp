// The Serving UI as browsers get it: the page on all its paths, its files, and what stands in their heads.
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"
#include "tests/support/text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::support::ui_test {
namespace {

constexpr std::string_view page = "<!doctype html>page";
constexpr std::string_view script_type = "text/javascript; charset=utf-8";

// More than the kernel keeps for a client that does not read.
const std::string& large() {
    static const std::string text(std::size_t{32} * 1024 * 1024, 'x');
    return text;
}

const std::array<data::ui_file, 4>& files() {
    static const std::array<data::ui_file, 4> table = {{
        {"/", "text/html; charset=utf-8", "aa", page, "page as gzip", "", false},
        {"/ui/assets/app-1.js", script_type, "bb", "the script", "gzip", "br", true},
        {"/ui/assets/large-2.js", script_type, "cc", large(), "", "", true},
        {"/ui/icon.svg", "image/svg+xml", "dd", "<svg/>", "", "", false},
    }};
    return table;
}

std::string asked(std::string_view method, std::string_view path, std::string_view fields) {
    return joined({method, " ", path, " HTTP/1.1\r\nHost: g\r\n", fields, "\r\n"});
}

class ui : public testing::Test {
protected:
    // Without credentials, on a connection of its own.
    answer get(std::string_view path, std::string_view fields = "", std::string_view method = "GET") const {
        raw_client client = proxy_.connect();
        client.send(asked(method, path, fields));
        return client.read_answer(method == "HEAD");
    }

    gateway proxy_{{}, files()};
};

void expect_security_fields(const answer& got) {
    EXPECT_EQ(got.field("content-security-policy"),
              "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
              "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; "
              "frame-ancestors 'none'");
    EXPECT_EQ(got.field("x-content-type-options"), "nosniff");
    EXPECT_EQ(got.field("referrer-policy"), "no-referrer");
    EXPECT_EQ(got.field("cross-origin-opener-policy"), "same-origin");
}

TEST_F(ui, the_page_is_on_all_its_paths) {
    for (const std::string_view path : {"/",
                                        "/?tab=usage",
                                        "/ml",
                                        "/ml/",
                                        "/ml/endpoints",
                                        "/ml/endpoints/my-endpoint",
                                        "/ml/endpoints/a%2Fb%20%C3%A9%00%zz",
                                        "/ml/endpoints/../../ui/assets/app-1.js",
                                        "/ml/endpoints/e/versions//3"}) {
        const answer got = get(path);
        EXPECT_EQ(got.status, 200) << path;
        EXPECT_EQ(got.body, page) << path;
        EXPECT_EQ(got.field("content-type"), "text/html; charset=utf-8");
        EXPECT_EQ(got.field("cache-control"), "no-cache");
        EXPECT_EQ(got.field("etag"), "\"aa\"");
        EXPECT_EQ(got.field("vary"), "accept-encoding");
        EXPECT_FALSE(got.has("set-cookie"));
        expect_security_fields(got);
    }
}

TEST_F(ui, a_file_that_changes_its_name_with_its_content_is_kept_for_ever) {
    const answer got = get("/ui/assets/app-1.js");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, "the script");
    EXPECT_EQ(got.field("content-type"), script_type);
    EXPECT_EQ(got.field("cache-control"), "public, max-age=31536000, immutable");
    expect_security_fields(got);
    const answer icon = get("/ui/icon.svg");
    EXPECT_EQ(icon.body, "<svg/>");
    EXPECT_EQ(icon.field("cache-control"), "no-cache");
}

TEST_F(ui, a_file_comes_in_the_coding_that_the_client_prefers) {
    struct wish {
        std::string_view accepted;
        std::string_view body;
        std::string_view coding;
        std::string_view tag;
    };
    for (const wish& each : {wish{"gzip, deflate, br, zstd", "br", "br", "\"bb-br\""},
                             wish{"gzip, br;q=0.5", "gzip", "gzip", "\"bb-gzip\""},
                             wish{"br;q=0, *;q=0.1", "gzip", "gzip", "\"bb-gzip\""},
                             wish{"identity, br;q=0.9", "the script", "", "\"bb\""},
                             wish{"zstd", "the script", "", "\"bb\""}}) {
        const answer got = get("/ui/assets/app-1.js", joined({"Accept-Encoding: ", each.accepted, "\r\n"}));
        EXPECT_EQ(got.body, each.body) << each.accepted;
        EXPECT_EQ(got.field("content-encoding"), each.coding) << each.accepted;
        EXPECT_EQ(got.field("etag"), each.tag) << each.accepted;
        EXPECT_EQ(got.field("vary"), "accept-encoding");
    }
    EXPECT_EQ(get("/", "Accept-Encoding: br\r\n").body, page) << "there is no such form";
    EXPECT_EQ(get("/", "Accept-Encoding: br, gzip;q=0.1\r\n").body, "page as gzip");
}

TEST_F(ui, what_the_browser_has_already_is_not_sent_again) {
    raw_client client = proxy_.connect();
    client.send(asked("GET", "/ml/endpoints", "If-None-Match: \"x\", W/\"aa\"\r\n"));
    const answer same = client.read_head();
    EXPECT_EQ(same.status, 304);
    EXPECT_EQ(same.field("etag"), "\"aa\"");
    EXPECT_EQ(same.field("cache-control"), "no-cache");
    EXPECT_EQ(same.field("vary"), "accept-encoding");
    EXPECT_FALSE(same.has("content-length"));
    EXPECT_FALSE(same.has("content-type"));
    expect_security_fields(same);
    // The connection goes on, and another form is another thing.
    client.send(asked("GET", "/", "If-None-Match: \"aa\"\r\nAccept-Encoding: gzip\r\n"));
    const answer other = client.read_answer();
    EXPECT_EQ(other.status, 200);
    EXPECT_EQ(other.body, "page as gzip");
}

TEST_F(ui, a_head_has_the_fields_and_no_body) {
    raw_client client = proxy_.connect();
    for (const std::string_view path : {"/", "/ml", "/ml/endpoints/x"}) {
        client.send(asked("HEAD", path, ""));
        const answer got = client.read_answer(true);
        EXPECT_EQ(got.status, 200) << path;
        EXPECT_EQ(got.field("content-length"), std::to_string(page.size())) << path;
        expect_security_fields(got);
    }
    client.send(asked("HEAD", "/ui/assets/app-1.js", "Accept-Encoding: br\r\n"));
    const answer coded = client.read_answer(true);
    EXPECT_EQ(coded.field("content-length"), "2");
    EXPECT_EQ(coded.field("content-encoding"), "br");
    client.send(asked("HEAD", "/ui/none", ""));
    EXPECT_EQ(client.read_answer(true).status, 404);
    client.send(asked("GET", "/healthz", ""));
    EXPECT_EQ(client.read_answer().status, 200) << "no body stood between them";
}

TEST_F(ui, nothing_but_the_files_is_there) {
    for (const std::string_view path : {"/ui/",
                                        "/ui/index.html",
                                        "/ui/assets/app-1.js/",
                                        "/ui//assets/app-1.js",
                                        "/ui/assets/./app-1.js",
                                        "/ui/assets/%61pp-1.js",
                                        "/ui/assets/../../../../etc/passwd",
                                        "/ui/..%2f..%2fetc%2fpasswd",
                                        "/ui/%00"}) {
        const answer got = get(path);
        EXPECT_EQ(got.status, 404) << path;
        EXPECT_EQ(got.body, "No such file.\n") << path;
        EXPECT_EQ(got.field("content-type"), "text/plain; charset=utf-8");
        EXPECT_EQ(got.field("cache-control"), "no-cache");
        expect_security_fields(got);
    }
    for (const std::string_view path : {"/ui", "/favicon.ico", "/mlx", "//", "/index.html"})
        EXPECT_EQ(get(path).field("content-type"), "application/json") << path;
    for (const std::string_view method : {"POST", "PUT", "DELETE", "OPTIONS"})
        EXPECT_EQ(get("/ui/assets/app-1.js", "", method).status, 404) << method;
}

TEST_F(ui, a_large_file_arrives_whole) {
    const answer got = get("/ui/assets/large-2.js");
    EXPECT_TRUE(got.complete);
    EXPECT_TRUE(got.body == large());
}

class ui_to_slow_clients : public testing::Test {
protected:
    gateway proxy_{[](proxy::settings& s) {
                       s.threads = 1;
                       s.timeouts.stream_idle = std::chrono::milliseconds(300);
                   },
                   files()};
};

TEST_F(ui_to_slow_clients, they_hold_up_no_query_and_are_closed) {
    fake_upstream provider;
    provider.always().answer_json(chat_answer("hi"));
    proxy_.make_endpoint("chat", {entity(provider.base_url())});
    std::vector<raw_client> clients;
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back(proxy_.port(), 4096);
        clients.back().send(asked("GET", "/ui/assets/large-2.js", ""));
        EXPECT_EQ(clients.back().read_head().status, 200);
        raw_client other = proxy_.connect();
        other.send(chat_request("chat"));
        EXPECT_EQ(other.read_answer().status, 200);
    }
    EXPECT_TRUE(proxy_.metric_becomes("sluice_client_connections", 1)) << "only the one that asks";
    EXPECT_LT(clients[0].read_to_end().size(), large().size());
}

TEST(ui_of_a_build_without_it, the_page_says_how_to_get_it) {
    const gateway proxy({}, {});
    for (const std::string_view path : {"/", "/ml", "/ml/endpoints/x"}) {
        const answer got = proxy.get(path);
        EXPECT_EQ(got.status, 200);
        EXPECT_NE(got.body.find("no Serving UI"), std::string::npos);
        EXPECT_NE(got.body.find("tools/setup"), std::string::npos);
        EXPECT_EQ(got.field("content-type"), "text/html; charset=utf-8");
        EXPECT_EQ(got.field("cache-control"), "no-cache");
        expect_security_fields(got);
    }
    EXPECT_EQ(proxy.get("/ui/assets/app-1.js").status, 404);
}

// What the build has put into this program, if anything.
TEST(ui_of_this_build, is_whole) {
    const gateway proxy;
    for (const data::ui_file& each : data::ui_files()) {
        const answer got = proxy.get(each.path);
        EXPECT_EQ(got.status, 200) << each.path;
        EXPECT_TRUE(got.body == each.whole) << each.path;
        EXPECT_EQ(got.field("content-type"), each.media_type) << each.path;
        EXPECT_EQ(each.tag.size(), 32U) << each.path;
        EXPECT_EQ(each.immutable, each.path.starts_with("/ui/assets/")) << each.path;
    }
    if (data::ui_files().empty()) return;
    const std::string html = proxy.get("/ml").body;
    EXPECT_TRUE(std::ranges::any_of(data::ui_files(), [&html](const data::ui_file& each) {
        return each.path.ends_with(".js") && html.find(each.path) != std::string::npos;
    })) << "the page names its script";
}

} // namespace
} // namespace sluice::support::ui_test
