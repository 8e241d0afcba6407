// Vectors of an upstream's answer, copied into ours as they are walked over: they are too long for a tree.
#pragma once

#include "providers/answers.hpp"
#include "providers/unified.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::providers {

// Where a service keeps them: {"predictions":[{"embeddings":{"values":[…],"statistics":{"token_count":3}}}]}.
struct vector_places {
    std::string_view list;   // of the root; empty: the root itself holds one
    std::string_view inner;  // of each element; empty: the element itself
    std::string_view values; // the list of numbers
};

struct vectors_found {
    bool is_error = false;              // the root tells of one
    std::optional<std::int64_t> tokens; // the sum of statistics.token_count
    std::optional<std::int64_t> prompt; // usageMetadata.promptTokenCount
};

// False: `body` is not one JSON object, or a vector is no list of numbers. json::padding bytes behind `body`
// must be readable.
[[nodiscard]] bool
read_vectors(std::string_view body, const vector_places& where, embeddings_writer& into, vectors_found& out);

// Does the client want its vectors in base64? Good for a call that neutral::read has accepted.
[[nodiscard]] bool wants_base64(const unified::call& call);

} // namespace sluice::providers
