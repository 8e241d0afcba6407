#include "proxy/govern/limits.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace sluice::govern {

namespace {

std::string_view name_of(model::limit_key kind) noexcept {
    switch (kind) {
    case model::limit_key::endpoint: return "endpoint";
    case model::limit_key::user: return "user";
    case model::limit_key::user_group: return "user_group";
    case model::limit_key::service_principal: return "service_principal";
    }
    return "endpoint";
}

// "'user'", or "'user_group' of 'data-science'".
std::string shown(const model::rate_limit& limit) {
    std::string out = "'" + std::string(name_of(limit.key)) + "'";
    if (!limit.principal.empty()) out += " of '" + limit.principal + "'";
    return out;
}

error closed(const model::endpoint& to, const model::rate_limit& limit) {
    return {errc::permission_denied,
            "The endpoint '" + to.name + "' is temporarily disabled: its rate limit for the key " +
                shown(limit) + " is 0."};
}

error exceeded(const model::endpoint& to, const model::rate_limit& limit, nanoseconds wait) {
    const std::int64_t left = std::chrono::ceil<seconds>(wait).count();
    return {errc::request_limit_exceeded,
            "REQUEST_LIMIT_EXCEEDED: user defined rate limit(s) exceeded for '" + to.name +
                "'. Requests-per-minute (RPM) limit of " + std::to_string(limit.calls) +
                " reached for the key " + shown(limit) + ".",
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

// The limits that count for this caller, by what overrides what (limits.hpp).
struct limiter::applicable {
    const model::rate_limit* endpoint = nullptr;
    const model::rate_limit* named = nullptr;                // this user's or this service principal's own
    const model::rate_limit* each_user = nullptr;            // the default
    absl::InlinedVector<const model::rate_limit*, 5> groups; // of which the caller is a member

    applicable(const model::endpoint& to, const model::principal& who) {
        for (const model::rate_limit& limit : to.limits) {
            switch (limit.key) {
            case model::limit_key::endpoint: endpoint = &limit; break;
            case model::limit_key::user:
            case model::limit_key::service_principal:
                if (limit.principal_id == who.id) named = &limit;
                if (limit.principal_id.empty()) each_user = &limit;
                break;
            case model::limit_key::user_group:
                if (who.is_member(limit.principal_id)) groups.push_back(&limit);
                break;
            }
        }
    }
    // The one limit beside the endpoint's, where it is one.
    [[nodiscard]] const model::rate_limit* own() const noexcept {
        if (named) return named;
        return groups.empty() ? each_user : nullptr;
    }
};

result<permit> limiter::admit(const model::endpoint& to, const model::principal& who, steady_time now) {
    if (to.limits.empty()) return permit();
    const applicable limits(to, who);
    const model::rate_limit* const own = limits.own();
    for (const model::rate_limit* limit : {limits.endpoint, own}) {
        if (limit && limit->calls <= 0) return fail(closed(to, *limit));
    }
    permit taken; // gives back what was taken when a later bucket refuses
    for (const model::rate_limit* limit : {limits.endpoint, own}) {
        if (!limit) continue;
        if (const auto wait = take(taken, to, *limit, who, now)) return fail(exceeded(to, *limit, *wait));
    }
    if (own || limits.groups.empty()) return taken;
    // The first group that has room gives the unit; only all of them together refuse.
    const model::rate_limit* nearest = nullptr;
    nanoseconds shortest = nanoseconds::max();
    for (const model::rate_limit* limit : limits.groups) {
        if (limit->calls <= 0) continue;
        const auto wait = take(taken, to, *limit, who, now);
        if (!wait) return taken;
        if (*wait >= shortest) continue;
        shortest = *wait;
        nearest = limit;
    }
    return nearest ? fail(exceeded(to, *nearest, shortest)) : fail(closed(to, *limits.groups.front()));
}

std::optional<nanoseconds> limiter::take(permit& into,
                                         const model::endpoint& to,
                                         const model::rate_limit& limit,
                                         const model::principal& who,
                                         steady_time now) {
    known_bucket& bucket = find(to, limit, who, now);
    if (const auto wait = bucket.units->admit(now, limit.calls)) return wait;
    ++bucket.permits;
    into.units_.push_back({&bucket, limit.calls});
    return std::nullopt;
}

// By ids, so that a bucket keeps its units over config updates and new names.
known_bucket& limiter::find(const model::endpoint& to,
                            const model::rate_limit& limit,
                            const model::principal& who,
                            steady_time now) {
    key_.assign(name_of(limit.key)).append("/").append(to.id);
    if (!limit.principal_id.empty()) {
        key_.append("/of/").append(limit.principal_id);
    } else if (limit.key == model::limit_key::user) {
        key_.append("/").append(who.id);
    }
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
