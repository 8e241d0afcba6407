#include "proxy/openapi/documents.hpp"

#include "core/json/text.hpp"
#include "proxy/openapi/parts.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <set>
#include <utility>

namespace sluice::openapi {

namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::string_view query_path = "/serving-endpoints/{name}/invocations"; // of the whole document
constexpr std::string_view components_prefix = "#/components/";

boost::json::string_view boost_view(std::string_view text) {
    return {text.data(), text.size()};
}

// Members of `from` that `to` lacks are added, objects that both have are merged. The parts agree on the
// rest.
void merge(object& to, object from) {
    for (auto& member : from) {
        value& there = to[member.key()];
        if (there.is_object() && member.value().is_object()) {
            merge(there.get_object(), std::move(member.value().get_object()));
        } else {
            there = std::move(member.value());
        }
    }
}

object put_together() {
    object out;
    for (const std::string_view part : document_parts())
        merge(out, boost::json::parse(boost_view(part)).as_object());
    out["info"].as_object()["version"] = SLUICE_VERSION;
    return out;
}

// Everything but the server's URL, made at the first call. The parts are ours: a unit test sees that they can
// be parsed.
const object& whole() {
    static const object all = put_together();
    return all;
}

array server_at(const std::string& url) {
    return {object{{"url", to_json(url)}}};
}

object reference(const std::string& to) {
    return object{{"$ref", to_json(std::string(components_prefix) + to)}};
}

// What the shapes of a task are called in the document.
std::string shape_of(providers::task task) {
    switch (task) {
    case providers::task::chat: return "Chat";
    case providers::task::completions: return "Completions";
    case providers::task::embeddings: return "Embeddings";
    }
    return "Chat";
}

// The errors are those of the path that takes every task.
object
query_operation(const object& all, providers::task task, const std::string& id, const std::string& summary) {
    const std::string shape = shape_of(task);
    object responses{{"200", reference("responses/" + shape + "Answer")}};
    const object& every_task = all.at("paths").at(boost_view(query_path)).at("post").as_object();
    for (const auto& one : every_task.at("responses").as_object()) {
        if (one.key() != "200") responses[one.key()] = one.value();
    }
    return object{{"operationId", to_json(id)},
                  {"summary", to_json(summary)},
                  {"requestBody", reference("requestBodies/" + shape + "Query")},
                  {"responses", std::move(responses)}};
}

// Copies the components that `from` refers to, and those that these refer to.
class component_copy {
public:
    component_copy(const object& all, object& to)
        : all_(all)
        , to_(to) {}

    void follow(const value& from) {
        if (from.is_array()) {
            for (const value& each : from.get_array())
                follow(each);
        }
        if (!from.is_object()) return;
        for (const auto& member : from.get_object()) {
            if (member.key() == "$ref" && member.value().is_string()) {
                const boost::json::string& target = member.value().get_string();
                copy({target.data(), target.size()});
            } else {
                follow(member.value());
            }
        }
    }

private:
    // "#/components/schemas/Error"
    void copy(std::string_view target) {
        if (!target.starts_with(components_prefix) || !copied_.insert(std::string(target)).second) return;
        target.remove_prefix(components_prefix.size());
        const std::size_t slash = target.find('/');
        const std::string_view kind = target.substr(0, slash);
        const std::string_view name = target.substr(slash + 1);
        const value& found = all_.at(boost_view(kind)).at(boost_view(name));
        value& there = to_[boost_view(kind)];
        if (!there.is_object()) there = object();
        there.get_object()[boost_view(name)] = found;
        follow(found);
    }

    const object& all_;
    object& to_;
    std::set<std::string> copied_;
};

} // namespace

std::string server_document(std::string_view base_url) {
    object out = whole();
    out["servers"] = server_at(std::string(base_url));
    return boost::json::serialize(out);
}

std::string endpoint_document(const described_endpoint& endpoint, std::string_view base_url) {
    const object& all = whole();
    const object& components = all.at("components").as_object();
    object paths;
    if (!endpoint.entities.empty()) {
        paths["/invocations"] =
            object{{"post", query_operation(all, endpoint.task, "query", "Query the endpoint")}};
    }
    for (const std::string& entity : endpoint.entities) {
        const std::string path = "/served-models/" + entity + "/invocations";
        paths[boost_view(path)] = object{
            {"post",
             query_operation(all, endpoint.task, "query-" + entity, "Query the served entity " + entity)}};
    }
    object used{{"securitySchemes",
                 object{{"token", components.at("securitySchemes").at("token")},
                        {"basic", components.at("securitySchemes").at("basic")}}}};
    component_copy(components, used).follow(paths);
    const object out{{"openapi", all.at("openapi")},
                     {"info",
                      object{{"title", to_json(endpoint.name)},
                             {"version", to_json(std::to_string(endpoint.config_version))}}},
                     {"servers", server_at(std::string(base_url) + "/serving-endpoints/" + endpoint.name)},
                     {"security", all.at("security")},
                     {"paths", std::move(paths)},
                     {"components", std::move(used)}};
    return boost::json::serialize(out);
}

} // namespace sluice::openapi
