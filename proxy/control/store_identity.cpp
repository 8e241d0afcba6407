// The user and token tables of the store.
#include "proxy/control/store.hpp"

#include <utility>

namespace sluice::control {

namespace {

// A SELECT of whole rows; `rest` is what follows the table's name.
std::string select_users(std::string_view rest) {
    return "SELECT id, user_name, display_name, active, emails, entitlements,"
           " (SELECT json_group_array(groups.name) FROM group_members JOIN groups ON groups.id = group_id"
           "  WHERE member_id = users.id), created_ms FROM users " +
           std::string(rest);
}

std::string select_tokens(std::string_view rest) {
    return "SELECT id, user_id, digest, comment, created_ms, expires_ms, created_by, is_admin_token FROM "
           "tokens " +
           std::string(rest);
}

stored_user user_of(const db::statement& row) {
    return {row.integer(0),
            row.text(1),
            row.text(2),
            row.integer(3) != 0,
            row.text(4),
            row.text(5),
            row.text(6),
            row.integer(7)};
}

stored_token token_of(const db::statement& row) {
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
    auto work = begin();
    if (!work) return fail(std::move(work).error());
    auto done = db_->change("INSERT INTO users (user_name, display_name, active, emails, entitlements,"
                            " created_ms) VALUES (?, ?, ?, ?, ?, ?)",
                            user.user_name,
                            user.display_name,
                            std::int64_t{user.active},
                            user.emails,
                            user.entitlements,
                            user.created_ms);
    if (!done) return fail(std::move(done).error());
    const std::int64_t id = db_->last_insert_id();
    auto joined = db_->change("INSERT INTO group_members (group_id, member_id) SELECT groups.id, ? FROM"
                              " groups, json_each(?) AS given WHERE groups.name = given.value",
                              id,
                              user.groups);
    if (!joined) return fail(std::move(joined).error());
    if (auto kept = work->commit(); !kept) return fail(std::move(kept).error());
    return id;
}

result<std::optional<stored_user>> store::find_user(std::string_view user_name) {
    return first_row(db_->query(select_users("WHERE user_name = ?"), user_name), user_of);
}

result<std::optional<stored_user>> store::find_user(std::int64_t id) {
    return first_row(db_->query(select_users("WHERE id = ?"), id), user_of);
}

result<std::vector<stored_user>> store::users() {
    return all_rows(db_->query(select_users("ORDER BY id")), user_of);
}

result<void> store::add_token(const stored_token& token) {
    auto done =
        db_->change("INSERT INTO tokens (id, user_id, digest, comment, created_ms, expires_ms, created_by,"
                    " is_admin_token) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    token.id,
                    token.user_id,
                    db::blob{token.digest},
                    token.comment,
                    token.created_ms,
                    token.expires_ms,
                    token.created_by,
                    std::int64_t{token.is_admin_token});
    if (!done) return fail(std::move(done).error());
    return {};
}

result<bool> store::delete_token(std::string_view id) {
    auto done = db_->change("DELETE FROM tokens WHERE id = ?", id);
    if (!done) return fail(std::move(done).error());
    return *done > 0;
}

result<std::optional<stored_token>> store::find_token(std::string_view id) {
    return first_row(db_->query(select_tokens("WHERE id = ?"), id), token_of);
}

result<std::vector<stored_token>> store::tokens() {
    return all_rows(db_->query(select_tokens("ORDER BY created_ms, rowid")), token_of);
}

result<std::vector<stored_token>> store::tokens(std::int64_t user_id) {
    return all_rows(db_->query(select_tokens("WHERE user_id = ? ORDER BY created_ms, rowid"), user_id),
                    token_of);
}

} // namespace sluice::control
