#include "core/base/counter.hpp"

#include <algorithm>
#include <cstddef>

namespace sluice {

void histogram::observe(std::uint64_t microseconds) noexcept {
    const auto* at = std::find_if(
        bounds.begin(), bounds.end(), [&](std::uint32_t ms) { return microseconds <= ms * 1000ULL; });
    buckets[static_cast<std::size_t>(at - bounds.begin())].add();
    sum_us.add(microseconds);
}

} // namespace sluice
