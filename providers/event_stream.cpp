#include "providers/event_stream.hpp"

#include "core/base/crc32.hpp"
#include "core/json/reader.hpp"

#include <algorithm>
#include <array>

namespace sluice::providers::event_stream {

namespace {

constexpr std::size_t prelude_bytes = 12; // two lengths and their checksum
constexpr std::size_t checksum_bytes = 4;
constexpr std::size_t least_frame = prelude_bytes + checksum_bytes;

std::uint64_t big_endian(std::string_view bytes) noexcept {
    std::uint64_t value = 0;
    for (const char c : bytes)
        value = value << 8U | static_cast<unsigned char>(c);
    return value;
}

constexpr std::size_t sized = SIZE_MAX;
// Bytes of each type's value; `sized`: two bytes say it.
constexpr std::array<std::size_t, 10> value_bytes = {0, 0, 1, 2, 4, 8, sized, sized, 8, 16};

} // namespace

std::int64_t header::integer() const noexcept {
    switch (type) {
    case header_type::int8:
    case header_type::int16:
    case header_type::int32:
    case header_type::int64:
    case header_type::timestamp: break;
    default: return 0;
    }
    if (value.empty() || value.size() > sizeof(std::uint64_t)) return 0;
    const unsigned unused = 64U - 8U * static_cast<unsigned>(value.size());
    return static_cast<std::int64_t>(big_endian(value) << unused) >> unused; // keeps the sign
}

std::string_view frame::text(std::string_view name) const noexcept {
    const auto found = std::find_if(headers.begin(), headers.end(), [name](const header& each) {
        return each.type == header_type::text && each.name == name;
    });
    return found == headers.end() ? std::string_view() : found->value;
}

void reader::feed(std::string_view in) {
    in_ = in;
}

// Makes `wanted` bytes of the frame lie in one piece: in the input, or in partial_. False: they are not here
// yet, and what is has been kept.
bool reader::gather(std::size_t wanted) {
    if (partial_.empty() && in_.size() >= wanted) return true;
    if (partial_.size() >= wanted) return true;
    const std::size_t taken = std::min(wanted - partial_.size(), in_.size());
    partial_.append(in_.substr(0, taken));
    in_.remove_prefix(taken);
    return partial_.size() >= wanted;
}

bool reader::check_prelude(std::string_view prelude) {
    if (crc32(prelude.substr(0, 8)) != big_endian(prelude.substr(8, 4)))
        return failed("the checksum of a frame's lengths is wrong");
    total_ = big_endian(prelude.substr(0, 4));
    header_bytes_ = big_endian(prelude.substr(4, 4));
    if (header_bytes_ > most_header_bytes) return failed("the headers of a frame are too long");
    if (total_ < least_frame + header_bytes_) return failed("the lengths of a frame contradict each other");
    if (total_ - least_frame - header_bytes_ > most_payload_bytes_)
        return failed("an event of the stream is too long");
    return true;
}

bool reader::read_header(std::string_view& rest) {
    constexpr std::string_view cut = "a header of a frame is cut";
    const auto take = [&rest](std::size_t size) {
        const std::string_view taken = rest.substr(0, size);
        rest.remove_prefix(taken.size());
        return taken;
    };
    header added;
    const std::size_t name_bytes = big_endian(take(1));
    added.name = take(name_bytes);
    if (name_bytes == 0 || added.name.size() != name_bytes || rest.empty()) return failed(cut);
    const std::size_t type = big_endian(take(1));
    if (type >= value_bytes.size()) return failed("a header of a frame has an unknown type");
    added.type = static_cast<header_type>(type);
    std::size_t size = value_bytes[type];
    if (size == sized) {
        if (rest.size() < 2) return failed(cut);
        size = big_endian(take(2));
    }
    added.value = take(size);
    if (added.value.size() != size) return failed(cut);
    const auto is_same = [&added](const header& each) { return each.name == added.name; };
    if (std::any_of(frame_.headers.begin(), frame_.headers.end(), is_same))
        return failed("a header of a frame is given twice");
    if (frame_.headers.size() == most_headers) return failed("a frame has too many headers");
    frame_.headers.push_back(added);
    return true;
}

bool reader::read_frame(std::string_view whole) {
    const std::size_t checked = total_ - checksum_bytes;
    if (crc32(whole.substr(0, checked)) != big_endian(whole.substr(checked, checksum_bytes)))
        return failed("the checksum of a frame is wrong");
    std::string_view headers = whole.substr(prelude_bytes, header_bytes_);
    while (!headers.empty()) {
        if (!read_header(headers)) return false;
    }
    const std::size_t begin = prelude_bytes + header_bytes_;
    frame_.payload = whole.substr(begin, checked - begin);
    return true;
}

result<const frame*> reader::next() {
    if (handed_out_) {
        partial_.clear();
        handed_out_ = false;
    }
    frame_.headers.clear();
    frame_.payload = {};
    if (failure_.empty()) {
        if (total_ == 0) {
            if (!gather(prelude_bytes)) return nullptr;
            if (!check_prelude(front())) return fail(errc::bad_upstream, std::string(failure_));
        }
        if (!gather(total_)) return nullptr;
        if (!partial_.empty()) partial_.reserve(total_ + json::padding);
        if (read_frame(front())) {
            if (partial_.empty()) {
                in_.remove_prefix(total_);
            } else {
                handed_out_ = true;
            }
            total_ = 0;
            return &frame_;
        }
    }
    return fail(errc::bad_upstream, std::string(failure_));
}

} // namespace sluice::providers::event_stream
