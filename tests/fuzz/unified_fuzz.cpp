// Whatever the parser of client bodies accepts must go upstream as JSON in which exactly the intended members
// have changed. The judge is Boost.JSON, on the same bytes.
#include "core/json/reader.hpp"
#include "providers/registry.hpp"
#include "providers/unified.hpp"
#include "tests/fuzz/must.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace bj = boost::json;
using namespace sluice;
using namespace sluice::providers;

target make_target(std::string_view model, task kind, bool azure) {
    resolved_config config;
    config.secrets.emplace("openai_api_key", secret_string("sk-fuzz"));
    if (azure) {
        config.plain.emplace("openai_api_type", "azure");
        config.plain.emplace("openai_api_base", "https://res.openai.azure.com");
        config.plain.emplace("openai_api_version", "v");
        config.plain.emplace("openai_deployment_name", "d");
    }
    return openai_provider().resolve(model, kind, config, "").value();
}

const std::array<target, 5>& targets() {
    static const std::array<target, 5> all = {make_target("gpt-4o", task::chat, false),
                                              make_target("o3", task::chat, false),
                                              make_target("o3", task::chat, true),
                                              make_target("m", task::completions, false),
                                              make_target("m", task::embeddings, false)};
    return all;
}

using member_list = std::vector<std::pair<std::string, bj::value>>;

// Top-level members in order, repeated ones too. Boost.JSON keeps only the last of those, so each is parsed
// by itself, at the positions that the parser under test found.
std::optional<bj::value> parsed(std::string_view text) {
    boost::json::error_code failed;
    bj::parse_options options;
    options.max_depth = 70;
    bj::value value = bj::parse({text.data(), text.size()}, failed, {}, options);
    if (failed) return std::nullopt;
    return value;
}

// Boost.JSON refuses half surrogates, which pass through as they stand, and reads 0e400 as no number (equal
// to nothing): such bodies are checked for being JSON only.
bool is_for_boost(std::string_view text) {
    const auto value = parsed(text);
    const auto again = value;
    return value && *value == *again;
}

// The same of the texts in extra_params that go up as what they hold.
bool is_extra_for_boost(const bj::value& body) {
    const bj::value* extra = body.get_object().if_contains("extra_params");
    if (extra == nullptr || !extra->is_object()) return true;
    return std::ranges::all_of(extra->get_object(), [](const bj::key_value_pair& each) {
        const std::string_view text(each.value().get_string().data(), each.value().get_string().size());
        return !json::is_json(text) || is_for_boost(text);
    });
}

std::string key_of(const unified::call& call, const unified::member& each) {
    const auto key = parsed(call.body.substr(each.begin, each.key_end - each.begin));
    must(key && key->is_string(), "a key is a string");
    return {key->get_string().data(), key->get_string().size()};
}

void take_out(member_list& list, std::string_view name) {
    std::erase_if(list, [name](const auto& each) { return each.first == name; });
}

bool has(const member_list& list, std::string_view name) {
    return std::any_of(list.begin(), list.end(), [name](const auto& each) { return each.first == name; });
}

void set(member_list& list, std::string_view name, bj::value value) {
    for (auto& each : list) {
        if (each.first == name) {
            each.second = std::move(value);
            return;
        }
    }
    list.emplace_back(name, std::move(value));
}

void merge_extra(member_list& list, const bj::value& extra) {
    if (!extra.is_object()) return;
    for (const auto& [name, value] : extra.get_object()) {
        const std::string_view text(value.get_string().data(), value.get_string().size());
        auto inner = json::is_json(text) ? parsed(text) : std::nullopt;
        if (!inner || inner->is_string() || inner->is_null()) inner = value;
        must(!has(list, {name.data(), name.size()}), "extra_params add only");
        list.emplace_back(std::string(name.data(), name.size()), *inner);
    }
}

// What the upstream must get, put together from the tree.
bj::object expected(const unified::call& call, const target& to) {
    member_list list;
    bj::value extra;
    for (const unified::member& each : call.members) {
        auto value = parsed(call.body.substr(each.value_begin, each.value_end - each.value_begin));
        must(value.has_value(), "a value is JSON");
        const std::string key = key_of(call, each);
        if (key == "extra_params") extra = *value;
        list.emplace_back(key, std::move(*value));
    }
    merge_extra(list, extra);
    for (const std::string_view name : {"extra_params", "client_request_id", "usage_context"})
        take_out(list, name);
    if (to.sends_model) {
        set(list, "model", bj::value(to.model));
    } else {
        take_out(list, "model");
    }
    if (!call.stream) {
        take_out(list, "stream_options");
    } else {
        const auto options = std::find_if(
            list.begin(), list.end(), [](const auto& each) { return each.first == "stream_options"; });
        bj::object asked = options != list.end() && options->second.is_object() ? options->second.get_object()
                                                                                : bj::object();
        asked["include_usage"] = true;
        set(list, "stream_options", std::move(asked));
    }
    if (to.renames_max_tokens) {
        if (call.find(unified::known::max_completion_tokens) != nullptr) take_out(list, "max_tokens");
        for (auto& each : list) {
            if (each.first == "max_tokens" && call.find(unified::known::max_tokens) != nullptr)
                each.first = "max_completion_tokens";
        }
    }
    bj::object out;
    for (auto& [name, value] : list)
        out[name] = std::move(value);
    return out;
}

void check(const target& to, std::string_view body) {
    static unified::call call; // reused, as on the request path
    if (!unified::parse(to.kind, body, call)) return;
    must(json::is_json(body), "only JSON is accepted");
    upstream_request request;
    must(to.via->encode(call, to, request).has_value(), "what parses encodes");
    std::string sent;
    for (const std::string_view piece : request.body)
        sent.append(piece);
    must(sent.size() == request.body_size, "the size is that of the pieces");
    must(json::is_json(sent), "only JSON is sent");
    if (!is_for_boost(body) || !is_extra_for_boost(*parsed(body))) return;
    const auto got = parsed(sent);
    must(got && got->is_object(), "the upstream's parser reads it");
    must(got->get_object() == expected(call, to), "exactly the intended members have changed");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The padding completes a cut text: the worst that may lie behind it.
    const auto bytes = std::make_unique<char[]>(size + json::padding);
    std::copy_n(data, size, bytes.get());
    std::fill_n(bytes.get() + size, json::padding, size % 2 == 0 ? '}' : '"');
    const std::string_view body(bytes.get(), size);
    for (const target& to : targets())
        check(to, body);
    static_cast<void>(unified::peek_model(body));
    return 0;
}
