// tools and tool_choice with their old spellings, response_format, reasoning_effort.
#include "providers/neutral_parts.hpp"
#include "providers/sentence.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::providers::neutral {

namespace {

result<void> read_function(slices::node function, std::string_view where, request& out) {
    auto name = text_of(function["name"], sentence({where, ".name"}), out);
    if (!name) return fail(std::move(name).error());
    if (name->empty()) return bad(sentence({"'", where, ".name' is missing."}));
    auto description = text_of(function["description"], sentence({where, ".description"}), out);
    if (!description) return fail(std::move(description).error());
    tool added;
    added.name = *name;
    added.description = *description;
    added.parameters = function["parameters"];
    if (added.parameters && !added.parameters.is(walk::kind::object))
        return bad(sentence({"'", where, ".parameters' must be an object."}));
    added.strict = function["strict"].boolean().value_or(false);
    out.tools.push_back(added);
    return {};
}

// `tools`, or in the old form `functions`, whose elements are what stands in `function` of the new one.
result<void>
read_list(slices::node list, std::string_view name, bool old_form, const dialect& of, request& out) {
    if (!list.is(walk::kind::array)) return bad(sentence({"'", name, "' must be a list."}));
    std::size_t index = 0;
    for (const slices::node each : list.items()) {
        const std::string where = indexed(name, index++);
        const slices::node function = old_form ? each : each["function"];
        if (!old_form) {
            auto type = text_of(each["type"], sentence({where, ".type"}), out);
            if (!type) return fail(std::move(type).error());
            if (*type != "function" && !type->empty()) return fail(not_supported(where, of));
        }
        if (!function.is(walk::kind::object))
            return bad(sentence({"'", where, "' must describe a function."}));
        auto good = read_function(function, old_form ? where : sentence({where, ".function"}), out);
        if (!good) return good;
    }
    return {};
}

result<void> read_choice(slices::node given, std::string_view member, request& out) {
    if (!given) return {};
    if (const auto word = given.text(out.texts)) {
        if (*word == "auto") {
            out.choice.kind = choice_kind::automatic;
        } else if (*word == "none") {
            out.choice.kind = choice_kind::none;
        } else if (*word == "required" || *word == "any") {
            out.choice.kind = choice_kind::required;
        } else {
            return bad(sentence({"'", member, "' must be auto, none, required or name a function."}));
        }
        return {};
    }
    const slices::node function = given["function"] ? given["function"] : given;
    const auto name = function["name"].text(out.texts);
    if (!name || name->empty())
        return bad(sentence({"'", member, "' must be auto, none, required or name a function."}));
    out.choice.kind = choice_kind::named;
    out.choice.name = *name;
    return {};
}

} // namespace

result<void> read_tools(const dialect& of, request& out) {
    const slices::node root = out.tree.root();
    const bool old_form = !root["tools"] && root["functions"];
    const std::string_view member = old_form ? "functions" : "tools";
    if (root[member]) {
        if (auto good = read_list(root[member], member, old_form, of, out); !good) return good;
    }
    const std::string_view choice = root["tool_choice"] ? "tool_choice" : "function_call";
    if (auto good = read_choice(root[choice], choice, out); !good) return good;
    if (const slices::node parallel = root["parallel_tool_calls"]) {
        if (!parallel.boolean()) return bad("'parallel_tool_calls' must be true or false.");
        out.parallel_tool_calls = parallel.boolean().value_or(true);
    }
    return {};
}

result<void> read_format(request& out) {
    const slices::node root = out.tree.root();
    auto effort = text_of(root["reasoning_effort"], "reasoning_effort", out);
    if (!effort) return fail(std::move(effort).error());
    constexpr std::array<std::string_view, 8> efforts = {
        "", "none", "minimal", "low", "medium", "high", "xhigh", "max"};
    if (std::find(efforts.begin(), efforts.end(), *effort) == efforts.end())
        return bad("'reasoning_effort' must be none, minimal, low, medium, high, xhigh or max.");
    out.reasoning_effort = *effort;

    const slices::node format = root["response_format"];
    if (!format) return {};
    auto type = text_of(format["type"], "response_format.type", out);
    if (!type) return fail(std::move(type).error());
    if (*type == "json_object") {
        out.format.kind = format_kind::json_object;
    } else if (*type == "json_schema") {
        const slices::node described = format["json_schema"];
        out.format.kind = format_kind::json_schema;
        out.format.schema = described["schema"];
        if (!out.format.schema.is(walk::kind::object))
            return bad("'response_format.json_schema.schema' must be an object.");
        auto name = text_of(described["name"], "response_format.json_schema.name", out);
        if (!name) return fail(std::move(name).error());
        out.format.name = *name;
    } else if (*type != "text") {
        return bad("'response_format.type' must be text, json_object or json_schema.");
    }
    return {};
}

} // namespace sluice::providers::neutral
