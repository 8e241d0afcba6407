// The file of the metrics history, `metrics.db` in the data directory: a row for each minute in which an
// entity did something. A commit survives the death of the process. One thread at a time.
#pragma once

#include "core/base/error.hpp"
#include "core/base/string_map.hpp"
#include "core/db/database.hpp"
#include "proxy/observe/metrics_sampler.hpp"
#include "proxy/observe/minute_totals.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::observe {

class metrics_store {
public:
    static constexpr std::int64_t kept_minutes = std::int64_t{7} * 24 * 60;
    static constexpr std::int64_t most_rows = 2'000'000; // about half a gigabyte

    // `keep`: the most rows; the oldest beyond go.
    explicit metrics_store(std::string file, std::int64_t keep = most_rows)
        : file_(std::move(file))
        , most_rows_(keep) {}

    // Opens or makes the file. The error is for the operator.
    [[nodiscard]] result<void> open();
    void close();

    // As one transaction. What is there of the same minute is added to: a gateway may stop and start within
    // one, and a clock may be set back.
    [[nodiscard]] result<void> add(const std::vector<sampled_endpoint>& all);
    // Deletes what is older than a week, at most ten minutes of it at a time: a clock that is wrong for a
    // moment does not cost the history. And the oldest minutes while there are too many rows.
    [[nodiscard]] result<void> drop_old(std::int64_t now_minute);
    [[nodiscard]] result<void> erase(std::string_view endpoint_id);
    // Of endpoints that are not among these.
    [[nodiscard]] result<void> erase_others(const std::vector<std::string>& endpoint_ids);

    // The minutes from `first` to before `end`. Error deadline_exceeded after three seconds.
    [[nodiscard]] result<std::vector<minute_row>>
    read(std::string_view endpoint_id, std::int64_t first, std::int64_t end);

private:
    [[nodiscard]] result<void> prepare();
    [[nodiscard]] result<void> add_row(std::string_view endpoint_id, const minute_row& row);
    // What is stored of the row's minute, added to the row.
    [[nodiscard]] result<void> merge(std::int64_t entity, minute_row& row);
    [[nodiscard]] result<std::int64_t> number_of(std::string_view endpoint_id, const std::string& entity);

    const std::string file_;
    const std::int64_t most_rows_;
    std::unique_ptr<db::database> db_;     // null: not open
    std::unique_ptr<db::database> reader_; // apart: its statements have a time limit
    std::unique_ptr<db::statement> insert_;
    string_map<std::int64_t> numbers_; // of entities, by endpoint and name; a part of the table
    std::int64_t rows_ = 0;
};

} // namespace sluice::observe
