#include "proxy/observe/metrics_store.hpp"

#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace sluice::observe {

namespace {

constexpr std::chrono::milliseconds history_query_time{3000};
constexpr std::size_t most_numbers = 50'000;  // that are remembered
constexpr std::int64_t dropped_at_once = 10;  // minutes
constexpr std::int64_t most_read = 1'000'000; // rows of one query

// Counts are at most what they were when they wrapped round; SQLite has signed numbers.
std::int64_t stored(std::uint64_t count) noexcept {
    return static_cast<std::int64_t>(count);
}

// Version 1; another layout gets another file name, for nothing here is worth a migration.
constexpr const char* schema = R"sql(
CREATE TABLE IF NOT EXISTS entities (
    id          INTEGER PRIMARY KEY,
    endpoint_id TEXT NOT NULL,
    name        TEXT NOT NULL,
    UNIQUE (endpoint_id, name)
) STRICT;

CREATE TABLE IF NOT EXISTS minutes (
    entity        INTEGER NOT NULL REFERENCES entities (id) ON DELETE CASCADE,
    minute        INTEGER NOT NULL,
    requests      INTEGER NOT NULL,
    errors_4xx    INTEGER NOT NULL,
    errors_5xx    INTEGER NOT NULL,
    rate_limited  INTEGER NOT NULL,
    input_tokens  INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    times         BLOB NOT NULL,
    PRIMARY KEY (entity, minute)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS minutes_by_time ON minutes (minute);
)sql";

// Columns from `at` on: the counts and the times.
void read_numbers(const db::statement& row, int at, minute_row& to) {
    const auto next = [&] { return static_cast<std::uint64_t>(row.integer(at++)); };
    to.counts.requests = next();
    to.counts.errors_4xx = next();
    to.counts.errors_5xx = next();
    to.counts.rate_limited = next();
    to.counts.input_tokens = next();
    to.counts.output_tokens = next();
    to.times = row.text(at);
}

} // namespace

result<void> metrics_store::open() {
    if (db_) return {};
    result<void> ready = prepare();
    if (!ready) close();
    return ready;
}

void metrics_store::close() {
    insert_.reset();
    reader_.reset();
    db_.reset();
    numbers_.clear();
}

