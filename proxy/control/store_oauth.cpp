// The secrets of service principals.
#include "proxy/control/store.hpp"

#include <utility>

namespace sluice::control {

namespace {

std::string select_secrets(std::string_view rest) {
    return "SELECT id, principal_id, digest, scope, created_ms, expires_ms FROM principal_secrets " +
           std::string(rest);
}

stored_principal_secret principal_secret_of(const db::statement& row) {
    return {row.text(0), row.integer(1), row.text(2), row.text(3), row.integer(4), row.integer(5)};
}

} // namespace

result<bool> store::is_service_principal(std::int64_t id) {
    auto row = db_->query("SELECT 1 FROM users WHERE id = ? AND kind = 'service_principal'", id);
    if (!row) return fail(std::move(row).error());
    return row->step();
}

result<void> store::add_principal_secret(const stored_principal_secret& secret) {
    auto done = db_->change("INSERT INTO principal_secrets (id, principal_id, digest, scope, created_ms,"
                            " expires_ms) VALUES (?, ?, ?, ?, ?, ?)",
                            secret.id,
                            secret.principal_id,
                            db::blob{secret.digest},
                            secret.scope,
                            secret.created_ms,
                            secret.expires_ms);
    if (!done) return fail(std::move(done).error());
    return {};
}

result<std::vector<stored_principal_secret>> store::principal_secrets(std::int64_t principal_id) {
    return all_rows(
        db_->query(select_secrets("WHERE principal_id = ? ORDER BY created_ms, rowid"), principal_id),
        principal_secret_of);
}

result<std::optional<stored_principal_secret>> store::find_principal_secret(std::string_view digest) {
    return first_row(db_->query(select_secrets("WHERE digest = ?"), db::blob{digest}), principal_secret_of);
}

result<bool> store::delete_principal_secret(std::int64_t principal_id, std::string_view id) {
    auto done =
        db_->change("DELETE FROM principal_secrets WHERE principal_id = ? AND id = ?", principal_id, id);
    if (!done) return fail(std::move(done).error());
    return *done > 0;
}

} // namespace sluice::control
