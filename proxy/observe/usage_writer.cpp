#include "proxy/observe/usage_writer.hpp"

#include "core/base/log.hpp"
#include "proxy/observe/usage_context.hpp"
#include "proxy/observe/usage_schema.hpp"

#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <tuple>
#include <utility>

namespace sluice::observe {

namespace {

constexpr milliseconds between_batches{100};
constexpr milliseconds after_a_failure{1000};
constexpr milliseconds longest_flush{5000};
constexpr int last_attempts = 3;                  // at the stop, when the disk refuses
constexpr std::int64_t rows_per_batch = 10'000;   // of one transaction
constexpr std::int64_t least_rows_dropped = 1000; // of each batch, when there are too many
constexpr std::size_t most_news = 100'000;

constexpr std::string_view insert_request_sql =
    "INSERT INTO endpoint_usage (request_time, databricks_request_id, client_request_id, requester, "
    "principal_id, endpoint_id, endpoint_name, served_entity_id, status_code, request_streaming, latency_ms, "
    "time_to_first_byte_ms, input_token_count, output_token_count, cached_input_token_count, "
    "reasoning_output_token_count, input_character_count, usage_context) "
    "VALUES (?, ?, nullif(?, ''), ?, ?, ?, ?, nullif(?, ''), ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''))";
constexpr std::string_view insert_entity_sql =
    "INSERT OR IGNORE INTO served_entities (served_entity_id, endpoint_config_version, created_by, "
    "endpoint_id, "
    "endpoint_name, served_entity_name, entity_name, provider, task, change_time) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view mark_deleted_sql = "UPDATE served_entities SET endpoint_delete_time = ? WHERE "
                                              "endpoint_id = ? AND endpoint_delete_time IS NULL";

std::optional<std::int64_t> known(std::int64_t number) {
    return number < 0 ? std::nullopt : std::optional(number);
}

} // namespace

usage_writer::~usage_writer() {
    stop();
}

result<void> usage_writer::start() {
    if (db_) return {};
    auto prepared = prepare();
    if (!prepared) {
        prepared_.reset();
        db_.reset();
        return prepared;
    }
    const mutex_lock lock(mutex_);
    running_ = true;
    thread_ = std::thread([this] { run(); });
    return {};
}

result<void> usage_writer::prepare() {
    auto opened = open_usage(file_);
    if (!opened) return fail(std::move(opened).error());
    db_ = *std::move(opened);
    auto insert_request = db_->query(insert_request_sql);
    if (!insert_request) return fail(std::move(insert_request).error());
    auto insert_entity = db_->query(insert_entity_sql);
    if (!insert_entity) return fail(std::move(insert_entity).error());
    auto delete_old = db_->query("DELETE FROM endpoint_usage WHERE id <= ?");
    if (!delete_old) return fail(std::move(delete_old).error());
    auto delete_old_entities =
        db_->query("DELETE FROM served_entities WHERE id <= (SELECT max(id) FROM served_entities) - ?");
    if (!delete_old_entities) return fail(std::move(delete_old_entities).error());
    auto mark_deleted = db_->query(mark_deleted_sql);
    if (!mark_deleted) return fail(std::move(mark_deleted).error());
    prepared_.reset(new statements{*std::move(insert_request),
                                   *std::move(insert_entity),
                                   *std::move(delete_old),
                                   *std::move(delete_old_entities),
                                   *std::move(mark_deleted)});
    return find_bounds();
}

void usage_writer::tell(entity_news news) {
    const mutex_lock lock(mutex_);
    if (told_.size() < most_news) told_.push_back(std::move(news));
}

void usage_writer::flush() {
    const mutex_lock lock(mutex_);
    if (!running_) return;
    const std::uint64_t mine = ++flushes_wanted_;
    woken_.notify_one();
    const auto until = std::chrono::steady_clock::now() + longest_flush;
    while (flushes_done_ < mine) {
        if (done_.wait_until(mutex_, until) == std::cv_status::timeout) return;
    }
}

void usage_writer::stop() {
    {
        const mutex_lock lock(mutex_);
        if (!running_) return;
        running_ = false;
        stopping_ = true;
        woken_.notify_one();
    }
    thread_.join();
    report_lost();
    prepared_.reset();
    db_.reset();
}

void usage_writer::run() {
    milliseconds pause = between_batches;
    for (int attempts_left = last_attempts; attempts_left > 0;) {
        std::uint64_t wanted = 0;
        bool last = false;
        {
            const mutex_lock lock(mutex_);
            if (attempts_left < last_attempts || (!stopping_ && flushes_done_ == flushes_wanted_))
                woken_.wait_for(mutex_, pause);
            wanted = flushes_wanted_;
            last = stopping_;
        }
        const bool written = write_all();
        {
            const mutex_lock lock(mutex_);
            flushes_done_ = wanted;
            done_.notify_all();
        }
        if (last && written) return;
        if (last) --attempts_left;
        pause = written ? between_batches : after_a_failure;
    }
}

bool usage_writer::write_all() {
    if (writing_.size() < most_news) {
        const mutex_lock lock(mutex_);
        std::move(told_.begin(), told_.end(), std::back_inserter(writing_));
        told_.clear();
    }
    // What is in the rings now: rows that come meanwhile wait for the next round, or this one might never
    // end.
    std::vector<usage_queue::cursor> cursors;
    cursors.reserve(queues_.size());
    for (usage_queue* queue : queues_)
        cursors.push_back(queue->read());
    const auto left = [&cursors] {
        return std::ranges::any_of(cursors, [](const usage_queue::cursor& one) { return !one.at_end(); });
    };
    if (writing_.empty() && newest_ - oldest_ < keep_rows_ && !left()) return true;
    do {
        const auto written = write_batch(cursors);
        if (written) continue;
        bounds_known_ = false;
        // The database has logged the cause.
        log::error("usage_not_written", {{"message", std::string_view(written.error().message)}});
        return false;
    } while (left());
    return true;
}

// Moves the cursors on; on an error they are good for nothing any more.
result<void> usage_writer::write_batch(std::vector<usage_queue::cursor>& cursors) {
    auto work = db_->begin();
    if (!work) return fail(std::move(work).error());
    if (!bounds_known_) {
        if (auto found = find_bounds(); !found) return found;
    }
    const auto written = write_rows(cursors);
    if (!written) return fail(written.error());
    for (const entity_news& news : writing_) {
        if (auto done = write_news(news); !done) return done;
    }
    if (auto done = drop_old(*written); !done) return done;
    if (auto done = work->commit(); !done) return done;
    writing_.clear();
    for (std::size_t i = 0; i < queues_.size(); ++i)
        queues_[i]->release(cursors[i]);
    return {};
}

result<std::int64_t> usage_writer::write_rows(std::vector<usage_queue::cursor>& cursors) {
    std::int64_t rows = 0;
    usage_row row;
    for (usage_queue::cursor& cursor : cursors) {
        while (rows < rows_per_batch && cursor.next(row)) {
            if (auto done = write_row(row); !done) return fail(std::move(done).error());
            ++rows;
        }
    }
    if (rows > 0) newest_ = db_->last_insert_id();
    if (oldest_ == 0 && rows > 0) oldest_ = 1;
    return rows;
}

result<void> usage_writer::write_row(const usage_row& row) {
    const usage_row::numbers& values = row.values;
    const std::string context = compact_context(row.usage_context);
    return prepared_->insert_request.run(values.request_time,
                                         row.request_id,
                                         row.client_request_id,
                                         row.requester,
                                         row.principal_id,
                                         row.endpoint_id,
                                         row.endpoint_name,
                                         row.served_entity_id,
                                         std::int64_t{values.status_code},
                                         std::int64_t{values.streaming ? 1 : 0},
                                         values.latency_ms,
                                         known(values.first_byte_ms),
                                         known(values.input_tokens),
                                         known(values.output_tokens),
                                         known(values.cached_tokens),
                                         known(values.reasoning_tokens),
                                         known(values.input_characters),
                                         std::string_view(context));
}

result<void> usage_writer::write_news(const entity_news& news) {
    for (const model::usage_entity& one : news.in_force) {
        auto done = prepared_->insert_entity.run(std::string_view(one.served_entity_id),
                                                 std::int64_t{one.config_version},
                                                 std::string_view(one.created_by),
                                                 std::string_view(one.endpoint_id),
                                                 std::string_view(one.endpoint_name),
                                                 std::string_view(one.name),
                                                 std::string_view(one.external_model),
                                                 std::string_view(one.provider),
                                                 std::string_view(one.task),
                                                 one.change_time);
        if (!done) return done;
    }
    if (!news.deleted_endpoint.empty()) {
        auto done = prepared_->mark_deleted.run(news.when, std::string_view(news.deleted_endpoint));
        if (!done) return done;
    }
    if (news.left_ids) return mark_all_but(*news.left_ids, news.when);
    return {};
}

result<void> usage_writer::mark_all_but(const std::vector<std::string>& left, wall_ms when) {
    const absl::flat_hash_set<std::string> there(left.begin(), left.end());
    auto stored = db::all_rows(
        db_->query("SELECT DISTINCT endpoint_id FROM served_entities WHERE endpoint_delete_time IS NULL"),
        [](const db::statement& row) { return row.text(0); });
    if (!stored) return fail(std::move(stored).error());
    for (const std::string& id : *stored) {
        if (there.contains(id)) continue;
        auto done = prepared_->mark_deleted.run(when, std::string_view(id));
        if (!done) return done;
    }
    return {};
}

result<void> usage_writer::find_bounds() {
    auto bounds =
        db::first_row(db_->query("SELECT coalesce((SELECT min(id) FROM endpoint_usage), 0), "
                                 "coalesce((SELECT max(id) FROM endpoint_usage), -1)"),
                      [](const db::statement& row) { return std::pair(row.integer(0), row.integer(1)); });
    if (!bounds) return fail(std::move(bounds).error());
    std::tie(oldest_, newest_) = bounds->value_or(std::pair<std::int64_t, std::int64_t>(0, -1));
    bounds_known_ = true;
    return {};
}

// Ids have no gaps, so the number of rows is known without counting them.
result<void> usage_writer::drop_old(std::int64_t written) {
    if (!writing_.empty()) {
        if (auto done = prepared_->delete_old_entities.run(keep_rows_); !done) return done;
    }
    const std::int64_t too_many = newest_ - oldest_ + 1 - keep_rows_;
    if (oldest_ == 0 || too_many <= 0) return {};
    const std::int64_t step = std::min(too_many, std::max(least_rows_dropped, 2 * written));
    if (auto done = prepared_->delete_old.run(oldest_ + step - 1); !done) return done;
    oldest_ += step;
    return {};
}

void usage_writer::report_lost() {
    std::int64_t lost = 0;
    for (usage_queue* queue : queues_) {
        usage_queue::cursor left = queue->read();
        usage_row row;
        while (left.next(row))
            ++lost;
        queue->release(left);
    }
    if (lost > 0) log::error("usage_rows_lost", {{"rows", lost}});
}

} // namespace sluice::observe
