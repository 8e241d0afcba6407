#include "proxy/model/entity_stats.hpp"

#include <chrono>
#include <utility>

namespace sluice::model {

namespace {

// Never 0, so that an unused cell is never taken for a used one.
std::uint64_t cell_number(steady_time now) noexcept {
    const auto since = std::chrono::duration_cast<seconds>(now.time_since_epoch()).count();
    return static_cast<std::uint64_t>(since) / minute_count::cell_seconds + 1;
}

} // namespace

void minute_count::add(steady_time now) noexcept {
    const std::uint64_t number = cell_number(now);
    std::atomic<std::uint64_t>& cell = cells_[number % cells];
    const std::uint64_t last = cell.load(std::memory_order_relaxed);
    cell.store((last >> 32U) == number ? last + 1 : (number << 32U) + 1, std::memory_order_relaxed);
}

std::uint64_t minute_count::sum(steady_time now) const noexcept {
    const std::uint64_t number = cell_number(now);
    std::uint64_t total = 0;
    for (const std::atomic<std::uint64_t>& cell : cells_) {
        const std::uint64_t value = cell.load(std::memory_order_relaxed);
        if (value >> 32U > number || (value >> 32U) + cells <= number) continue;
        total += value & 0xffff'ffffU;
    }
    return total;
}

void entity_slot::add(const entity_query& one, steady_time now) noexcept {
    requests.add(now);
    all.add();
    if (one.status >= 400 && one.status <= 499) {
        status_4xx.add(now);
        all_4xx.add();
    }
    if (one.status >= 500) {
        status_5xx.add(now);
        all_5xx.add();
    }
    if (one.limited) limited.add();
    latency.observe(one.took_us);
    took.add(one.took_us);
    if (one.streamed) first_token.add(one.first_token_us);
    if (!one.sent) return;
    queue_time.observe(one.queued_us);
    model_latency.observe(one.model_us);
    overhead.add(one.own_us);
    input_tokens.add(one.input_tokens);
    output_tokens.add(one.output_tokens);
}

entity_stats::~entity_stats() {
    slot_table* table = table_.load(std::memory_order_acquire);
    if (!table) return;
    for (std::atomic<entity_slot*>& one : *table)
        delete one.load(std::memory_order_acquire);
    delete table;
}

entity_slot& entity_stats::slot(std::size_t shard, std::size_t shards) {
    slot_table* table = table_.load(std::memory_order_acquire);
    if (!table) {
        auto made = std::make_unique<slot_table>(shards);
        // Another shard may be first: `table` is its table then.
        if (table_.compare_exchange_strong(table, made.get(), std::memory_order_acq_rel))
            table = made.release();
    }
    std::atomic<entity_slot*>& mine = (*table)[shard];
    entity_slot* found = mine.load(std::memory_order_relaxed);
    if (!found) {
        found = std::make_unique<entity_slot>().release();
        mine.store(found, std::memory_order_release);
    }
    return *found;
}

std::vector<const entity_slot*> entity_stats::slots() const {
    std::vector<const entity_slot*> out;
    const slot_table* table = table_.load(std::memory_order_acquire);
    if (!table) return out;
    for (const std::atomic<entity_slot*>& one : *table) {
        if (const entity_slot* used = one.load(std::memory_order_acquire)) out.push_back(used);
    }
    return out;
}

void entity_stats::failed(entity_failure what) {
    const mutex_lock lock(mutex_);
    if (!failures_) failures_ = std::make_unique<failure_ring>();
    if (failures_->lines.size() < most_failures) {
        failures_->lines.push_back(std::move(what));
        return;
    }
    failures_->lines[failures_->oldest] = std::move(what);
    failures_->oldest = (failures_->oldest + 1) % most_failures;
}

std::vector<entity_failure> entity_stats::failures() const {
    const mutex_lock lock(mutex_);
    std::vector<entity_failure> out;
    if (!failures_) return out;
    const std::size_t size = failures_->lines.size();
    out.reserve(size);
    for (std::size_t i = 0; i < size; ++i)
        out.push_back(failures_->lines[(failures_->oldest + i) % size]);
    return out;
}

} // namespace sluice::model
