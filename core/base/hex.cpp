#include "core/base/hex.hpp"

#include <boost/algorithm/hex.hpp>

#include <iterator>

namespace sluice {

std::string hex_encode(std::string_view bytes) {
    std::string out;
    out.reserve(2 * bytes.size());
    boost::algorithm::hex_lower(bytes, std::back_inserter(out));
    return out;
}

} // namespace sluice
