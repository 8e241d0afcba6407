// How much of the machine this process uses. One thread at a time.
#pragma once

#include "core/base/clock.hpp"

#include <chrono>
#include <optional>

namespace sluice::control {

class process_usage {
public:
    struct measured {
        std::optional<double> cpu_percentage;    // of all cores, since the last measurement
        std::optional<double> memory_percentage; // resident, of what the machine or the cgroup has
    };

    // A second measurement within a second gives the first one's numbers: a shorter interval says little.
    [[nodiscard]] measured measure(steady_time now);

private:
    std::chrono::nanoseconds last_cpu_{0};
    steady_time last_;
    measured last_measured_;
};

} // namespace sluice::control
