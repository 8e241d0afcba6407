// Which config updates wait for the answers of their providers. A round is all the probes of one update: it
// ends when every probe has answered well, or one has not. Results of a round that is over, or that another
// update has replaced, are told apart by the round's identity. Plain values; control thread.
#pragma once

#include "core/base/error.hpp"
#include "core/base/string_map.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::control {

class update_probes {
public:
    // The endpoint's name. Shared with the probes under way; two rounds are never the same object.
    using round = std::shared_ptr<const std::string>;

    // A new round of so many probes for the endpoint; an earlier one is forgotten.
    [[nodiscard]] round begin(std::string_view name, std::size_t probes);
    void forget(std::string_view name);

    // The outcome of one probe. True: the round has ended with it.
    [[nodiscard]] bool add(const round& of, const result<void>& outcome);

    // How the endpoint's round has ended; nullopt while it has not, or when there is none.
    [[nodiscard]] std::optional<result<void>> verdict(std::string_view name) const;

private:
    struct entry {
        round id;
        std::size_t waiting = 0;
        std::optional<result<void>> verdict;
    };
    string_map<entry> rounds_; // by endpoint
};

// What a probe has found, on its way back to the control thread.
struct probe_report {
    update_probes::round round;
    std::string entity;
    result<void> outcome;
};

} // namespace sluice::control
