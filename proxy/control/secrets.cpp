#include "proxy/control/secrets.hpp"

#include "core/base/base64.hpp"
#include "proxy/control/body.hpp"
#include "proxy/control/secrets_names.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace sluice::control {

namespace {

using boost::json::object;
using boost::json::value;

bool is_name(std::string_view text, std::string_view marks) noexcept {
    if (text.empty() || text.size() > secrets::max_name_length) return false;
    return std::all_of(text.begin(), text.end(), [marks](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               marks.find(c) != std::string_view::npos;
    });
}

// The members of a request that name its target.
struct secret_address {
    std::string scope;
    std::string key;
};

result<secret_address> read_address(const object& from, bool with_key) {
    findings found;
    const members in(from, "", found);
    secret_address out{in.required_text("scope"), with_key ? in.required_text("key") : std::string()};
    if (auto ok = found.verdict(); !ok) return fail(std::move(ok).error());
    return out;
}

tl::unexpected<error> no_such_scope(std::string_view name) {
    // A text that can be no name is not worth repeating.
    const std::string shown = is_scope_name(name) ? " '" + std::string(name) + "'" : std::string();
    return fail(errc::resource_does_not_exist, "The secret scope" + shown + " does not exist.");
}

tl::unexpected<error> no_such_secret(std::string_view scope, std::string_view key) {
    if (!is_secret_key(key)) return fail(errc::resource_does_not_exist, "The secret does not exist.");
    return fail(errc::resource_does_not_exist,
                "The secret '" + std::string(key) + "' does not exist in the scope '" + std::string(scope) +
                    "'.");
}

result<void> check_backend(const members& in) {
    const auto type = in.text("scope_backend_type");
    if (type == "AZURE_KEYVAULT" || (!type && in.has("backend_azure_keyvault"))) {
        in.found().lacking("Secret scopes that are kept in Azure Key Vault are not supported.");
    } else if (type && *type != "DATABRICKS") {
        in.found().refuse("'scope_backend_type' must be DATABRICKS or AZURE_KEYVAULT.");
    }
    return in.found().verdict();
}

// The value of a put; exactly one of its two forms.
result<std::string> read_value(const object& body) {
    findings found;
    const members in(body, "", found);
    if (in.has("string_value") == in.has("bytes_value")) {
        return fail(errc::bad_request, "Exactly one of 'string_value' and 'bytes_value' must be given.");
    }
    std::optional<std::string> out = in.text(in.has("string_value") ? "string_value" : "bytes_value");
    if (auto ok = found.verdict(); !ok) return fail(std::move(ok).error());
    if (in.has("bytes_value")) {
        out = base64_decode(*out);
        if (!out) return fail(errc::bad_request, "'bytes_value' must be base64.");
    }
    if (out->size() > secrets::max_value_bytes) {
        return fail(errc::invalid_parameter_value, "The value of a secret must have at most 131072 bytes.");
    }
    return std::move(*out);
}

} // namespace

bool is_scope_name(std::string_view name) noexcept {
    return is_name(name, "-_@.");
}
bool is_secret_key(std::string_view key) noexcept {
    return is_name(key, "-_.");
}

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

bool same_text(std::string_view a, std::string_view b) noexcept {
    const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(
        a.begin(), a.end(), b.begin(), b.end(), [low](char x, char y) { return low(x) == low(y); });
}

std::string seal_context(std::string_view scope, std::string_view key) {
    return "secret/" + std::string(scope) + "/" + std::string(key);
}

result<value> secrets::create_scope(const object& body, const model::principal& who) {
    findings found;
    const members in(body, "", found);
    const std::string name = in.required_text("scope");
    const auto manager = in.text("initial_manage_principal");
    if (found.ok() && !is_scope_name(name)) {
        found.refuse("'scope' must be 1 to 128 characters of letters, digits, '-', '_', '@' and '.'.");
    }
    if (manager && *manager != group_users) {
        found.refuse("'initial_manage_principal' can only be 'users'.");
    }
    if (auto ok = check_backend(in); !ok) return fail(std::move(ok).error());
    if (!who.may_create && !who.is_admin) {
        return fail(errc::permission_denied, "You have no right to create secret scopes.");
    }
    auto made = add_scope(name, who.user_name, manager ? std::string(group_users) : who.user_name);
    if (!made) return fail(std::move(made).error());
    return object{};
}

result<stored_scope>
secrets::add_scope(std::string_view name, std::string_view creator, std::string_view manager) {
    const auto found = db_.find_scope(name);
    if (!found) return fail(found.error());
    if (const auto& existing = *found) {
        return fail(errc::secret_already_exists, "The secret scope '" + existing->name + "' already exists.");
    }
    const auto count = db_.count_scopes();
    if (!count) return fail(count.error());
    if (static_cast<std::size_t>(*count) >= max_scopes) {
        return fail(errc::secret_limit_exceeded, "There can be at most 1000 secret scopes.");
    }
    stored_scope scope{0, std::string(name), std::string(creator), "DATABRICKS"};
    auto work = db_.begin();
    if (!work) return fail(std::move(work).error());
    const auto id = db_.add_scope(scope);
    if (!id) return fail(id.error());
    scope.id = *id;
    auto granted = db_.put_acl(scope.id, {std::string(manager), "MANAGE"});
    if (!granted) return fail(std::move(granted).error());
    if (auto done = work->commit(); !done) return fail(std::move(done).error());
    return scope;
}

