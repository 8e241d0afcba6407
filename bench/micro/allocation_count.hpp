// Counts what operator new is asked for; the counting operator stands in openai_bench.cpp.
#pragma once

#include <cstdint>

namespace sluice::bench {

[[nodiscard]] std::uint64_t allocations() noexcept;

} // namespace sluice::bench
