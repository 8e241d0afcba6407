#include "tools/provider/gzip.hpp"

#include <boost/crc.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace sluice::sim {

namespace {

void append_little_endian(std::string& out, std::uint32_t number, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i)
        out += static_cast<char>((number >> (8 * i)) & 0xFFU);
}

} // namespace

void append_gzip(std::string& out, std::string_view data) {
    constexpr std::size_t most_stored = 65'535; // RFC 1951 §3.2.4
    boost::crc_32_type crc;
    crc.process_bytes(data.data(), data.size());
    const auto size = static_cast<std::uint32_t>(data.size());

    out.append("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 10);
    bool last = false;
    while (!last) {
        const std::size_t length = std::min(data.size(), most_stored);
        last = length == data.size();
        out += last ? '\x01' : '\x00';
        append_little_endian(out, static_cast<std::uint32_t>(length), 2);
        append_little_endian(out, ~static_cast<std::uint32_t>(length), 2);
        out += data.substr(0, length);
        data.remove_prefix(length);
    }
    append_little_endian(out, crc.checksum(), 4);
    append_little_endian(out, size, 4);
}

} // namespace sluice::sim
