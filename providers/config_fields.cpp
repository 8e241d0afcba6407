#include "providers/config_fields.hpp"

#include "core/http/message.hpp"
#include "providers/config_values.hpp"
#include "providers/sentence.hpp"

#include <algorithm>

namespace sluice::providers {

namespace {

using names = std::span<const std::string_view>;

// "a, b or c"
std::string listed(names of, std::string_view last) {
    std::string out;
    for (std::size_t i = 0; i < of.size(); ++i) {
        if (i > 0) out += i + 1 == of.size() ? last : ", ";
        out += of[i];
    }
    return out;
}

// "'a' and 'b'"
std::string quoted(names of) {
    std::string out;
    for (const std::string_view each : of)
        out += sentence({out.empty() ? "'" : " and '", each, "'"});
    return out;
}

class table {
public:
    table(std::span<const config_field> fields, const resolved_config& config)
        : fields_(fields)
        , config_(config) {}

    [[nodiscard]] bool is_given(std::string_view name) const {
        return has_secret(config_, name) || !plain_value(config_, name).empty();
    }
    [[nodiscard]] bool holds(const config_field& row) const {
        return std::ranges::all_of(row.only_if, [this](const field_condition& each) {
            const std::string_view value = value_of(each.field);
            return std::ranges::any_of(each.values,
                                       [value](std::string_view one) { return http::iequals(one, value); });
        });
    }
    [[nodiscard]] result<void> check_row(const config_field& row) const;
    [[nodiscard]] result<void> check_options(const field_options& of) const;

private:
    [[nodiscard]] std::string_view value_of(std::string_view name) const {
        const std::string_view given = plain_value(config_, name);
        if (!given.empty()) return given;
        const auto row = std::ranges::find(fields_, name, &config_field::name);
        return row == fields_.end() ? std::string_view() : row->default_value;
    }
    [[nodiscard]] result<void> check_value(const config_field& row) const;
    [[nodiscard]] result<void> missing(std::string_view name, std::span<const field_condition> why) const;

    std::span<const config_field> fields_;
    const resolved_config& config_;
};

result<void> table::missing(std::string_view name, std::span<const field_condition> why) const {
    const auto row = std::ranges::find(fields_, name, &config_field::name);
    const bool secret = row != fields_.end() && row->secret;
    std::string text = secret ? sentence({"'", name, "' or '", name, "_plaintext' is missing"})
                              : sentence({"'", name, "' is missing"});
    for (const field_condition& each : why)
        text += sentence({": '", each.field, "' ", value_of(each.field), " needs it"});
    return bad_value(text + '.');
}

result<void> table::check_value(const config_field& row) const {
    if (row.secret) return {};
    const std::string_view value = plain_value(config_, row.name);
    const bool known = row.choices.empty() || std::ranges::any_of(row.choices, [value](std::string_view one) {
                           return http::iequals(one, value);
                       });
    if (!known)
        return bad_value(sentence({"'", row.name, "' must be one of ", listed(row.choices, " and "), "."}));
    if (row.kind != field_kind::base_url && row.kind != field_kind::whole_url) return {};
    const bool whole = row.kind == field_kind::whole_url;
    std::string path;
    const auto parsed = whole ? parse_whole_url(value, path) : parse_url(value, path);
    if (!parsed) return bad_value(sentence({"'", row.name, "': ", parsed.error().message}));
    if (!whole && path.find('?') != std::string::npos)
        return bad_value(sentence({"'", row.name, "' must not have a query."}));
    return {};
}

result<void> table::check_row(const config_field& row) const {
    const bool given = is_given(row.name);
    if (given && !row.never.empty()) return bad_value(sentence({"'", row.name, "' ", row.never}));
    if (holds(row)) {
        if (given) return check_value(row);
        if (row.required) return missing(row.name, row.only_if);
        return {};
    }
    if (!given || !row.refused_otherwise) return {};
    std::string where;
    for (const field_condition& each : row.only_if)
        where += sentence({where.empty() ? "'" : ", '", each.field, "' ", listed(each.values, " or ")});
    return bad_value(sentence({"'", row.name, "' is only for ", where, "."}));
}

result<void> table::check_options(const field_options& of) const {
    const auto is_taken = [this](const field_option& one) {
        return std::ranges::any_of(one.fields, [this](std::string_view each) { return is_given(each); });
    };
    if (std::ranges::count_if(of.options, is_taken) != 1) {
        std::string text;
        for (const field_option& each : of.options)
            text += sentence({text.empty() ? "" : "; ", quoted(each.fields)});
        return bad_value(sentence({"Give exactly one of: ", text, "."}));
    }
    for (const std::string_view each : std::ranges::find_if(of.options, is_taken)->fields) {
        if (!is_given(each)) return missing(each, {});
    }
    return {};
}

} // namespace

result<void> check_fields(std::span<const config_field> fields,
                          std::span<const field_options> one_of,
                          const resolved_config& config) {
    const table rows(fields, config);
    for (const config_field& each : fields) {
        if (auto good = rows.check_row(each); !good) return good;
    }
    for (const field_options& each : one_of) {
        if (auto good = rows.check_options(each); !good) return good;
    }
    return {};
}

} // namespace sluice::providers
