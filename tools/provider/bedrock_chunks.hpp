// The stream of InvokeModel: the events of a model's own stream, each in a frame.
#pragma once

#include "tools/provider/call.hpp"
#include "tools/provider/events.hpp"
#include "tools/provider/knobs.hpp"

#include <cstddef>
#include <memory>

namespace sluice::sim::aws {

// The last frame says that `output` tokens were made. The knobs spoil the frames, not what is in them.
[[nodiscard]] std::unique_ptr<event_source>
chunk_frames(std::unique_ptr<event_source> inside, const call& c, const knobs& k, std::size_t output);

} // namespace sluice::sim::aws
