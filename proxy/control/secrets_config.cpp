// The `secrets` of the config file.
#include "proxy/control/secrets.hpp"
#include "proxy/control/secrets_names.hpp"

#include <optional>
#include <utility>

namespace sluice::control {

namespace {

constexpr std::string_view entry_kind = "secret";

std::string entry_name(const proxy::secret_entry& entry) {
    return lower_case(entry.scope) + "/" + entry.key;
}

} // namespace

result<void> secrets::apply_config(const std::vector<proxy::secret_entry>& entries,
                                   const model::principal& owner,
                                   const entry_note& note) {
    std::vector<std::string> names;
    names.reserve(entries.size());
    for (const auto& entry : entries) {
        if (auto done = apply_entry(entry, owner, note); !done) {
            return fail(done.error().code,
                        "secrets entry " + entry.scope + "/" + entry.key +
                            " of the config file: " + done.error().message);
        }
        names.push_back(entry_name(entry));
    }
    return db_.keep_config_entries(entry_kind, names);
}

result<void> secrets::apply_entry(const proxy::secret_entry& entry,
                                  const model::principal& owner,
                                  const entry_note& note) {
    const std::string name = entry_name(entry);
    std::string text = name + '\n' + std::string(entry.value.reveal()); // a name has no line end
    const std::string digest = keys_.fingerprint(text);
    wipe(text);
    const auto last = db_.config_entry(entry_kind, name);
    if (!last) return fail(last.error());
    if (*last == digest) return {};
    if (!is_scope_name(entry.scope) || !is_secret_key(entry.key)) {
        return fail(errc::invalid_parameter_value, "the name of the scope or of the key is not allowed");
    }
    if (entry.value.reveal().size() > max_value_bytes) {
        return fail(errc::invalid_parameter_value, "the value has more than 131072 bytes");
    }
    auto work = db_.begin();
    if (!work) return fail(std::move(work).error());
    const auto found = db_.find_scope(entry.scope);
    if (!found) return fail(found.error());
    const auto& there = *found;
    const auto scope =
        there ? result<stored_scope>(*there) : add_scope(entry.scope, owner.user_name, owner.user_name);
    if (!scope) return fail(scope.error());
    if (auto done = write(*scope, entry.key, entry.value); !done) return done;
    if (auto done = db_.set_config_entry(entry_kind, name, digest); !done) return done;
    if (auto done = note(scope->name, entry.key, !there); !done) return done;
    if (auto done = work->commit(); !done) return done;
    tell(scope->name, entry.key);
    return {};
}

} // namespace sluice::control
