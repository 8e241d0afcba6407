// The OpenAI dialect: JSON answers, stream chunks and errors as the real service writes them. Pure: values
// in, text out.
#pragma once

#include "tools/provider/call.hpp"
#include "tools/provider/dialect.hpp"
#include "tools/provider/events.hpp"
#include "tools/provider/generate.hpp"
#include "tools/provider/knobs.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::sim {

// {"error":{"message":…,"type":…,"param":…,"code":…}}
[[nodiscard]] std::string error_body(const api_error& e);

// The error that the knob eN asks for.
[[nodiscard]] api_error simulated_error(int status);

// 401 for a request without a key, and for one with a wrong key, which it quotes masked as the service does.
[[nodiscard]] api_error missing_key();
[[nodiscard]] api_error wrong_key(std::string_view key);

// The error of a request that does not show the key that is asked for.
[[nodiscard]] std::optional<api_error> refuse_openai_key(const exchange& of);

// A whole chat completion or text completion. With the knob bN it has exactly N bytes where that is possible.
[[nodiscard]] std::string completion_body(const call& c, const knobs& k, std::vector<generated> choices);

// The same answer as a stream. Both arguments are copied as far as they are needed.
[[nodiscard]] std::unique_ptr<event_source>
completion_stream(const call& c, const knobs& k, std::vector<generated> choices);

// Error: the model does not know `dimensions`.
[[nodiscard]] api_result<std::string> embeddings_body(const call& c, const knobs& k);

[[nodiscard]] std::string models_body();

// Parts that the JSON answer and the stream share.
[[nodiscard]] std::string completion_id(const call& c);
[[nodiscard]] std::string usage_json(const call& c, const std::vector<generated>& choices, bool details);
inline constexpr std::string_view created_at = "1760000000";
inline constexpr std::string_view fingerprint = "fp_sluice_sim";

} // namespace sluice::sim
