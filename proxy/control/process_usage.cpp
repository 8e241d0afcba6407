#include "proxy/control/process_usage.hpp"

#include <sys/sysinfo.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <string>
#include <thread>
#include <unistd.h>

namespace sluice::control {

namespace {

constexpr seconds shortest{1};

// Of all threads, since the process began.
std::chrono::nanoseconds cpu_time() {
    timespec used{};
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0) return {};
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

// nullopt when the file holds no number ("max": the cgroup has no limit).
std::optional<std::uint64_t> number_in(const char* path, int which = 0) {
    std::ifstream in(path);
    std::uint64_t value = 0;
    for (int i = 0; i <= which; ++i)
        in >> value;
    if (!in) return std::nullopt;
    return value;
}

std::optional<double> memory_percentage() {
    const std::optional<std::uint64_t> pages = number_in("/proc/self/statm", 1);
    struct sysinfo machine{};
    if (!pages || sysinfo(&machine) != 0) return std::nullopt;
    std::uint64_t there = static_cast<std::uint64_t>(machine.totalram) * machine.mem_unit;
    if (const auto limit = number_in("/sys/fs/cgroup/memory.max")) there = std::min(there, *limit);
    if (there == 0) return std::nullopt;
    const double resident = static_cast<double>(*pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
    return 100.0 * resident / static_cast<double>(there);
}

} // namespace

process_usage::measured process_usage::measure(steady_time now) {
    if (last_ != steady_time{} && now - last_ < shortest) return last_measured_;
    const std::chrono::nanoseconds used = cpu_time();
    measured out;
    // The first time there is no interval yet.
    if (last_ != steady_time{}) {
        const double cores = std::max(1U, std::thread::hardware_concurrency());
        out.cpu_percentage = 100.0 * std::chrono::duration<double>(used - last_cpu_).count() /
                             std::chrono::duration<double>(now - last_).count() / cores;
    }
    out.memory_percentage = memory_percentage();
    last_ = now;
    last_cpu_ = used;
    last_measured_ = out;
    return out;
}

} // namespace sluice::control
