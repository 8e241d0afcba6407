// Bytes that the program has allocated and not freed.
#pragma once

#include <malloc.h>

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define SLUICE_COUNTS_BY_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLUICE_COUNTS_BY_SANITIZER 1
#endif
#endif
#ifdef SLUICE_COUNTS_BY_SANITIZER
#include <sanitizer/allocator_interface.h>
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
