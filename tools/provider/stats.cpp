#include "tools/provider/stats.hpp"

#include "tools/provider/text.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace sluice::sim {

std::string stats_json(const stats& s) {
    using member = std::pair<std::string_view, const std::atomic<std::uint64_t>*>;
    const std::array<member, 11> members{{{"requests", &s.requests},
                                          {"streams", &s.streams},
                                          {"chunks", &s.chunks},
                                          {"active", &s.active},
                                          {"aborted", &s.aborted},
                                          {"connections", &s.connections},
                                          {"open", &s.open},
                                          {"tls_handshakes", &s.tls_handshakes},
                                          {"tls_resumed", &s.tls_resumed},
                                          {"redirected", &s.redirected},
                                          {"bytes_in", &s.bytes_in}}};
    std::string out;
    for (const auto& [name, counter] : members) {
        out += out.empty() ? '{' : ',';
        append_quoted(out, name);
        out += ':';
        append_number(out, counter->load(std::memory_order_relaxed));
    }
    out += "}\n";
    return out;
}

} // namespace sluice::sim
