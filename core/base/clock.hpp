// Time as an argument. Policies take a `steady_time` or `wall_ms`; only shells read a clock, and only through
// this interface, so that tests stand still.
#pragma once

#include <chrono>
#include <cstdint>

namespace sluice {

using steady_time = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

// Milliseconds since 1970, the time stamp of the API.
using wall_ms = std::int64_t;

// Any thread may ask. Two implementations: system_clock below, and manual_clock in tests/support.
class clock {
public:
    clock() = default;
    clock(const clock&) = delete;
    clock& operator=(const clock&) = delete;
    virtual ~clock() = default;
    [[nodiscard]] virtual steady_time now() const noexcept = 0;
    [[nodiscard]] virtual wall_ms wall() const noexcept = 0;
};

class system_clock final : public clock {
public:
    [[nodiscard]] steady_time now() const noexcept override { return std::chrono::steady_clock::now(); }
    [[nodiscard]] wall_ms wall() const noexcept override {
        return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    }
};

} // namespace sluice
