#include "proxy/govern/limits.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace sluice::govern {

namespace {

std::string_view name_of(model::limit_key kind) noexcept {
    return kind == model::limit_key::user ? "user" : "endpoint";
}

error closed(const model::endpoint& to, model::limit_key kind) {
    return {errc::permission_denied,
            "The endpoint '" + to.name + "' is temporarily disabled: its rate limit for the key '" +
                std::string(name_of(kind)) + "' is 0."};
}

error exceeded(const model::endpoint& to, const model::rate_limit& limit, nanoseconds wait) {
    const std::int64_t left = std::chrono::ceil<seconds>(wait).count();
    return {errc::request_limit_exceeded,
            "REQUEST_LIMIT_EXCEEDED: user defined rate limit(s) exceeded for '" + to.name +
                "'. Requests-per-minute (RPM) limit of " + std::to_string(limit.calls) +
                " reached for the key '" + std::string(name_of(limit.key)) + "'.",
            static_cast<int>(std::clamp<std::int64_t>(left, 1, 60))};
}

} // namespace

std::shared_ptr<token_bucket> bucket_table::find_or_add(std::string_view key, steady_time now) {
    // The high bits: the low ones place the key inside its part.
    part& home = parts_[(string_hash{}(key) >> 48U) % part_count];
    const mutex_lock lock(home.guard);
    if (const auto found = home.buckets.find(key); found != home.buckets.end()) return found->second;
    if (home.buckets.size() >= home.sweep_at) sweep(home, now);
    auto added = std::make_shared<token_bucket>();
    home.buckets.try_emplace(std::string(key), added);
    return added;
}

// Only the table hands buckets out, under the mutex, so one that nobody else holds stays that way until the
// lock is gone.
void bucket_table::sweep(part& from, steady_time now) {
    for (auto it = from.buckets.begin(); it != from.buckets.end();) {
        const auto at = it++;
        if (at->second.use_count() > 1) continue;
        // Pairs with the release of the last other owner: its units are seen below.
        std::atomic_thread_fence(std::memory_order_acquire);
        if (at->second->full(now)) from.buckets.erase(at);
    }
    from.sweep_at = std::max<std::size_t>(1024, from.buckets.size() * 2);
}

std::size_t bucket_table::size() const {
    std::size_t sum = 0;
    for (const part& each : parts_) {
        const mutex_lock lock(each.guard);
        sum += each.buckets.size();
    }
    return sum;
}

permit& permit::operator=(permit&& other) noexcept {
    if (this != &other) {
        release(true);
        units_ = std::exchange(other.units_, {});
    }
    return *this;
}

void permit::release(bool refund) noexcept {
    for (const unit& each : units_) {
        if (refund) each.from->units->refund(each.calls);
        --each.from->permits;
    }
    units_.clear();
}

result<permit> limiter::admit(const model::endpoint& to, const model::principal& who, steady_time now) {
    for (const model::rate_limit& limit : to.limits) {
        if (limit.calls <= 0) return fail(closed(to, limit.key));
    }
    permit taken; // gives back what was taken when a later bucket refuses
    for (const model::rate_limit& limit : to.limits) {
        known_bucket& bucket = find(to, limit.key, who, now);
        if (const auto wait = bucket.units->admit(now, limit.calls)) return fail(exceeded(to, limit, *wait));
        ++bucket.permits;
        taken.units_.push_back({&bucket, limit.calls});
    }
    return taken;
}

known_bucket& limiter::find(const model::endpoint& to,
                            model::limit_key kind,
                            const model::principal& who,
                            steady_time now) {
    key_.assign(name_of(kind)).append("/").append(to.id);
    if (kind == model::limit_key::user) key_.append("/").append(who.id);
    if (const auto found = cache_.find(std::string_view(key_)); found != cache_.end()) return *found->second;
    if (cache_.size() >= most_cached_) drop_idle();
    auto known = std::make_unique<known_bucket>();
    known->units = shared_.find_or_add(key_, now);
    return *cache_.try_emplace(key_, std::move(known)).first->second;
}

// Forgets every bucket of which no permit is out. The table still knows them, so this costs a locked look-up
// each and no unit.
void limiter::drop_idle() {
    for (auto it = cache_.begin(); it != cache_.end();) {
        const auto at = it++;
        if (at->second->permits == 0) cache_.erase(at);
    }
}

} // namespace sluice::govern
