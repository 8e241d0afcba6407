// Usage tracking as a whole: the writer, the reader and the way to be sure that one sees what the other was
// given. Made by the composition root before the shards, stopped after them.
#pragma once

#include "core/base/mutex.hpp"
#include "proxy/model/usage.hpp"
#include "proxy/observe/usage_reader.hpp"
#include "proxy/observe/usage_writer.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace sluice::observe {

class usage_store final : public model::usage_tables {
public:
    // `shards_caught_up` returns when each shard has ended what it is doing now: the row of a request is
    // pushed right behind its answer, which a client may have seen already.
    usage_store(
        const std::string& data_dir, std::uint64_t keep_rows, std::function<void()> shards_caught_up = [] {});

    // Before open(). The queue must live until stop() has returned.
    void add(usage_queue& queue) { writer_.add(queue); }
    // When no shard runs any more: writes what is left.
    void stop() { writer_.stop(); }

    [[nodiscard]] result<void> open() override { return writer_.start(); }
    void entities_in_force(std::vector<model::usage_entity> entities) override;
    void endpoint_deleted(std::string_view endpoint_id, wall_ms when) override;
    void only_these_are_left(std::vector<model::usage_entity> entities,
                             std::vector<std::string> endpoint_ids,
                             wall_ms when) override;
    [[nodiscard]] result<model::usage_page<model::usage_record>>
    requests(const model::usage_filter& wanted) override;
    [[nodiscard]] result<model::usage_page<model::usage_entity>>
    entities(const model::usage_filter& wanted) override;
    [[nodiscard]] result<model::usage_summary> summary(const model::usage_summary_query& wanted) override;

private:
    std::function<void()> shards_caught_up_;
    usage_writer writer_;
    mutex mutex_;
    usage_reader reader_ ABSL_GUARDED_BY(mutex_);
};

} // namespace sluice::observe
