// A mutex that both clang's -Wthread-safety and ThreadSanitizer understand: std::mutex has no annotations,
// and Debian's absl::Mutex is compiled without TSan, which then reports races that are none.
#pragma once

#include <absl/base/thread_annotations.h>

#include <mutex>

namespace sluice {

class ABSL_LOCKABLE mutex {
public:
    void lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { inner_.lock(); }
    void unlock() ABSL_UNLOCK_FUNCTION() { inner_.unlock(); }

private:
    std::mutex inner_;
};

class ABSL_SCOPED_LOCKABLE mutex_lock {
public:
    explicit mutex_lock(mutex& held) ABSL_EXCLUSIVE_LOCK_FUNCTION(held)
        : held_(held) {
        held_.lock();
    }
    mutex_lock(const mutex_lock&) = delete;
    mutex_lock& operator=(const mutex_lock&) = delete;
    ~mutex_lock() ABSL_UNLOCK_FUNCTION() { held_.unlock(); }

private:
    mutex& held_;
};

} // namespace sluice
