// Sessions of the Serving UI.
#include "proxy/control/store.hpp"

#include <utility>

namespace sluice::control {

namespace {

stored_session session_of(const db::statement& row) {
    return {row.text(0), row.integer(1), row.text(2), row.text(3), row.integer(4), row.integer(5)};
}

} // namespace

result<void> store::add_session(const stored_session& session) {
    return db::without_count(
        db_->change("INSERT INTO ui_sessions (digest, user_id, token_id, created_ms, expires_ms)"
                    " VALUES (?, ?, nullif(?, ''), ?, ?)",
                    db::blob{session.digest},
                    session.user_id,
                    session.token_id,
                    session.created_ms,
                    session.expires_ms));
}

result<std::vector<stored_session>> store::sessions() {
    return all_rows(db_->query("SELECT s.digest, s.user_id, s.token_id, t.digest, s.created_ms, s.expires_ms"
                               " FROM ui_sessions s LEFT JOIN tokens t ON t.id = s.token_id"
                               " ORDER BY s.created_ms, s.rowid"),
                    session_of);
}

result<std::vector<std::string>> store::session_digests(std::int64_t user_id) {
    return all_rows(
        db_->query("SELECT digest FROM ui_sessions WHERE user_id = ? ORDER BY created_ms, rowid", user_id),
        db::first_text);
}

result<void> store::delete_session(std::string_view digest) {
    return db::without_count(db_->change("DELETE FROM ui_sessions WHERE digest = ?", db::blob{digest}));
}

result<void> store::delete_sessions_of(std::int64_t user_id) {
    return db::without_count(db_->change("DELETE FROM ui_sessions WHERE user_id = ?", user_id));
}

result<void> store::delete_sessions_before(wall_ms now) {
    return db::without_count(db_->change("DELETE FROM ui_sessions WHERE expires_ms <= ?", now));
}

} // namespace sluice::control
