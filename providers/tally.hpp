// Token counts as an upstream reports them, on their way to a client's `usage` and to our own (providers.md
// §1.8).
#pragma once

#include "providers/provider.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace sluice::providers {

// Each of them absent until the upstream has reported it. The details are parts of the sums, never added to
// them: whoever fills this adds cache tokens to `prompt` where his upstream leaves them out.
struct tally {
    std::optional<std::int64_t> prompt;
    std::optional<std::int64_t> completion;
    std::optional<std::int64_t> total;       // absent: prompt + completion
    std::optional<std::int64_t> cached;      // part of prompt
    std::optional<std::int64_t> cache_write; // part of prompt
    std::optional<std::int64_t> reasoning;   // part of completion

    [[nodiscard]] bool known() const noexcept { return prompt || completion || total; }
    // Without the counts that cannot be: negative ones, and more than any answer has. Of prompt, completion
    // and total the two that are there give the third; total alone counts as prompt.
    [[nodiscard]] tally plausible() const noexcept;
    friend bool operator==(const tally&, const tally&) = default;
};

[[nodiscard]] usage to_usage(const tally& of) noexcept;

// The value of `usage` in an answer: three counts, zero where nothing is known, and details as far as they
// are.
void append_usage(std::string& out, const tally& reported);

// The same of an embeddings answer, which has no completion.
void append_embeddings_usage(std::string& out, const tally& of);

// Counts are a stranger's: negative ones count as zero, sums end at the largest number.
[[nodiscard]] std::int64_t add_counts(std::int64_t a, std::int64_t b) noexcept;

} // namespace sluice::providers
