// The secret tables of the store.
#include "proxy/control/store.hpp"

#include <utility>

namespace sluice::control {

namespace {

stored_scope scope_of(const db::statement& row) {
    return {row.integer(0), row.text(1), row.text(2), row.text(3)};
}

stored_secret stored_secret_of(const db::statement& row) {
    return {row.text(0), row.integer(1)};
}
stored_acl acl_of(const db::statement& row) {
    return {row.text(0), row.text(1)};
}

result<std::int64_t> one_number(result<db::statement> row) {
    if (!row) return fail(std::move(row).error());
    const auto there = row->step();
    if (!there) return fail(there.error());
    return row->integer(0);
}

} // namespace

result<std::int64_t> store::add_scope(const stored_scope& scope) {
    auto done = db_->change("INSERT INTO secret_scopes (name, creator, backend_type) VALUES (?, ?, ?)",
                            scope.name,
                            scope.creator,
                            scope.backend_type);
    if (!done) return fail(std::move(done).error());
    return db_->last_insert_id();
}

result<std::optional<stored_scope>> store::find_scope(std::string_view name) {
    return first_row(
        db_->query("SELECT id, name, creator, backend_type FROM secret_scopes WHERE name = ?", name),
        scope_of);
}

result<std::vector<stored_scope>> store::scopes() {
    return all_rows(db_->query("SELECT id, name, creator, backend_type FROM secret_scopes ORDER BY name"),
                    scope_of);
}

result<void> store::delete_scope(std::int64_t id) {
    auto done = db_->change("DELETE FROM secret_scopes WHERE id = ?", id);
    if (!done) return fail(std::move(done).error());
    return {};
}

result<std::int64_t> store::count_scopes() {
    return one_number(db_->query("SELECT count(*) FROM secret_scopes"));
}

result<void>
store::put_secret(std::int64_t scope, std::string_view key, std::string_view sealed, wall_ms now) {
    auto done = db_->change("INSERT INTO secrets (scope, key, sealed, updated_ms) VALUES (?, ?, ?, ?)"
                            " ON CONFLICT (scope, key) DO UPDATE SET sealed = excluded.sealed,"
                            " updated_ms = excluded.updated_ms",
                            scope,
                            key,
                            db::blob{sealed},
                            now);
    if (!done) return fail(std::move(done).error());
    return {};
}

result<bool> store::delete_secret(std::int64_t scope, std::string_view key) {
    auto done = db_->change("DELETE FROM secrets WHERE scope = ? AND key = ?", scope, key);
    if (!done) return fail(std::move(done).error());
    return *done > 0;
}

result<std::optional<std::string>> store::sealed_secret(std::int64_t scope, std::string_view key) {
    return first_row(db_->query("SELECT sealed FROM secrets WHERE scope = ? AND key = ?", scope, key),
                     db::first_text);
}

result<std::vector<stored_secret>> store::secrets(std::int64_t scope) {
    return all_rows(db_->query("SELECT key, updated_ms FROM secrets WHERE scope = ? ORDER BY key", scope),
                    stored_secret_of);
}

result<std::int64_t> store::count_secrets(std::int64_t scope) {
    return one_number(db_->query("SELECT count(*) FROM secrets WHERE scope = ?", scope));
}

result<void> store::put_acl(std::int64_t scope, const stored_acl& acl) {
    auto done = db_->change("INSERT INTO secret_acls (scope, principal, permission) VALUES (?, ?, ?)"
                            " ON CONFLICT (scope, principal) DO UPDATE SET permission = excluded.permission",
                            scope,
                            acl.principal,
                            acl.permission);
    if (!done) return fail(std::move(done).error());
    return {};
}

result<bool> store::delete_acl(std::int64_t scope, std::string_view principal) {
    auto done = db_->change("DELETE FROM secret_acls WHERE scope = ? AND principal = ?", scope, principal);
    if (!done) return fail(std::move(done).error());
    return *done > 0;
}

result<std::vector<stored_acl>> store::acls(std::int64_t scope) {
    return all_rows(
        db_->query("SELECT principal, permission FROM secret_acls WHERE scope = ? ORDER BY principal", scope),
        acl_of);
}

} // namespace sluice::control
