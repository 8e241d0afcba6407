// One answer out of those to the parts of a list (target.most_items).
#pragma once

#include "providers/provider.hpp"
#include "providers/unified.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::providers {

// Puts OpenAI-shaped answers together, in the order in which they are added: the elements of `data` or
// `choices` with new indexes, the sums of `usage`, everything else of the first.
class merged_answer {
public:
    explicit merged_answer(task kind)
        : kind_(kind) {}
    merged_answer(const merged_answer&) = delete;
    merged_answer& operator=(const merged_answer&) = delete;

    // json::padding bytes behind `body` must be readable. `used`: what read_answer found in it; it counts in
    // either case. False: it is not of the shape.
    [[nodiscard]] bool add(std::string_view body, const usage& used);
    // What a part used that failed.
    void count(const usage& used) noexcept;
    [[nodiscard]] const usage& used() const noexcept { return used_; }       // so far
    [[nodiscard]] std::size_t size() const noexcept { return list_.size(); } // bytes so far
    [[nodiscard]] std::string finish() &&;

private:
    task kind_;
    std::string front_; // the first answer's members but the list and usage, each with a comma behind it
    std::string list_;
    std::int64_t elements_ = 0;
    usage used_;
    bool first_ = true;
};

} // namespace sluice::providers
