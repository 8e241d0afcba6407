// The tool calls of a stream that begin before the one in front of them is whole. OpenAI's chunks say by an
// index which call they go on with; the blocks of a Message and the items of a Response come one by one.
#pragma once

#include "providers/chat_chunk.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::providers {

class held_calls {
public:
    // Texts as in call_piece.
    struct call {
        std::size_t index = 0;
        std::string id;
        std::string name;
        std::string arguments;

        [[nodiscard]] call_piece piece() const { return {index, id, name, arguments}; }
    };

    // Keeps a call that begins; its index is above all that wait. False: it would be too much.
    [[nodiscard]] bool begin(const call_piece& piece);
    // Keeps more of a call's arguments. False: it does not wait here, or it would be too much.
    [[nodiscard]] bool more(const call_piece& piece);

    [[nodiscard]] bool empty() const noexcept { return calls_.empty(); }
    // All in order; none waits any more.
    [[nodiscard]] std::vector<call> take() {
        bytes_ = 0;
        return std::exchange(calls_, {});
    }

private:
    [[nodiscard]] bool has_room(std::size_t size) noexcept;

    std::vector<call> calls_; // by index
    std::size_t bytes_ = 0;
};

// May more of these arguments, as they stand in the chunks, make an object of them? `scratch` is reused.
[[nodiscard]] bool may_go_on(std::string_view arguments, std::string& scratch);

} // namespace sluice::providers
