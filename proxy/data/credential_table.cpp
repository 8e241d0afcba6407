#include "proxy/data/credential_table.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

namespace sluice::data {

namespace {

constexpr std::size_t swept_from = 1000; // entries
constexpr wall_ms retry_pause = wall_ms{30} * 1000;

bool is_usable(const credential_ptr& have, wall_ms now) noexcept {
    return have && (have->expires == 0 || now < have->expires);
}

// When the next one is due, a little different for each source.
wall_ms due(const std::string& id, const providers::credential& got, wall_ms now) {
    if (got.expires == 0) return INT64_MAX;
    const wall_ms life = std::max<wall_ms>(got.expires - now, 0);
    const auto early = static_cast<wall_ms>(std::hash<std::string>()(id) % credential_table::jitter);
    const wall_ms before = std::min(credential_table::refresh_before + early, life / 2);
    return got.expires - before;
}

// After so many failures in a row.
wall_ms quiet_after(int failures) noexcept {
    wall_ms quiet = failures == 0 ? 0 : credential_table::quiet_after_failure;
    for (int i = 1; i < failures && quiet < credential_table::longest_quiet; ++i)
        quiet *= 2;
    return quiet;
}

} // namespace

// Entities come and go: what nobody has asked for since it expired is of no use.
void credential_table::sweep(wall_ms now) {
    if (entries_.size() < swept_from) return;
    for (auto each = entries_.begin(); each != entries_.end();) {
        const auto here = each++;
        if (!here->second.exchanging && !is_usable(here->second.have, now)) entries_.erase(here);
    }
}

credential_table::reply credential_table::ask(const std::string& id, wall_ms now, told when_done) {
    const mutex_lock held(guard_);
    if (!entries_.contains(id)) sweep(now);
    entry& of = entries_[id];
    reply out;
    const bool quiet = of.failure && now < of.quiet_until;
    if (is_usable(of.have, now)) {
        out.have = of.have;
        out.begin = !of.exchanging && now >= of.refresh_at;
        if (out.begin) of.exchanging = true;
        // While the next one is on its way, every request looks here again.
        out.good_until = std::min(of.refresh_at, of.have->expires == 0 ? INT64_MAX : of.have->expires);
        return out;
    }
    if (!of.exchanging && quiet) {
        out.refused = of.failure;
        return out;
    }
    if (of.waiting.size() >= most_waiting) {
        out.refused = error{
            errc::temporarily_unavailable, "Too many requests wait for an access token of the provider.", 1};
        return out;
    }
    out.begin = !of.exchanging;
    of.exchanging = true;
    of.waiting.push_back(std::move(when_done));
    return out;
}

void credential_table::done(const std::string& id, result<providers::credential> got, wall_ms now) {
    std::vector<told> waiting;
    result<credential_ptr> outcome;
    {
        const mutex_lock held(guard_);
        entry& of = entries_[id];
        of.exchanging = false;
        waiting.swap(of.waiting);
        if (got) {
            of.have = std::make_shared<const providers::credential>(*std::move(got));
            of.refresh_at = due(id, *of.have, now);
            of.failure.reset();
            // Those who waited may use it all the same: clocks differ, and the first time it may be chance.
            if (is_usable(of.have, now)) {
                of.failures = 0;
            } else {
                of.failure = error{errc::bad_upstream, "the access token had expired when it came"};
                of.quiet_until = now + quiet_after(of.failures++);
            }
            outcome = of.have;
        } else {
            of.failure = got.error();
            of.quiet_until = now + quiet_after(++of.failures);
            of.refresh_at = now + retry_pause; // the old one stays in use meanwhile
            outcome = fail(std::move(got).error());
        }
    }
    for (const told& each : waiting)
        each(outcome);
}

bool credential_table::refused(const std::string& id, const providers::credential& used, wall_ms now) {
    const mutex_lock held(guard_);
    const auto found = entries_.find(id);
    if (found == entries_.end() || found->second.have.get() != &used) return true;
    entry& of = found->second;
    if (of.replaced_at != 0 && now < of.replaced_at + least_between_replacements) return false;
    of.replaced_at = now;
    of.have.reset();
    return true;
}

} // namespace sluice::data
