#include "proxy/control/migrations.hpp"

#include <array>
#include <cstddef>
#include <string>

namespace sluice::control {

namespace {

// Step n (from 1) is element n - 1.
constexpr std::array<const char*, 4> steps{
    R"sql(
CREATE TABLE meta (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE endpoints (
    id       TEXT PRIMARY KEY NOT NULL,
    name     TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL
) STRICT;

CREATE TABLE secret_scopes (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT NOT NULL COLLATE NOCASE UNIQUE,
    creator      TEXT NOT NULL,
    backend_type TEXT NOT NULL
) STRICT;

CREATE TABLE secrets (
    scope      INTEGER NOT NULL REFERENCES secret_scopes (id) ON DELETE CASCADE,
    key        TEXT NOT NULL,
    sealed     BLOB NOT NULL,
    updated_ms INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE secret_acls (
    scope      INTEGER NOT NULL REFERENCES secret_scopes (id) ON DELETE CASCADE,
    principal  TEXT NOT NULL COLLATE NOCASE,
    permission TEXT NOT NULL CHECK (permission IN ('READ', 'WRITE', 'MANAGE')),
    PRIMARY KEY (scope, principal)
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    user_name    TEXT NOT NULL COLLATE NOCASE UNIQUE,
    display_name TEXT NOT NULL,
    active       INTEGER NOT NULL,
    emails       TEXT NOT NULL,
    entitlements TEXT NOT NULL,
    group_names  TEXT NOT NULL,
    created_ms   INTEGER NOT NULL
) STRICT;
INSERT INTO sqlite_sequence (name, seq) VALUES ('users', 1000);

CREATE TABLE tokens (
    id             TEXT PRIMARY KEY NOT NULL,
    user_id        INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    digest         BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    comment        TEXT NOT NULL,
    created_ms     INTEGER NOT NULL,
    expires_ms     INTEGER NOT NULL,
    created_by     TEXT NOT NULL,
    is_admin_token INTEGER NOT NULL
) STRICT;
CREATE INDEX tokens_by_user ON tokens (user_id);
CREATE UNIQUE INDEX one_admin_token ON tokens (is_admin_token) WHERE is_admin_token = 1;

CREATE TABLE config_entries (
    kind   TEXT NOT NULL,
    name   TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
)sql",
    // Users and service principals share a table and, with groups, one range of ids: see
    // store::next_principal_id.
    R"sql(
ALTER TABLE users ADD COLUMN kind TEXT NOT NULL DEFAULT 'user' CHECK (kind IN ('user', 'service_principal'));
ALTER TABLE users ADD COLUMN external_id TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN name_parts TEXT NOT NULL DEFAULT '{}';

CREATE TABLE groups (
    id           INTEGER PRIMARY KEY NOT NULL,
    name         TEXT NOT NULL COLLATE NOCASE UNIQUE,
    external_id  TEXT NOT NULL,
    entitlements TEXT NOT NULL,
    created_ms   INTEGER NOT NULL
) STRICT;
INSERT INTO groups (id, name, external_id, entitlements, created_ms)
    VALUES (1, 'admins', '', '[]', 0), (2, 'users', '', '[]', 0);

CREATE TABLE group_members (
    group_id  INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    member_id INTEGER NOT NULL,
    PRIMARY KEY (group_id, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_members_by_member ON group_members (member_id);
INSERT INTO group_members (group_id, member_id)
    SELECT 1, users.id FROM users, json_each(users.group_names) WHERE json_each.value = 'admins';
ALTER TABLE users DROP COLUMN group_names;

CREATE TABLE principal_secrets (
    id           TEXT PRIMARY KEY NOT NULL,
    principal_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    digest       BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    scope        TEXT NOT NULL,
    created_ms   INTEGER NOT NULL,
    expires_ms   INTEGER NOT NULL
) STRICT;
CREATE INDEX principal_secrets_by_principal ON principal_secrets (principal_id);

CREATE TABLE audit (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    time_ms        INTEGER NOT NULL,
    request_id     TEXT NOT NULL,
    principal_id   TEXT NOT NULL,
    principal_name TEXT NOT NULL,
    source_address TEXT NOT NULL,
    user_agent     TEXT NOT NULL,
    action         TEXT NOT NULL,
    target         TEXT NOT NULL,
    before         TEXT NOT NULL,
    after          TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_target ON audit (target, id);
CREATE INDEX audit_by_principal ON audit (principal_name, id);
CREATE INDEX audit_by_action ON audit (action, id);
)sql",
    // token_id is NULL for a session that was had for an access token.
    R"sql(
CREATE TABLE ui_sessions (
    digest     BLOB PRIMARY KEY NOT NULL CHECK (length(digest) = 32),
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_id   TEXT REFERENCES tokens (id) ON DELETE CASCADE,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX ui_sessions_by_user ON ui_sessions (user_id);
CREATE INDEX ui_sessions_by_token ON ui_sessions (token_id);
)sql",
    // Versions of endpoints that are there already are added when they are loaded.
    R"sql(
CREATE TABLE config_versions (
    endpoint_id TEXT NOT NULL REFERENCES endpoints (id) ON DELETE CASCADE,
    version     INTEGER NOT NULL,
    created_ms  INTEGER NOT NULL,
    author      TEXT NOT NULL,
    outcome     TEXT NOT NULL CHECK (outcome IN ('pending', 'active', 'superseded', 'failed', 'canceled')),
    message     TEXT NOT NULL,
    bytes       INTEGER NOT NULL,
    document    TEXT NOT NULL,
    PRIMARY KEY (endpoint_id, version)
) STRICT;
)sql",
};

result<std::int64_t> current_version(db::database& db) {
    auto made = db.run("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT");
    if (!made) return fail(std::move(made).error());
    auto row = db.query("SELECT coalesce(max(version), 0) FROM schema_version");
    if (!row) return fail(std::move(row).error());
    const auto there = row->step();
    if (!there) return fail(there.error());
    return row->integer(0);
}

result<void> take_step(db::database& db, std::int64_t version) {
    auto work = db.begin();
    if (!work) return fail(std::move(work).error());
    if (auto done = db.run(steps[static_cast<std::size_t>(version - 1)]); !done) return done;
    if (auto done = db.change("INSERT INTO schema_version (version) VALUES (?)", version); !done) {
        return fail(std::move(done).error());
    }
    return work->commit();
}

} // namespace

int newest_version() noexcept {
    return static_cast<int>(steps.size());
}

result<void> migrate(db::database& db) {
    const auto version = current_version(db);
    if (!version) return fail(version.error());
    if (*version > newest_version()) {
        return fail(errc::internal_error,
                    "the database has version " + std::to_string(*version) +
                        ", but this program knows only up to " + std::to_string(newest_version()) +
                        ": start the newer program that wrote it");
    }
    for (auto next = *version + 1; next <= newest_version(); ++next) {
        if (auto done = take_step(db, next); !done) return done;
    }
    return {};
}

} // namespace sluice::control
