#include "tools/provider/schema.hpp"

#include "tools/provider/text.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace sluice::sim {

namespace {

constexpr std::size_t tokens_per_message = 3;

bool are_texts(const json::value& of) {
    return of.is_array() && std::all_of(of.get_array().begin(),
                                        of.get_array().end(),
                                        [](const json::value& each) { return each.is_string(); });
}

bool has_type(const json::value& of, want type) {
    switch (type) {
    case want::text: return of.is_string();
    case want::integer: return of.is_int64() || of.is_uint64();
    case want::number: return of.is_number();
    case want::boolean: return of.is_bool();
    case want::object: return of.is_object();
    case want::list: return of.is_array();
    case want::texts: return are_texts(of);
    case want::any: return !of.is_null();
    }
    return false;
}

std::optional<double> measure(const json::value& of) {
    if (of.is_array()) return static_cast<double>(of.get_array().size());
    if (!of.is_number()) return std::nullopt;
    return of.to_number<double>();
}

std::string joined(std::string_view where, std::string_view name) {
    std::string path(where);
    if (!path.empty()) path += '.';
    path += name;
    return path;
}

} // namespace

std::optional<problem>
check_members(const json::object& object, std::span<const rule> rules, std::string_view where) {
    for (const auto& [key, value] : object) {
        const std::string_view name(key.data(), key.size());
        const auto found =
            std::find_if(rules.begin(), rules.end(), [name](const rule& each) { return each.name == name; });
        if (found == rules.end()) return problem{fault::unknown, joined(where, name)};
        if (!has_type(value, found->type)) return problem{fault::type, joined(where, name)};
        const auto size = measure(value);
        if (size && (*size < found->least || *size > found->most))
            return problem{fault::range, joined(where, name)};
    }
    for (const rule& each : rules) {
        if (each.required && member(object, each.name) == nullptr)
            return problem{fault::missing, joined(where, each.name)};
    }
    return std::nullopt;
}

std::string sentence_of(const problem& of) {
    switch (of.kind) {
    case fault::unknown: return "Unknown member '" + of.path + "'.";
    case fault::missing: return "Missing member '" + of.path + "'.";
    case fault::type: return "Wrong type of member '" + of.path + "'.";
    case fault::range: return "Member '" + of.path + "' is out of range.";
    }
    return {};
}

std::optional<json::value> parse_object(std::string_view body) {
    json::parse_options options;
    options.max_depth = 128;
    json::error_code ec;
    json::value root = json::parse(json::string_view(body.data(), body.size()), ec, {}, options);
    if (ec || !root.is_object()) return std::nullopt;
    return root;
}

const json::value* member(const json::object& object, std::string_view name) {
    return object.if_contains(json::string_view(name.data(), name.size()));
}

const json::object* object_member(const json::object& object, std::string_view name) {
    const json::value* found = member(object, name);
    return found == nullptr ? nullptr : found->if_object();
}

const json::array* list_member(const json::object& object, std::string_view name) {
    const json::value* found = member(object, name);
    return found == nullptr ? nullptr : found->if_array();
}

std::string_view text_member(const json::object& object, std::string_view name) {
    const json::value* found = member(object, name);
    return found != nullptr && found->is_string() ? view(found->get_string()) : std::string_view();
}

bool bool_member(const json::object& object, std::string_view name) {
    const json::value* found = member(object, name);
    return found != nullptr && found->is_bool() && found->get_bool();
}

std::optional<std::size_t> count_member(const json::object& object, std::string_view name) {
    const json::value* found = member(object, name);
    if (found == nullptr || !found->is_int64() || found->get_int64() < 0) return std::nullopt;
    return static_cast<std::size_t>(found->get_int64());
}

void conversation::said(bool by_user, std::string_view text) {
    out_.prompt_tokens += tokens_per_message + count_tokens(text);
    out_.seed = hash_text(text, out_.seed);
    if (by_user) out_.inputs.assign(1, std::string(text));
}

void conversation::end() {
    if (out_.inputs.empty()) out_.inputs.emplace_back();
}

void add_input(call& out, std::string_view text) {
    out.prompt_tokens += count_tokens(text);
    out.seed = hash_text(text, out.seed);
    out.inputs.emplace_back(text);
}

} // namespace sluice::sim
