#include "proxy/control/provider_schema.hpp"

#include "core/json/writer.hpp"
#include "providers/registry.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>
#include <vector>

namespace sluice::control {

namespace {

using providers::config_field;
using providers::field_condition;
using providers::field_kind;
using providers::field_option;
using providers::field_options;
using texts = std::span<const std::string_view>;

std::string_view name_of(field_kind kind) noexcept {
    switch (kind) {
    case field_kind::text: return "text";
    case field_kind::multiline: return "multiline";
    case field_kind::base_url:
    case field_kind::whole_url: return "url";
    }
    return "text";
}

// Appends [a,b]; `append` writes one.
template <typename Range, typename Append>
void append_list(std::string& out, const Range& of, const Append& append) {
    out += '[';
    bool first = true;
    for (const auto& each : of) {
        if (!first) out += ',';
        first = false;
        append(each);
    }
    out += ']';
}

void append_texts(std::string& out, texts of) {
    append_list(out, of, [&out](std::string_view each) { json::append_string(out, each); });
}

// The option that the field belongs to, or "".
std::string_view config_group_of(const providers::provider& of, std::string_view field) {
    for (const field_options& each : of.one_of()) {
        for (const field_option& option : each.options) {
            if (std::ranges::find(option.fields, field) != option.fields.end()) return option.name;
        }
    }
    return {};
}

void append_field(std::string& out, const providers::provider& of, const config_field& field) {
    json::object_writer writer(out);
    writer.text("name", field.name);
    writer.boolean("required", field.required);
    writer.boolean("secret", field.secret);
    writer.text("kind", name_of(field.kind));
    if (!field.choices.empty()) {
        writer.key("choices");
        append_texts(out, field.choices);
    }
    if (!field.default_value.empty()) writer.text("default", field.default_value);
    if (!field.only_if.empty()) {
        writer.key("only_if");
        append_list(out, field.only_if, [&out](const field_condition& each) {
            json::object_writer condition(out);
            condition.text("field", each.field);
            condition.key("values");
            append_texts(out, each.values);
            condition.close();
        });
    }
    if (const std::string_view group = config_group_of(of, field.name); !group.empty())
        writer.text("group", group);
    writer.close();
}

void append_options(std::string& out, const field_options& of) {
    json::object_writer writer(out);
    writer.text("name", of.name);
    writer.key("options");
    append_list(out, of.options, [&out](const field_option& each) {
        json::object_writer option(out);
        option.text("name", each.name);
        option.key("fields");
        append_texts(out, each.fields);
        option.close();
    });
    writer.close();
}

} // namespace

void append_provider(std::string& out, const providers::provider& of) {
    using providers::task;
    std::vector<std::string_view> tasks;
    for (const task kind : {task::chat, task::completions, task::embeddings}) {
        if (of.does(kind)) tasks.push_back(to_string(kind));
    }
    std::vector<config_field> offered;
    std::ranges::copy_if(of.fields(), std::back_inserter(offered), [](const config_field& each) {
        return each.never.empty();
    });
    json::object_writer writer(out);
    writer.text("name", of.name());
    writer.text("config_block", of.config_block());
    writer.key("tasks");
    append_texts(out, tasks);
    writer.key("fields");
    append_list(out, offered, [&out, &of](const config_field& each) { append_field(out, of, each); });
    if (!of.one_of().empty()) {
        writer.key("one_of");
        append_list(out, of.one_of(), [&out](const field_options& each) { append_options(out, each); });
    }
    writer.close();
}

std::string provider_schema() {
    std::vector<const providers::provider*> built;
    for (const providers::entry& each : providers::all_providers()) {
        if (each.built != nullptr) built.push_back(each.built);
    }
    std::string out;
    json::object_writer writer(out);
    writer.key("providers");
    append_list(out, built, [&out](const providers::provider* each) { append_provider(out, *each); });
    writer.close();
    return out;
}

} // namespace sluice::control
