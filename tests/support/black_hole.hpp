// An address that takes no connection and refuses none: a listener whose queue is full.
#pragma once

#include "tests/support/descriptor.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice::support {

class black_hole {
public:
    black_hole();

    [[nodiscard]] std::string base_url() const;

private:
    descriptor listener_;
    std::vector<descriptor> fillers_;
    std::uint16_t port_ = 0;
};

} // namespace sluice::support
