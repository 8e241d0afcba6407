// The audit table of the store.
#include "proxy/control/store.hpp"

#include <utility>

namespace sluice::control {

namespace {

constexpr std::size_t most_page_bytes = std::size_t{8} * 1024 * 1024;

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

result<audit_page> store::audit_events(const audit_filter& wanted) {
    std::string sql =
        "SELECT id, time_ms, request_id, principal_id, principal_name, source_address, user_agent,"
        " action, target, before, after FROM audit"
        " WHERE id < ? AND time_ms >= ? AND time_ms < ?";
    std::vector<db::parameter> values{wanted.before_id, wanted.start_ms, wanted.end_ms};
    // Only the conditions that are asked for: an index serves each.
    const auto where_equal = [&](std::string_view condition, std::string_view text) {
        if (text.empty()) return;
        sql += condition;
        values.emplace_back(text);
    };
    where_equal(" AND principal_name = ?", wanted.principal_name);
    where_equal(" AND action = ?", wanted.action);
    where_equal(" AND target = ?", wanted.target);
    sql += " ORDER BY id DESC LIMIT ?";
    values.emplace_back(wanted.most + 1);
    result<db::statement> rows = db_->query_list(sql, values);
    if (!rows) return fail(std::move(rows).error());
    audit_page out;
    std::size_t bytes = 0;
    for (;;) {
        const auto there = rows->step();
        if (!there) return fail(there.error());
        if (!*there) return out;
        out.more = bytes > most_page_bytes || out.events.size() == static_cast<std::size_t>(wanted.most);
        if (out.more) return out;
        out.events.push_back(event_of(*rows));
        bytes += out.events.back().before.size() + out.events.back().after.size();
    }
}

} // namespace sluice::control
