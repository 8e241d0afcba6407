// When an upstream says that a request may be put again.
#pragma once

#include "core/http/message.hpp"

#include <cstdint>
#include <string_view>

namespace sluice::providers {

// Whole seconds, rounded up and kept within 1 to 3600; 0 when nothing says it. Sources in this order:
// retry-after-ms, retry-after (seconds or HTTP date), RetryInfo in the body, x-ratelimit-reset-*,
// anthropic-ratelimit-*-reset (RFC 3339). `now_ms` is wall time.
[[nodiscard]] int retry_after(const http::field_list& fields, std::string_view body, std::int64_t now_ms);

} // namespace sluice::providers
