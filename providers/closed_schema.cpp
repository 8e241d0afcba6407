#include "providers/closed_schema.hpp"

#include "core/json/writer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace sluice::providers {

namespace {

// Members of a schema whose members are schemas, and those that hold plain values.
constexpr std::array<std::string_view, 5> schema_maps = {
    "properties", "$defs", "definitions", "patternProperties", "dependentSchemas"};
constexpr std::array<std::string_view, 4> plain_values = {"enum", "const", "default", "examples"};

template <std::size_t Size>
bool is_one_of(std::string_view name, const std::array<std::string_view, Size>& names) noexcept {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool describes_object(slices::node schema) {
    const slices::node type = schema["type"];
    if (type.raw() == R"("object")" || schema["properties"].is(walk::kind::object)) return true;
    const auto types = type.items();
    return std::any_of(
        types.begin(), types.end(), [](const slices::node& each) { return each.raw() == R"("object")"; });
}

void append_schema_map(std::string& out, slices::node map) {
    json::object_writer writer(out);
    for (const slices::node each : map.items()) {
        writer.key(each.key());
        append_closed_schema(out, each);
    }
    writer.close();
}

} // namespace

void append_closed_schema(std::string& out, slices::node schema) {
    if (schema.is(walk::kind::array)) {
        out += '[';
        bool first = true;
        for (const slices::node each : schema.items()) {
            if (!first) out += ',';
            first = false;
            append_closed_schema(out, each);
        }
        out += ']';
        return;
    }
    if (!schema.is(walk::kind::object)) {
        out += schema.raw();
        return;
    }
    json::object_writer writer(out);
    bool says = false;
    for (const slices::node each : schema.items()) {
        says = says || each.key() == "additionalProperties";
        writer.key(each.key());
        if (is_one_of(each.key(), schema_maps) && each.is(walk::kind::object)) {
            append_schema_map(out, each);
        } else if (is_one_of(each.key(), plain_values)) {
            append_minified(out, each.raw());
        } else {
            append_closed_schema(out, each);
        }
    }
    if (!says && describes_object(schema)) writer.boolean("additionalProperties", false);
    writer.close();
}

} // namespace sluice::providers
