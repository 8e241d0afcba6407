// Rate limits: which buckets a call has to take a unit from, and the permit that stands for the units taken.
// The buckets are the one state that shards share (they must be exact); a shard finds the ones it knows
// without a lock.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/mutex.hpp"
#include "core/base/string_map.hpp"
#include "core/base/token_bucket.hpp"
#include "proxy/model/endpoint.hpp"
#include "proxy/model/identity.hpp"

#include <absl/container/inlined_vector.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::govern {

// All buckets of the process, by endpoint id, kind of limit and principal. Because the name of an endpoint
// and its limits are not part of the key, consumption survives config updates. Any thread; outlives the
// limiters that use it.
class bucket_table {
public:
    // The bucket of that key, made full if there was none. `now` dates the sweep that an insertion may start.
    [[nodiscard]] std::shared_ptr<token_bucket> find_or_add(std::string_view key, steady_time now);

    // How many buckets there are, for tests and metrics.
    [[nodiscard]] std::size_t size() const;

private:
    struct part {
        mutable sluice::mutex guard;
        // Shared with the caches of the limiters.
        string_map<std::shared_ptr<token_bucket>> buckets ABSL_GUARDED_BY(guard);
        std::size_t sweep_at ABSL_GUARDED_BY(guard) = 1024;
    };
    static constexpr std::size_t part_count = 64;

    static void sweep(part& from, steady_time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(from.guard);

    std::array<part, part_count> parts_;
};

// A bucket that a limiter knows, and how many permits hold a unit of it.
struct known_bucket {
    std::shared_ptr<token_bucket> units; // shared with the table and other shards
    std::uint32_t permits = 0;
};

// The units that one call has taken. Dropped without keep(), it gives them back: a call counts once it is
// admitted to an upstream try (api.md §9.1). Lives on the limiter's thread and ends before the limiter.
class [[nodiscard]] permit {
public:
    permit() = default;
    permit(permit&& other) noexcept
        : units_(std::exchange(other.units_, {})) {}
    permit& operator=(permit&& other) noexcept;
    permit(const permit&) = delete;
    permit& operator=(const permit&) = delete;
    ~permit() { release(true); }

    // The call counts, whatever comes of it.
    void keep() noexcept { release(false); }

private:
    friend class limiter;
    struct unit {
        known_bucket* from = nullptr; // in the limiter's cache, which keeps it as long as `permits` counts us
        std::int64_t calls = 0;
    };
    void release(bool refund) noexcept;

    absl::InlinedVector<unit, 2> units_;
};

// One for each shard, used by its thread only.
class limiter {
public:
    static constexpr std::size_t default_cache = 65'536;

    explicit limiter(bucket_table& shared, std::size_t most_cached = default_cache)
        : shared_(shared)
        , most_cached_(most_cached) {}
    limiter(const limiter&) = delete;
    limiter& operator=(const limiter&) = delete;

    // Takes a unit from every bucket that applies, or from none (api.md §9.1). The endpoint's limit always
    // applies. Beside it: a limit that names this user or service principal; else those of the caller's
    // groups, whose members share it, and of which one with room is enough; else the default of all users, a
    // budget of each caller's own. Errors: request_limit_exceeded with the seconds to wait (1 to 60), or
    // permission_denied when a limit of 0 closes the endpoint for the caller.
    [[nodiscard]] result<permit>
    admit(const model::endpoint& to, const model::principal& who, steady_time now);

    [[nodiscard]] std::size_t cached() const noexcept { return cache_.size(); }

private:
    struct applicable;

    // nullopt: the permit has one unit more. Else how long until there is one.
    [[nodiscard]] std::optional<nanoseconds> take(permit& into,
                                                  const model::endpoint& to,
                                                  const model::rate_limit& limit,
                                                  const model::principal& who,
                                                  steady_time now);
    [[nodiscard]] known_bucket& find(const model::endpoint& to,
                                     const model::rate_limit& limit,
                                     const model::principal& who,
                                     steady_time now);
    void drop_idle();

    bucket_table& shared_;
    std::size_t most_cached_;
    string_map<std::unique_ptr<known_bucket>> cache_; // the pointees stay where they are
    std::string key_;                                 // reused, so that a hit allocates nothing
};

} // namespace sluice::govern
