// The audit table of the store.
#include "proxy/control/store.hpp"

#include <utility>

namespace sluice::control {

namespace {

audit_event event_of(const db::statement& row) {
    return {row.integer(0),
            row.integer(1),
            row.text(2),
            row.text(3),
            row.text(4),
            row.text(5),
            row.text(6),
            row.text(7),
            row.text(8),
            row.text(9),
            row.text(10)};
}

} // namespace

result<void> store::add_audit(const audit_event& event, std::int64_t keep) {
    auto done = db_->change("INSERT INTO audit (time_ms, request_id, principal_id, principal_name,"
                            " source_address, user_agent, action, target, before, after)"
                            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            event.time_ms,
                            event.request_id,
                            event.principal_id,
                            event.principal_name,
                            event.source_address,
                            event.user_agent,
                            event.action,
                            event.target,
                            event.before,
                            event.after);
    if (!done) return fail(std::move(done).error());
    auto dropped = db_->change("DELETE FROM audit WHERE id <= ?", db_->last_insert_id() - keep);
    if (!dropped) return fail(std::move(dropped).error());
    return {};
}

result<std::vector<audit_event>> store::audit_events(const audit_filter& wanted) {
    return all_rows(
        db_->query("SELECT id, time_ms, request_id, principal_id, principal_name, source_address, user_agent,"
                   " action, target, before, after FROM audit"
                   " WHERE id < ?1 AND time_ms >= ?2 AND time_ms < ?3 AND (?4 = '' OR principal_name = ?4)"
                   " AND (?5 = '' OR action = ?5) AND (?6 = '' OR target = ?6) ORDER BY id DESC LIMIT ?7",
                   wanted.before_id,
                   wanted.start_ms,
                   wanted.end_ms,
                   wanted.principal_name,
                   wanted.action,
                   wanted.target,
                   wanted.most),
        event_of);
}

} // namespace sluice::control
