// What most streams have in common: events before the text, the text token by token, events behind it, and
// the knobs that spoil them. What an event looks like is the dialect's.
#pragma once

#include "tools/provider/call.hpp"
#include "tools/provider/events.hpp"
#include "tools/provider/generate.hpp"
#include "tools/provider/knobs.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::sim {

class spoken : public event_source {
public:
    [[nodiscard]] event_kind next(std::string& out) final;

protected:
    spoken(const call& c, const knobs& k, std::vector<generated> choices);

    // The events number 0, 1, … before and behind the text; false: there is none of that number.
    [[nodiscard]] virtual bool before(std::size_t number, std::string& out) = 0;
    [[nodiscard]] virtual bool behind(std::size_t number, std::string& out) = 0;
    // A piece of a choice's text.
    virtual void piece(std::size_t choice, std::string_view text, std::string& out) = 0;
    // The error event of the knob errN.
    virtual void failure(std::string& out) = 0;

    // The JSON of a piece, spoilt if the knobs say so.
    [[nodiscard]] std::string spoilt(std::string data) const;
    [[nodiscard]] event_style style() const noexcept { return {knobs_.crlf, knobs_.comments}; }
    [[nodiscard]] std::size_t all_tokens() const noexcept;

    const call call_;
    const knobs knobs_;
    const std::vector<generated> choices_;

private:
    enum class stage : std::uint8_t { before, text, behind, over };
    [[nodiscard]] event_kind text(std::string& out);

    stage stage_ = stage::before;
    std::size_t number_ = 0;
    std::size_t choice_ = 0;
    std::size_t at_ = 0;
    std::size_t contents_ = 0;
};

// The whole answer as `write` makes it of the choices; with the knob bN the first text has the length that
// gives it exactly N bytes, where that is possible.
template <class Write>
[[nodiscard]] std::string
sized(const call& c, const knobs& k, std::vector<generated> choices, const Write& write);

// Makes the text of the first choice longer or shorter by what is missing of `wanted` bytes.
[[nodiscard]] bool fit(const call& c, generated& first, std::size_t size, std::size_t wanted);

template <class Write>
std::string sized(const call& c, const knobs& k, std::vector<generated> choices, const Write& write) {
    std::string body = write(choices);
    if (!k.body_bytes || k.echo != echo_kind::none || k.big_kib || choices.empty()) return body;
    // Token counts in the body depend on the length of the text: a few rounds find the text that fits.
    constexpr int most_rounds = 4;
    for (int round = 0; round < most_rounds && fit(c, choices.front(), body.size(), *k.body_bytes); ++round)
        body = write(choices);
    return body;
}

} // namespace sluice::sim
