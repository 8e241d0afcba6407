// A file descriptor with one owner.
#pragma once

#include <unistd.h>
#include <utility>

namespace sluice::support {

class descriptor {
public:
    descriptor() = default;
    explicit descriptor(int number)
        : number_(number) {}
    descriptor(descriptor&& other) noexcept
        : number_(std::exchange(other.number_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept {
        if (this != &other) {
            close();
            number_ = std::exchange(other.number_, -1);
        }
        return *this;
    }
    ~descriptor() { close(); }

    void close() noexcept {
        if (number_ >= 0) ::close(number_);
        number_ = -1;
    }
    [[nodiscard]] int get() const noexcept { return number_; }

private:
    int number_ = -1;
};

} // namespace sluice::support
