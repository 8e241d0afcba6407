// The short-lived upstream credentials of the whole process (providers.md §13.3): which are there, when the
// next one is due, and that each is exchanged by one asker at a time while the others wait. A policy: no
// sockets, no clock. Any thread.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/mutex.hpp"
#include "core/base/string_map.hpp"
#include "providers/credential.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice::data {

// Shared with the requests that use it.
using credential_ptr = std::shared_ptr<const providers::credential>;

class credential_table {
public:
    static constexpr wall_ms refresh_before =
        wall_ms{5} * 60 * 1000; // its expiry, and at most half its life before
    static constexpr wall_ms jitter = wall_ms{30} * 1000;
    // No exchange for so long after one that failed or gave what had expired already; doubled each time in a
    // row, up to the longest.
    static constexpr wall_ms quiet_after_failure = 1000;
    static constexpr wall_ms longest_quiet = wall_ms{32} * 1000;
    // A credential that the upstream refuses is replaced so often at most: the next would be refused too.
    static constexpr wall_ms least_between_replacements = wall_ms{10} * 1000;
    static constexpr std::size_t most_waiting = 10'000; // for one credential

    // Called once with the outcome, on the thread of whoever made the exchange.
    using told = std::function<void(const result<credential_ptr>&)>;

    credential_table() = default;
    credential_table(const credential_table&) = delete;
    credential_table& operator=(const credential_table&) = delete;

    struct reply {
        credential_ptr have;          // usable now; else `when_done` has been kept, or there is `refused`
        wall_ms good_until = 0;       // how long it may be used without asking here again
        bool begin = false;           // the asker has to make the exchange, and tell done()
        std::optional<error> refused; // the exchange has just failed, or too many wait
    };
    [[nodiscard]] reply ask(const std::string& id, wall_ms now, told when_done);

    void done(const std::string& id, result<providers::credential> got, wall_ms now);

    // The upstream does not take it. True: there is, or ask() gets, another one.
    [[nodiscard]] bool refused(const std::string& id, const providers::credential& used, wall_ms now);

private:
    struct entry {
        credential_ptr have;
        wall_ms refresh_at = 0;
        bool exchanging = false;
        std::optional<error> failure;
        wall_ms quiet_until = 0;
        int failures = 0; // in a row
        wall_ms replaced_at = 0;
        std::vector<told> waiting;
    };

    void sweep(wall_ms now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(guard_);

    mutex guard_;
    string_map<entry> entries_ ABSL_GUARDED_BY(guard_); // by the source's id
};

} // namespace sluice::data
