// What a fuzzer says of a property that does not hold.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace sluice {

inline void must(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "violated: %s\n", what);
    std::abort();
}

} // namespace sluice