result<void> metrics_store::prepare() {
    auto opened = db::database::open(file_, db::care::process);
    if (!opened) return fail(std::move(opened).error());
    db_ = *std::move(opened);
    if (auto made = db_->run(schema); !made) return made;
    // Names of which nothing is left.
    if (auto done = db_->run("DELETE FROM entities WHERE NOT EXISTS"
                             " (SELECT 1 FROM minutes WHERE entity = entities.id)");
        !done) {
        return done;
    }
    const auto rows = db::first_row(db_->query("SELECT count(*) FROM minutes"),
                                    [](const db::statement& row) { return row.integer(0); });
    if (!rows) return fail(rows.error());
    rows_ = rows->value_or(0);
    auto insert = db_->query("INSERT OR REPLACE INTO minutes (entity, minute, requests, errors_4xx,"
                             " errors_5xx, rate_limited, input_tokens, output_tokens, times)"
                             " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!insert) return fail(std::move(insert).error());
    insert_ = std::make_unique<db::statement>(*std::move(insert));
    auto reader = db::database::open_reader(file_);
    if (!reader) return fail(std::move(reader).error());
    reader_ = *std::move(reader);
    return {};
}

result<std::int64_t> metrics_store::number_of(std::string_view endpoint_id, const std::string& entity) {
    std::string key(endpoint_id);
    key.append("/").append(entity);
    if (const auto known = numbers_.find(key); known != numbers_.end()) return known->second;
    auto added =
        db_->change("INSERT OR IGNORE INTO entities (endpoint_id, name) VALUES (?, ?)", endpoint_id, entity);
    if (!added) return fail(std::move(added).error());
    auto found = db::first_row(
        db_->query("SELECT id FROM entities WHERE endpoint_id = ? AND name = ?", endpoint_id, entity),
        [](const db::statement& row) { return row.integer(0); });
    if (!found) return fail(std::move(found).error());
    if (numbers_.size() >= most_numbers) numbers_.clear();
    const std::int64_t number = found->value_or(0);
    numbers_.emplace(std::move(key), number);
    return number;
}

result<void> metrics_store::merge(std::int64_t entity, minute_row& row) {
    const auto earlier = db::first_row(
        db_->query("SELECT requests, errors_4xx, errors_5xx, rate_limited, input_tokens, output_tokens, times"
                   " FROM minutes WHERE entity = ? AND minute = ?",
                   entity,
                   row.minute),
        [](const db::statement& at) {
            minute_row out;
            read_numbers(at, 0, out);
            return out;
        });
    if (!earlier) return fail(earlier.error());
    const std::optional<minute_row>& there = *earlier;
    if (!there) {
        ++rows_;
        return {};
    }
    minute_totals sum;
    minute_totals other;
    sum.counts = row.counts;
    other.counts = there->counts;
    (void)add_packed(row.times, sum.times);
    (void)add_packed(there->times, other.times); // damaged: what could be read
    sum.add(other);
    row.counts = sum.counts;
    row.times = pack_times(sum.times);
    return {};
}

result<void> metrics_store::add_row(std::string_view endpoint_id, const minute_row& row) {
    const result<std::int64_t> entity = number_of(endpoint_id, row.entity);
    if (!entity) return fail(entity.error());
    minute_row whole = row;
    if (auto merged = merge(*entity, whole); !merged) return merged;
    return insert_->run(*entity,
                        whole.minute,
                        stored(whole.counts.requests),
                        stored(whole.counts.errors_4xx),
                        stored(whole.counts.errors_5xx),
                        stored(whole.counts.rate_limited),
                        stored(whole.counts.input_tokens),
                        stored(whole.counts.output_tokens),
                        db::blob{whole.times});
}

result<void> metrics_store::add(const std::vector<sampled_endpoint>& all) {
    const std::int64_t rows_before = rows_;
    const auto write = [&]() -> result<void> {
        auto work = db_->begin();
        if (!work) return fail(std::move(work).error());
        for (const sampled_endpoint& endpoint : all) {
            for (const minute_row& row : endpoint.rows) {
                if (auto added = add_row(endpoint.endpoint_id, row); !added) return added;
            }
        }
        return work->commit();
    };
    result<void> written = write();
    if (!written) {
        rows_ = rows_before;
        numbers_.clear(); // some of them were rolled back
    }
    return written;
}

result<void> metrics_store::drop_old(std::int64_t now_minute) {
    auto oldest = db::first_row(db_->query("SELECT min(minute) FROM minutes"),
                                [](const db::statement& row) { return row.integer(0); });
    if (!oldest) return fail(std::move(oldest).error());
    const std::int64_t first = oldest->value_or(0);
    auto dropped = db_->change("DELETE FROM minutes WHERE minute < ?",
                               std::min(now_minute - kept_minutes, first + dropped_at_once));
    if (!dropped) return fail(std::move(dropped).error());
    rows_ -= *dropped;
    if (rows_ <= most_rows_) return {};
    dropped = db_->change("DELETE FROM minutes WHERE minute <= (SELECT minute FROM minutes"
                          " ORDER BY minute LIMIT 1 OFFSET ?)",
                          rows_ - most_rows_ - 1);
    if (!dropped) return fail(std::move(dropped).error());
    rows_ -= *dropped;
    return {};
}

result<void> metrics_store::erase(std::string_view endpoint_id) {
    auto work = db_->begin();
    if (!work) return fail(std::move(work).error());
    auto dropped = db_->change(
        "DELETE FROM minutes WHERE entity IN (SELECT id FROM entities WHERE endpoint_id = ?)", endpoint_id);
    if (!dropped) return fail(std::move(dropped).error());
    auto names = db_->change("DELETE FROM entities WHERE endpoint_id = ?", endpoint_id);
    if (!names) return fail(std::move(names).error());
    numbers_.clear();
    if (auto done = work->commit(); !done) return done;
    rows_ -= *dropped;
    return {};
}

result<void> metrics_store::erase_others(const std::vector<std::string>& endpoint_ids) {
    const absl::flat_hash_set<std::string_view> left(endpoint_ids.begin(), endpoint_ids.end());
    auto there = db::all_rows(db_->query("SELECT DISTINCT endpoint_id FROM entities"),
                              [](const db::statement& row) { return row.text(0); });
    if (!there) return fail(std::move(there).error());
    for (const std::string& id : *there) {
        if (left.contains(id)) continue;
        if (auto gone = erase(id); !gone) return gone;
    }
    return {};
}

result<std::vector<minute_row>>
metrics_store::read(std::string_view endpoint_id, std::int64_t first, std::int64_t end) {
    reader_->limit_time(history_query_time);
    return db::all_rows(
        reader_->query("SELECT e.name, m.minute, m.requests, m.errors_4xx, m.errors_5xx, m.rate_limited,"
                       " m.input_tokens, m.output_tokens, m.times"
                       " FROM entities AS e CROSS JOIN minutes AS m ON m.entity = e.id"
                       " WHERE e.endpoint_id = ? AND m.minute >= ? AND m.minute < ? LIMIT ?",
                       endpoint_id,
                       first,
                       end,
                       most_read),
        [](const db::statement& row) {
            minute_row out;
            out.entity = row.text(0);
            out.minute = row.integer(1);
            read_numbers(row, 2, out);
            return out;
        });
}

} // namespace sluice::observe
