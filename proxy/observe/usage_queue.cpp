#include "proxy/observe/usage_queue.hpp"

#include <array>
#include <cstring>
#include <new>
#include <type_traits>

namespace sluice::observe {

namespace {

constexpr std::size_t alignment = 8;
constexpr std::size_t text_count = 8;

// In front of each row's texts. `size` is that of the whole entry; 0: the rest of the ring is unused, go on
// at its front.
struct entry_head {
    std::uint32_t size = 0;
    std::array<std::uint32_t, text_count> lengths{};
    usage_row::numbers values;
};
static_assert(std::is_trivially_copyable_v<entry_head>);

std::array<std::string_view*, text_count> texts_of(usage_row& row) {
    return {&row.request_id,
            &row.client_request_id,
            &row.requester,
            &row.principal_id,
            &row.endpoint_id,
            &row.endpoint_name,
            &row.served_entity_id,
            &row.usage_context};
}

constexpr std::size_t aligned(std::size_t bytes) {
    return (bytes + alignment - 1) / alignment * alignment;
}

} // namespace

usage_queue::usage_queue(std::size_t bytes)
    : size_(aligned(bytes)) {}

bool usage_queue::push(const usage_row& row) noexcept {
    usage_row copy = row;
    const auto texts = texts_of(copy);
    entry_head head;
    head.values = row.values;
    std::size_t needed = sizeof head;
    for (std::size_t i = 0; i < text_count; ++i) {
        head.lengths.at(i) = static_cast<std::uint32_t>(texts.at(i)->size());
        needed += texts.at(i)->size();
    }
    needed = aligned(needed);
    if (needed > size_ / 2) return false; // it might never fit behind what is left at the end
    if (!ring_) {
        ring_.reset(new (std::nothrow) char[size_]);
        if (!ring_) return false;
    }
    std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    const std::size_t to_end = size_ - static_cast<std::size_t>(tail % size_);
    const std::size_t skipped = needed > to_end ? to_end : 0;
    if (tail + skipped + needed - seen_head_ > size_) {
        seen_head_ = head_.load(std::memory_order_acquire);
        if (tail + skipped + needed - seen_head_ > size_) return false;
    }
    if (skipped > 0) {
        const std::uint32_t none = 0;
        std::memcpy(ring_.get() + tail % size_, &none, sizeof none);
        tail += skipped;
    }
    char* out = ring_.get() + tail % size_;
    head.size = static_cast<std::uint32_t>(needed);
    std::memcpy(out, &head, sizeof head);
    out += sizeof head;
    for (const std::string_view* text : texts) {
        if (!text->empty()) std::memcpy(out, text->data(), text->size());
        out += text->size();
    }
    tail_.store(tail + needed, std::memory_order_release);
    return true;
}

usage_queue::cursor usage_queue::read() const {
    return {*this, head_.load(std::memory_order_relaxed), tail_.load(std::memory_order_acquire)};
}

bool usage_queue::cursor::next(usage_row& row) {
    if (at_ == end_) return false;
    entry_head head;
    const char* in = from_->ring_.get() + at_ % from_->size_;
    std::memcpy(&head.size, in, sizeof head.size);
    if (head.size == 0) {
        at_ += from_->size_ - at_ % from_->size_;
        in = from_->ring_.get();
    }
    std::memcpy(&head, in, sizeof head);
    in += sizeof head;
    row.values = head.values;
    const auto texts = texts_of(row);
    for (std::size_t i = 0; i < text_count; ++i) {
        *texts.at(i) = {in, head.lengths.at(i)};
        in += head.lengths.at(i);
    }
    at_ += head.size;
    return true;
}

void usage_queue::release(const cursor& passed) {
    head_.store(passed.at_, std::memory_order_release);
}

} // namespace sluice::observe
