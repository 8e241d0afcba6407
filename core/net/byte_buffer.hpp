// A growing run of bytes with json::padding readable bytes behind it, so that JSON is parsed where it was
// read. Owned by one connection. Views into it are good until reserve(), take-outs and clear().
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace sluice::net {

class byte_buffer {
public:
    static constexpr std::size_t padding = 64;

    [[nodiscard]] std::string_view readable() const noexcept { return {data_.get() + begin_, end_ - begin_}; }
    [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
    [[nodiscard]] char* space() noexcept { return data_.get() + end_; }
    [[nodiscard]] std::size_t space_size() const noexcept { return capacity_ - end_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

    void commit(std::size_t n) noexcept { end_ += n; }
    void consume(std::size_t n) noexcept {
        begin_ += n;
        if (begin_ == end_) begin_ = end_ = 0;
    }
    // Drops the n bytes at the back.
    void retract(std::size_t n) noexcept { end_ -= n; }

    // Makes room for `free` more bytes; may move the content.
    void reserve(std::size_t free) {
        if (space_size() >= free) return;
        const std::size_t used = size();
        if (begin_ > 0 && used + free <= capacity_) {
            std::memmove(data_.get(), data_.get() + begin_, used);
        } else {
            const std::size_t wanted = std::max(used + free, std::size_t{4096});
            std::unique_ptr<char[]> grown(new char[wanted + padding]);
            if (used > 0) std::memcpy(grown.get(), data_.get() + begin_, used);
            std::memset(grown.get() + wanted, 0, padding);
            data_ = std::move(grown);
            capacity_ = wanted;
        }
        begin_ = 0;
        end_ = used;
    }

    // Gives the memory back when nothing is in it and it has grown beyond `keep`.
    void release(std::size_t keep) noexcept {
        if (size() > 0 || capacity_ <= keep) return;
        data_.reset();
        capacity_ = begin_ = end_ = 0;
    }
    void clear() noexcept { begin_ = end_ = 0; }

private:
    std::unique_ptr<char[]> data_;
    std::size_t capacity_ = 0; // without the padding
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

} // namespace sluice::net
