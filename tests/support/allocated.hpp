// Bytes that the program has allocated and not freed.
#pragma once

#include <cstddef>
#include <malloc.h>

#if defined(__SANITIZE_ADDRESS__)
#define SLUICE_COUNTS_BY_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLUICE_COUNTS_BY_SANITIZER 1
#endif
#endif
#ifdef SLUICE_COUNTS_BY_SANITIZER
// Declared here: g++ 12 has the function but no header for it.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace sluice::support {

[[nodiscard]] inline std::size_t allocated_bytes() {
#ifdef SLUICE_COUNTS_BY_SANITIZER
    return __sanitizer_get_current_allocated_bytes();
#else
    const auto all = ::mallinfo2();
    return all.uordblks + all.hblkhd;
#endif
}

} // namespace sluice::support
