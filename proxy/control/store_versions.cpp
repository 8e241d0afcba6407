// The history of endpoints' configs in the store.
#include "proxy/control/store.hpp"

#include <utility>

namespace sluice::control {

namespace {

constexpr std::int64_t most_bytes = std::int64_t{32} * 1024 * 1024; // of an endpoint's versions
constexpr std::size_t most_version_page_bytes = std::size_t{8} * 1024 * 1024;

stored_version version_of(const db::statement& row) {
    return {
        static_cast<int>(row.integer(0)), row.integer(1), row.text(2), row.text(3), row.text(4), row.text(5)};
}

} // namespace

result<void> store::add_version(std::string_view endpoint_id, const stored_version& version, int keep) {
    auto work = begin();
    if (!work) return fail(std::move(work).error());
    auto added = db_->change("INSERT INTO config_versions"
                             " (endpoint_id, version, created_ms, author, outcome, message, bytes, document)"
                             " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                             endpoint_id,
                             std::int64_t{version.version},
                             version.created_ms,
                             version.author,
                             version.outcome,
                             version.message,
                             static_cast<std::int64_t>(version.document.size()),
                             version.document);
    if (!added) return fail(std::move(added).error());
    auto dropped = db_->change(
        "DELETE FROM config_versions WHERE endpoint_id = ? AND version <= ? AND outcome <> 'active'",
        endpoint_id,
        std::int64_t{version.version} - keep);
    if (!dropped) return fail(std::move(dropped).error());
    dropped = db_->change("DELETE FROM config_versions WHERE endpoint_id = ? AND version < ?"
                          " AND outcome <> 'active' AND version IN (SELECT version FROM"
                          " (SELECT version, sum(bytes) OVER (ORDER BY version DESC) AS total"
                          " FROM config_versions WHERE endpoint_id = ?) WHERE total > ?)",
                          endpoint_id,
                          std::int64_t{version.version},
                          endpoint_id,
                          most_bytes);
    if (!dropped) return fail(std::move(dropped).error());
    return work->commit();
}

result<void> store::set_outcome(std::string_view endpoint_id,
                                int version,
                                std::string_view outcome,
                                std::string_view message) {
    auto done = db_->change(
        "UPDATE config_versions SET outcome = ?, message = ? WHERE endpoint_id = ? AND version = ?",
        outcome,
        message,
        endpoint_id,
        std::int64_t{version});
    if (!done) return fail(std::move(done).error());
    return {};
}

result<version_page> store::versions(std::string_view endpoint_id, int before, int most) {
    auto rows = db_->query("SELECT version, created_ms, author, outcome, message, document"
                           " FROM config_versions WHERE endpoint_id = ? AND version < ?"
                           " ORDER BY version DESC LIMIT ?",
                           endpoint_id,
                           std::int64_t{before},
                           std::int64_t{most} + 1);
    if (!rows) return fail(std::move(rows).error());
    version_page out;
    std::size_t bytes = 0;
    for (;;) {
        const auto there = rows->step();
        if (!there) return fail(there.error());
        if (!*there) return out;
        out.more = bytes > most_version_page_bytes || out.versions.size() == static_cast<std::size_t>(most);
        if (out.more) return out;
        out.versions.push_back(version_of(*rows));
        bytes += out.versions.back().document.size();
    }
}

result<std::optional<stored_version>> store::find_version(std::string_view endpoint_id, int version) {
    return first_row(db_->query("SELECT version, created_ms, author, outcome, message, document"
                                " FROM config_versions WHERE endpoint_id = ? AND version = ?",
                                endpoint_id,
                                std::int64_t{version}),
                     version_of);
}

result<std::vector<std::string>> store::endpoints_without_versions() {
    return all_rows(
        db_->query("SELECT id FROM endpoints WHERE NOT EXISTS"
                   " (SELECT 1 FROM config_versions WHERE endpoint_id = endpoints.id) ORDER BY id"),
        [](const db::statement& row) { return row.text(0); });
}

} // namespace sluice::control
