// The parts of the provider `openai` (with Azure) that stand in files of their own; only openai*.cpp use
// this.
#pragma once

#include "providers/provider.hpp"

#include <memory>
#include <string_view>

namespace sluice::providers::openai {

// Puts the upstream body together: the client's bytes with a few members replaced, taken out or added, never
// re-serialised.
void splice_body(const unified::call& call, const target& to, upstream_request& out);

// The decoder of an OpenAI stream. `to` outlives it.
[[nodiscard]] std::unique_ptr<decoder>
make_stream_decoder(const unified::call& call, const target& to, std::size_t max_event_bytes);

[[nodiscard]] result<answer> read_json_answer(const target& to, std::string_view body);

} // namespace sluice::providers::openai
