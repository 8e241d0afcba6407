// What the providers of OpenAI's shapes share: `openai` with Azure, `databricks-model-serving` and `custom`.
// They forward the client's bytes and the upstream's, and put right only what providers.md §2, §8 and §10
// name.
#pragma once

#include "providers/provider.hpp"

#include <memory>
#include <string_view>

namespace sluice::providers::openai {

// Puts the upstream body together: the client's bytes with a few members replaced, taken out or added, never
// re-serialised.
void splice_body(const unified::call& call, const target& to, upstream_request& out);

// Does an upstream answer so that does not know the member stream_options?
[[nodiscard]] bool refuses_stream_options(int status, std::string_view body) noexcept;

// The decoder of an OpenAI stream. `to` outlives it.
[[nodiscard]] std::unique_ptr<decoder>
make_stream_decoder(const unified::call& call, const target& to, std::size_t max_event_bytes);

[[nodiscard]] result<answer> read_json_answer(const unified::call& call,
                                              const target& to,
                                              const answer_context& context,
                                              std::string_view body);

// A provider of the family: what is left to it are its config block and its heads.
class family : public provider {
public:
    [[nodiscard]] bool does(task) const noexcept override { return true; }
    [[nodiscard]] result<void>
    encode(const unified::call& call, const target& to, upstream_request& out) const override;
    using provider::make_decoder;
    [[nodiscard]] std::unique_ptr<decoder>
    make_decoder(const unified::call& call, const target& to, const answer_context& context) const override;
    using provider::read_answer;
    [[nodiscard]] result<answer> read_answer(const unified::call& call,
                                             const target& to,
                                             const answer_context& context,
                                             std::string_view body) const override;
};

} // namespace sluice::providers::openai
