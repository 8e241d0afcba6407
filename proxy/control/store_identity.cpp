// Users, service principals, groups and tokens in the store.
#include "proxy/control/store.hpp"

#include <utility>

namespace sluice::control {

namespace {

constexpr std::string_view kind_user = "user";
constexpr std::string_view kind_service_principal = "service_principal";

// A SELECT of whole rows; `rest` is what follows the table's name.
std::string select_users(std::string_view rest) {
    return "SELECT id, user_name, display_name, active, emails, entitlements, external_id, name_parts, kind,"
           " created_ms FROM users " +
           std::string(rest);
}

std::string select_groups(std::string_view rest) {
    return "SELECT id, name, external_id, entitlements, created_ms FROM groups " + std::string(rest);
}

std::string select_tokens(std::string_view rest) {
    return "SELECT id, user_id, digest, comment, created_ms, expires_ms, created_by, is_admin_token FROM "
           "tokens " +
           std::string(rest);
}

std::string_view text_of(model::principal_kind kind) {
    return kind == model::principal_kind::service_principal ? kind_service_principal : kind_user;
}

stored_user user_of(const db::statement& row) {
    stored_user out;
    out.id = row.integer(0);
    out.user_name = row.text(1);
    out.display_name = row.text(2);
    out.active = row.integer(3) != 0;
    out.emails = row.text(4);
    out.entitlements = row.text(5);
    out.external_id = row.text(6);
    out.name_parts = row.text(7);
    out.kind = row.text(8) == kind_service_principal ? model::principal_kind::service_principal
                                                     : model::principal_kind::user;
    out.created_ms = row.integer(9);
    return out;
}

stored_group group_of(const db::statement& row) {
    return {row.integer(0), row.text(1), row.text(2), row.text(3), row.integer(4)};
}

stored_membership membership_of(const db::statement& row) {
    return {row.integer(0), row.integer(1)};
}

stored_token stored_token_of(const db::statement& row) {
    return {row.text(0),
            row.integer(1),
            row.text(2),
            row.text(3),
            row.integer(4),
            row.integer(5),
            row.text(6),
            row.integer(7) != 0};
}

} // namespace

result<std::int64_t> store::add_user(const stored_user& user) {
    auto done = db_->change("INSERT INTO users (user_name, display_name, active, emails, entitlements,"
                            " external_id, name_parts, kind, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            user.user_name,
                            user.display_name,
                            std::int64_t{user.active},
                            user.emails,
                            user.entitlements,
                            user.external_id,
                            user.name_parts,
                            text_of(user.kind),
                            user.created_ms);
    if (!done) return fail(std::move(done).error());
    return db_->last_insert_id();
}

result<void> store::update_user(const stored_user& user) {
    return db::without_count(db_->change("UPDATE users SET display_name = ?, active = ?, emails = ?,"
                                         " entitlements = ?, external_id = ?, name_parts = ? WHERE id = ?",
                                         user.display_name,
                                         std::int64_t{user.active},
                                         user.emails,
                                         user.entitlements,
                                         user.external_id,
                                         user.name_parts,
                                         user.id));
}

result<void> store::delete_user(std::int64_t id) {
    return db::without_count(db_->change("DELETE FROM users WHERE id = ?", id));
}

result<std::optional<stored_user>> store::find_user(std::string_view user_name) {
    return first_row(db_->query(select_users("WHERE user_name = ?"), user_name), user_of);
}

result<std::vector<stored_user>> store::users() {
    return all_rows(db_->query(select_users("ORDER BY id")), user_of);
}

// The row of sqlite_sequence is what AUTOINCREMENT takes the next user's id from.
result<std::int64_t> store::next_principal_id() {
    auto done = db_->change("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'users'");
    if (!done) return fail(std::move(done).error());
    auto row = db_->query("SELECT seq FROM sqlite_sequence WHERE name = 'users'");
    if (!row) return fail(std::move(row).error());
    const auto there = row->step();
    if (!there) return fail(there.error());
    return row->integer(0);
}

result<void> store::put_group(const stored_group& group) {
    return db::without_count(
        db_->change("INSERT INTO groups (id, name, external_id, entitlements, created_ms)"
                    " VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
                    " external_id = excluded.external_id, entitlements = excluded.entitlements",
                    group.id,
                    group.name,
                    group.external_id,
                    group.entitlements,
                    group.created_ms));
}

result<void> store::delete_group(std::int64_t id) {
    return db::without_count(db_->change("DELETE FROM groups WHERE id = ?", id));
}

result<std::optional<stored_group>> store::find_group(std::string_view name) {
    return first_row(db_->query(select_groups("WHERE name = ?"), name), group_of);
}

result<std::vector<stored_group>> store::groups() {
    return all_rows(db_->query(select_groups("ORDER BY id")), group_of);
}

result<std::vector<stored_membership>> store::memberships() {
    return all_rows(db_->query("SELECT group_id, member_id FROM group_members"), membership_of);
}

result<void> store::add_membership(const stored_membership& one) {
    return db::without_count(
        db_->change("INSERT OR IGNORE INTO group_members (group_id, member_id) VALUES (?, ?)",
                    one.group_id,
                    one.member_id));
}

result<void> store::delete_membership(const stored_membership& one) {
    return db::without_count(db_->change(
        "DELETE FROM group_members WHERE group_id = ? AND member_id = ?", one.group_id, one.member_id));
}

result<void> store::leave_all_groups(std::int64_t member_id) {
    return db::without_count(db_->change("DELETE FROM group_members WHERE member_id = ?", member_id));
}

result<void> store::rename_in_acls(std::string_view from, std::string_view to) {
    return db::without_count(
        db_->change("UPDATE secret_acls SET principal = ? WHERE principal = ?", to, from));
}

result<void> store::delete_from_acls(std::string_view principal) {
    return db::without_count(db_->change("DELETE FROM secret_acls WHERE principal = ?", principal));
}

result<void> store::add_token(const stored_token& token) {
    return db::without_count(
        db_->change("INSERT INTO tokens (id, user_id, digest, comment, created_ms, expires_ms, created_by,"
                    " is_admin_token) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    token.id,
                    token.user_id,
                    db::blob{token.digest},
                    token.comment,
                    token.created_ms,
                    token.expires_ms,
                    token.created_by,
                    std::int64_t{token.is_admin_token}));
}

result<bool> store::delete_token(std::string_view id) {
    auto done = db_->change("DELETE FROM tokens WHERE id = ?", id);
    if (!done) return fail(std::move(done).error());
    return *done > 0;
}

result<std::optional<stored_token>> store::find_token(std::string_view id) {
    return first_row(db_->query(select_tokens("WHERE id = ?"), id), stored_token_of);
}

result<std::vector<stored_token>> store::tokens() {
    return all_rows(db_->query(select_tokens("ORDER BY created_ms, rowid")), stored_token_of);
}

result<std::vector<stored_token>> store::tokens(std::int64_t user_id) {
    return all_rows(db_->query(select_tokens("WHERE user_id = ? ORDER BY created_ms, rowid"), user_id),
                    stored_token_of);
}

} // namespace sluice::control