result<value> secrets::list_scopes(const model::principal& who) {
    const auto all = db_.scopes();
    if (!all) return fail(all.error());
    boost::json::array out;
    for (const auto& scope : *all) {
        const auto has = right_of(who, scope);
        if (!has) return fail(has.error());
        if (*has == right::none) continue;
        out.push_back(object{{"name", scope.name}, {"backend_type", scope.backend_type}});
    }
    return object{{"scopes", std::move(out)}};
}

result<value> secrets::delete_scope(const object& body, const model::principal& who) {
    const auto at = read_address(body, false);
    if (!at) return fail(at.error());
    const auto scope = scope_for(at->scope, who, right::manage);
    if (!scope) return fail(scope.error());
    const auto lost = db_.secrets(scope->id);
    if (!lost) return fail(lost.error());
    if (auto done = db_.delete_scope(scope->id); !done) return fail(std::move(done).error());
    for (const auto& secret : *lost) {
        tell(scope->name, secret.key);
    }
    return object{};
}

result<value> secrets::put(const object& body, const model::principal& who) {
    const auto at = read_address(body, true);
    if (!at) return fail(at.error());
    if (!is_secret_key(at->key)) {
        return fail(errc::invalid_parameter_value,
                    "'key' must be 1 to 128 characters of letters, digits, '-', '_' and '.'.");
    }
    auto text = read_value(body);
    if (!text) return fail(std::move(text).error());
    const secret_string held(*text);
    wipe(*text);
    const auto scope = scope_for(at->scope, who, right::write);
    if (!scope) return fail(scope.error());
    if (auto done = write(*scope, at->key, held); !done) return fail(std::move(done).error());
    tell(scope->name, at->key);
    return object{};
}

result<void> secrets::write(const stored_scope& scope, std::string_view key, const secret_string& text) {
    const auto existing = db_.sealed_secret(scope.id, key);
    if (!existing) return fail(existing.error());
    if (!*existing) {
        const auto count = db_.count_secrets(scope.id);
        if (!count) return fail(count.error());
        if (static_cast<std::size_t>(*count) >= max_secrets_per_scope) {
            return fail(errc::secret_limit_exceeded, "A scope can have at most 1000 secrets.");
        }
    }
    const auto sealed = keys_.seal(text.reveal(), seal_context(scope.name, key));
    if (!sealed) return fail(sealed.error());
    return db_.put_secret(scope.id, key, *sealed, time_.wall());
}

result<value> secrets::remove(const object& body, const model::principal& who) {
    const auto at = read_address(body, true);
    if (!at) return fail(at.error());
    const auto scope = scope_for(at->scope, who, right::write);
    if (!scope) return fail(scope.error());
    const auto was_there = db_.delete_secret(scope->id, at->key);
    if (!was_there) return fail(was_there.error());
    if (!*was_there) return no_such_secret(scope->name, at->key);
    tell(scope->name, at->key);
    return object{};
}

result<value> secrets::list(const object& query, const model::principal& who) {
    const auto at = read_address(query, false);
    if (!at) return fail(at.error());
    const auto scope = scope_for(at->scope, who, right::read);
    if (!scope) return fail(scope.error());
    const auto all = db_.secrets(scope->id);
    if (!all) return fail(all.error());
    boost::json::array out;
    for (const auto& secret : *all) {
        out.push_back(object{{"key", secret.key}, {"last_updated_timestamp", secret.updated_ms}});
    }
    return object{{"secrets", std::move(out)}};
}

result<value> secrets::get(const object& query, const model::principal& who) {
    const auto at = read_address(query, true);
    if (!at) return fail(at.error());
    const auto scope = scope_for(at->scope, who, right::read);
    if (!scope) return fail(scope.error());
    const auto text = resolve(scope->name, at->key);
    if (!text) return fail(text.error());
    return object{{"key", at->key}, {"value", base64_encode(text->reveal())}};
}

result<std::int64_t> secrets::scope_id(std::string_view scope) {
    const auto found = db_.find_scope(scope);
    if (!found) return fail(found.error());
    const auto& at = *found;
    return at ? at->id : std::int64_t{-1};
}

result<secret_string> secrets::resolve(std::string_view scope, std::string_view key) {
    const auto found = db_.find_scope(scope);
    if (!found) return fail(found.error());
    const auto& at = *found;
    if (!at) return no_such_scope(scope);
    const auto stored = db_.sealed_secret(at->id, key);
    if (!stored) return fail(stored.error());
    const auto& sealed = *stored;
    if (!sealed) return no_such_secret(at->name, key);
    result<secret_string> opened = keys_.open(*sealed, seal_context(at->name, key));
    if (opened) return opened;
    return fail(errc::invalid_parameter_value,
                "The secret '" + std::string(key) + "' in the scope '" + at->name +
                    "' is damaged and cannot be read: write it again.");
}

result<stored_scope> secrets::scope_for(std::string_view name, const model::principal& who, right least) {
    const auto found = db_.find_scope(name);
    if (!found) return fail(found.error());
    const auto& scope = *found;
    if (!scope) return no_such_scope(name);
    const auto has = right_of(who, *scope);
    if (!has) return fail(has.error());
    if (*has < least) {
        const std::string_view wanted = least == right::manage  ? "MANAGE"
                                        : least == right::write ? "WRITE"
                                                                : "READ";
        return fail(errc::permission_denied,
                    "You need the permission " + std::string(wanted) + " on the secret scope '" +
                        scope->name + "'.");
    }
    return *scope;
}

void secrets::tell(std::string_view scope, std::string_view key) const {
    if (changed_) changed_(scope, key);
}

} // namespace sluice::control
