// Pieces of whole answers that several APIs have in common.
#pragma once

#include "providers/answers.hpp"
#include "providers/provider.hpp"
#include "providers/slices.hpp"

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers {

// What the upstream calls its answer; of what is empty the gateway has its own.
struct told_names {
    std::string_view id;
    std::string_view model;
};

[[nodiscard]] answer make_answer(const unified::call& call,
                                 const target& to,
                                 const answer_context& context,
                                 std::span<const answered_choice> choices,
                                 const tally& used,
                                 const told_names& told = {});

// Of an answer that is none of what was asked for. What it says that it used was paid for all the same.
[[nodiscard]] tl::unexpected<error>
unusable(const target& to, const answer_context& context, const tally& used, std::string_view body);

// Of an answer that does not say why it ended: it may be half of one.
[[nodiscard]] tl::unexpected<error>
without_end(const target& to, const answer_context& context, const tally& used);

// The list `tool_calls` of OpenAI's shape, where some services give arguments as an object and leave out ids.
// Decoded texts go to `texts`.
[[nodiscard]] std::vector<answered_call>
read_calls(slices::node list, id_maker& ids, std::deque<std::string>& texts);

// The counts of OpenAI's `usage`.
[[nodiscard]] tally read_tally(slices::node used);

} // namespace sluice::providers
