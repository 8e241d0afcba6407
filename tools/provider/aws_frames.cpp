#include "tools/provider/aws_frames.hpp"

#include "tools/provider/text.hpp"

#include <array>

namespace sluice::sim::aws {

namespace {

constexpr std::array<std::uint32_t, 256> make_table() noexcept {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit)
            value = (value & 1U) != 0 ? 0xEDB88320U ^ (value >> 1U) : value >> 1U;
        table[i] = value;
    }
    return table;
}
constexpr std::array<std::uint32_t, 256> table = make_table();

void append_big_endian(std::string& out, std::uint32_t number, unsigned bytes) {
    for (unsigned shift = 8 * bytes; shift > 0; shift -= 8)
        out += static_cast<char>((number >> (shift - 8)) & 0xFFU);
}

constexpr char string_type = 7;

} // namespace

std::uint32_t crc32(std::string_view bytes) noexcept {
    std::uint32_t value = 0xFFFFFFFFU;
    for (const char c : bytes)
        value = table[(value ^ static_cast<unsigned char>(c)) & 0xFFU] ^ (value >> 8U);
    return value ^ 0xFFFFFFFFU;
}

void append_frame(std::string& out, std::span<const frame_field> fields, std::string_view payload) {
    std::string head;
    for (const auto& [name, value] : fields) {
        head += static_cast<char>(name.size());
        head += name;
        head += string_type;
        append_big_endian(head, static_cast<std::uint32_t>(value.size()), 2);
        head += value;
    }
    constexpr std::size_t around = 16; // two lengths, two checksums
    std::string frame;
    append_big_endian(frame, static_cast<std::uint32_t>(around + head.size() + payload.size()), 4);
    append_big_endian(frame, static_cast<std::uint32_t>(head.size()), 4);
    append_big_endian(frame, crc32(frame), 4);
    frame += head;
    frame += payload;
    append_big_endian(frame, crc32(frame), 4);
    out += frame;
}

void append_event_frame(std::string& out, std::string_view type, std::string_view payload) {
    const std::array<frame_field, 3> fields = {
        {{":event-type", type}, {":content-type", "application/json"}, {":message-type", "event"}}};
    append_frame(out, fields, payload);
}

void append_exception_frame(std::string& out, std::string_view type, std::string_view message) {
    const std::array<frame_field, 3> fields = {
        {{":exception-type", type}, {":content-type", "application/json"}, {":message-type", "exception"}}};
    std::string payload = R"({"message":)";
    append_quoted(payload, message);
    append_frame(out, fields, payload + '}');
}

} // namespace sluice::sim::aws
