// The history of an endpoint's configs: kept with each change, listed, and gone back to.
#include "core/json/writer.hpp"
#include "proxy/control/config_versions.hpp"
#include "proxy/control/endpoint_document.hpp"
#include "proxy/control/plane_state.hpp"

#include <charconv>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

namespace sluice::control {

namespace {

constexpr int versions_of_page = 20;

// nullopt: not a number from 1, or not as it is written here.
std::optional<int> parse_version(std::string_view text) {
    if (text.starts_with('0')) return std::nullopt;
    int version = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (problem != std::errc{} || end != text.data() + text.size() || version < 1) return std::nullopt;
    return version;
}

void write_version(std::string& out, const stored_version& row, const endpoint_config& config) {
    json::object_writer to(out);
    to.number("version", row.version);
    to.number("created_ms", row.created_ms);
    to.text("created_by", row.author);
    to.text("outcome", row.outcome);
    to.text("message", row.message);
    to.raw("config", show_config(config));
    to.close();
}

} // namespace

result<void> plane_state::keep_versions(const endpoint_record* last, const endpoint_record& next) {
    for (const version_change& change : version_changes(last, next)) {
        const std::string outcome(to_string(change.outcome));
        if (!change.added) {
            result<void> set = store_->set_outcome(next.id, change.version, outcome, change.message);
            if (!set) return set;
            continue;
        }
        result<std::string> document = version_document(*change.added, next.id, *vault_);
        if (!document) return fail(document.error());
        const stored_version row{change.version,
                                 change.added->created_ms,
                                 change.added->author,
                                 outcome,
                                 change.message,
                                 std::move(*document)};
        if (result<void> added = store_->add_version(next.id, row, kept_versions); !added) return added;
    }
    return {};
}

result<reply> plane_state::list_versions(const call_input& input) const {
    const result<const endpoint_record*> record = granted(input, model::permission::can_view);
    if (!record) return fail(record.error());
    findings found;
    const std::string token = members(input.body, "", found).text("page_token").value_or("");
    const std::optional<int> before =
        token.empty() ? std::optional(std::numeric_limits<int>::max()) : parse_version(token);
    if (!before) found.refuse("'page_token' is not one that a list has given.");
    if (const result<void> verdict = found.verdict(); !verdict) return fail(verdict.error());
    const result<version_page> page = store_->versions((*record)->id, before.value_or(0), versions_of_page);
    if (!page) return fail(page.error());
    std::string out = R"({"versions":[)";
    for (const stored_version& row : page->versions) {
        const result<endpoint_config> config = read_version(row, (*record)->id, *vault_);
        if (!config) return fail(config.error());
        if (out.back() == '}') out += ',';
        write_version(out, row, *config);
    }
    out += ']';
    if (page->more) {
        out += R"(,"next_page_token":")";
        out += std::to_string(page->versions.back().version);
        out += '"';
    }
    out += '}';
    return out;
}

// As if the caller had sent the old config again, checked anew, for rules, rights and secrets may have
// changed. But its references mean the scopes of then: only who writes a reference says which scope it means.
result<reply> plane_state::restore_version(const call_input& input) {
    const result<const endpoint_record*> record = granted(input, model::permission::can_manage);
    if (!record) return fail(record.error());
    const std::optional<int> version = parse_version(input.parameters.at(1));
    if (!version) return fail(errc::invalid_parameter_value, "The version must be a number from 1.");
    if (!input.body.empty()) {
        return fail(errc::invalid_parameter_value,
                    "A restore takes no members: the config is wholly that of the version.");
    }
    const result<std::optional<stored_version>> stored = store_->find_version((*record)->id, *version);
    if (!stored) return fail(stored.error());
    const std::optional<stored_version>& row = *stored;
    if (!row) {
        return fail(errc::resource_does_not_exist,
                    "The endpoint '" + input.name + "' has no config version " + std::to_string(*version) +
                        "; the last " + std::to_string(kept_versions) + " are kept.");
    }
    const result<endpoint_config> config = read_version(*row, (*record)->id, *vault_);
    if (!config) return fail(config.error());
    if (const result<void> meant = targets_.check_secrets(*config); !meant) return fail(meant.error());
    return update_config({input.who, input.request, input.name, input.parameters, body_of(*config)});
}

} // namespace sluice::control
