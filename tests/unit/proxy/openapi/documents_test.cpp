#include "proxy/control/routes.hpp"
#include "proxy/data/routes.hpp"
#include "proxy/openapi/documents.hpp"
#include "proxy/openapi/parts.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::openapi::documents_test {
namespace {

using boost::json::object;
using boost::json::value;
using testing::ElementsAre;
using testing::IsEmpty;

std::string text_of(const value& from) {
    return {from.as_string().data(), from.as_string().size()};
}

object parsed(const std::string& document) {
    return boost::json::parse(document).as_object();
}

object whole() {
    return parsed(server_document("https://gateway.example"));
}

// "GET /a/{}": as the route tables write it, whatever a parameter is called.
std::string without_names(std::string_view method, std::string_view path) {
    std::string out;
    for (const char c : method)
        out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    out += ' ';
    bool inside = false;
    for (const char c : path) {
        if (c == '}') inside = false;
        if (!inside) out += c;
        if (c == '{') inside = true;
    }
    const std::size_t rest = out.find("**");
    if (rest != std::string::npos) out.replace(rest, 2, "{}");
    return out;
}

// Calls visit("GET /a/{}", operation) for each.
void each_operation(const object& document,
                    const std::function<void(const std::string&, const object&)>& visit) {
    for (const auto& path : document.at("paths").as_object()) {
        for (const auto& one : path.value().as_object())
            visit(without_names(one.key(), path.key()), one.value().as_object());
    }
}

struct row {
    bool built = true;
    bool open = false; // no credential is asked for, or another one than a token
};

std::map<std::string, row> all_rows() {
    std::map<std::string, row> out;
    for (const control::route_row& each : control::all_routes()) {
        using control::call;
        const bool open = each.what == call::create_access_token || each.what == call::create_session ||
                          each.what == call::get_session || each.what == call::delete_session;
        out[without_names(each.method, each.pattern)] = {each.what != call::not_built, open};
    }
    using data::action;
    for (const data::route_row& each : data::all_routes()) {
        if (each.what == action::ui_page || each.what == action::ui_asset) continue; // for people, no calls
        const bool open = each.what == action::healthz || each.what == action::readyz ||
                          each.what == action::discovery || each.what == action::oidc_metadata;
        out[without_names(to_string(each.verb), each.pattern)] = {true, open};
    }
    return out;
}

// References that lead nowhere.
std::set<std::string> dangling(const object& document) {
    std::set<std::string> out;
    const value all(document);
    const std::function<void(const value&)> look = [&](const value& at) {
        if (at.is_array()) {
            for (const value& each : at.get_array())
                look(each);
        }
        if (!at.is_object()) return;
        for (const auto& member : at.get_object()) {
            if (member.key() != "$ref" || !member.value().is_string()) {
                look(member.value());
                continue;
            }
            const std::string target = text_of(member.value());
            boost::json::error_code failed;
            if (!target.starts_with('#') || !all.find_pointer(target.substr(1), failed)) out.insert(target);
        }
    };
    look(document);
    return out;
}

std::set<std::string> names_in(const object& of) {
    std::set<std::string> out;
    for (const auto& member : of)
        out.emplace(member.key());
    return out;
}

TEST(openapi_of_server, every_route_is_described_and_every_operation_has_a_route) {
    std::set<std::string> described;
    each_operation(whole(), [&](const std::string& name, const object&) { described.insert(name); });
    std::set<std::string> routes;
    for (const auto& [name, each] : all_rows())
        routes.insert(name);
    ASSERT_GT(routes.size(), 100U);
    std::set<std::string> undescribed;
    std::ranges::set_difference(routes, described, std::inserter(undescribed, undescribed.end()));
    EXPECT_THAT(undescribed, IsEmpty());
    std::set<std::string> without_route;
    std::ranges::set_difference(described, routes, std::inserter(without_route, without_route.end()));
    EXPECT_THAT(without_route, IsEmpty());
}

TEST(openapi_of_server, a_call_that_is_not_built_answers_501_and_nothing_else_good) {
    const std::map<std::string, row> rows = all_rows();
    each_operation(whole(), [&](const std::string& name, const object& operation) {
        const auto found = rows.find(name);
        if (found == rows.end() || found->second.built) return;
        const object& responses = operation.at("responses").as_object();
        EXPECT_TRUE(responses.contains("501")) << name;
        EXPECT_FALSE(responses.contains("200")) << name;
    });
}

TEST(openapi_of_server, says_which_calls_need_no_credential) {
    const std::map<std::string, row> rows = all_rows();
    each_operation(whole(), [&](const std::string& name, const object& operation) {
        const auto found = rows.find(name);
        if (found == rows.end()) return;
        const bool inherits = !operation.contains("security");
        EXPECT_EQ(inherits, !found->second.open) << name;
        if (inherits) {
            EXPECT_TRUE(operation.at("responses").as_object().contains("401")) << name;
        }
    });
}

TEST(openapi_of_server, operations_have_names_of_their_own) {
    std::set<std::string> names;
    std::size_t count = 0;
    each_operation(whole(), [&](const std::string&, const object& operation) {
        names.insert(text_of(operation.at("operationId")));
        ++count;
    });
    EXPECT_EQ(names.size(), count);
}

TEST(openapi_of_server, every_reference_leads_somewhere) {
    EXPECT_THAT(dangling(whole()), IsEmpty());
}

TEST(openapi_of_server, every_tag_is_described) {
    const object document = whole();
    std::set<std::string> known;
    for (const value& each : document.at("tags").as_array())
        known.insert(text_of(each.at("name")));
    each_operation(document, [&](const std::string& name, const object& operation) {
        for (const value& each : operation.at("tags").as_array())
            EXPECT_TRUE(known.contains(text_of(each))) << name;
    });
}

TEST(openapi_of_server, no_two_parts_describe_the_same) {
    std::set<std::string> seen;
    const auto once = [&seen](const std::string& what) { EXPECT_TRUE(seen.insert(what).second) << what; };
    for (const std::string_view text : document_parts()) {
        const object part = parsed(std::string(text));
        if (part.contains("paths")) {
            for (const auto& path : part.at("paths").as_object())
                once(path.key());
        }
        if (!part.contains("components")) continue;
        for (const auto& kind : part.at("components").as_object()) {
            for (const auto& one : kind.value().as_object())
                once(std::string(kind.key()) + '/' + std::string(one.key()));
        }
    }
}

TEST(openapi_of_server, names_the_server_and_its_version) {
    const object document = whole();
    EXPECT_EQ(text_of(document.at("openapi")), "3.1.0");
    EXPECT_EQ(text_of(document.at("info").at("version")), SLUICE_VERSION);
    EXPECT_EQ(text_of(document.at("servers").at(0).at("url")), "https://gateway.example");
}

TEST(openapi_of_endpoint, has_a_path_for_the_split_and_one_for_each_entity) {
    const object document = parsed(
        endpoint_document({"chat", 3, providers::task::chat, {"gpt", "other"}}, "https://gateway.example"));
    EXPECT_EQ(text_of(document.at("info").at("title")), "chat");
    EXPECT_EQ(text_of(document.at("info").at("version")), "3");
    EXPECT_EQ(text_of(document.at("servers").at(0).at("url")),
              "https://gateway.example/serving-endpoints/chat");
    EXPECT_THAT(
        names_in(document.at("paths").as_object()),
        ElementsAre("/invocations", "/served-models/gpt/invocations", "/served-models/other/invocations"));
    EXPECT_THAT(dangling(document), IsEmpty());
}

TEST(openapi_of_endpoint, has_the_shapes_of_its_task_and_no_others) {
    const std::vector<std::pair<providers::task, std::string>> tasks = {
        {providers::task::chat, "Chat"},
        {providers::task::completions, "Completions"},
        {providers::task::embeddings, "Embeddings"},
    };
    for (const auto& [task, shape] : tasks) {
        const object document = parsed(endpoint_document({"e", 1, task, {"a"}}, "http://h"));
        EXPECT_THAT(dangling(document), IsEmpty()) << shape;
        const object& schemas = document.at("components").at("schemas").as_object();
        for (const auto& [other, name] : tasks) {
            EXPECT_EQ(schemas.contains(name + "Query"), other == task) << shape << ' ' << name;
            EXPECT_EQ(schemas.contains(name + "Answer"), other == task) << shape << ' ' << name;
        }
        EXPECT_TRUE(schemas.contains("Error")) << shape;
        EXPECT_FALSE(schemas.contains("ServingEndpointDetailed")) << shape;
    }
}

TEST(openapi_of_endpoint, of_an_endpoint_that_serves_nothing_has_no_paths) {
    const object document = parsed(endpoint_document({"empty"}, "http://h"));
    EXPECT_THAT(names_in(document.at("paths").as_object()), IsEmpty());
    EXPECT_EQ(text_of(document.at("info").at("version")), "0");
    EXPECT_THAT(dangling(document), IsEmpty());
}

} // namespace
} // namespace sluice::openapi::documents_test
