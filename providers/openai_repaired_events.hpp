// The events of a stream whose upstream only resembles OpenAI: each put right, and its usage once, in a chunk
// of its own, at the end.
#pragma once

#include "providers/openai_chunk.hpp"
#include "providers/openai_repair.hpp"

#include <string>
#include <string_view>

namespace sluice::providers::openai {

// Appends a part of an event's data on one line: a line end in it is JSON white space (read_chunk has refused
// all others).
void append_one_line(std::string& out, std::string_view part);

class repaired_events {
public:
    repaired_events(repair kind, bool wants_usage)
        : kind_(kind)
        , wants_usage_(wants_usage) {}

    // Appends what the client gets for an event that was read as `said`.
    void put(std::string_view data, const chunk& said, std::string& out);

    // [DONE] came. May the choices be ended for the upstream? Small servers and agents forget it, but then
    // for all of them; and there may be fewer than were asked for, which have their end.
    [[nodiscard]] bool may_end(const choice_state& choices) const noexcept {
        if (choices.begun.none()) return false;
        const bool never_ends = choices.ended.none() && !envelope_front_.empty();
        return never_ends || choices.begun == choices.ended;
    }
    // Ends those that have no end.
    void end_choices(const choice_state& choices, std::string& out) const;
    // The usage that the client asked for, if the upstream gave any.
    void put_usage(std::string& out) const;

private:
    void keep_envelope(std::string_view data, const chunk& said, const cut& choices);

    repair kind_;
    bool wants_usage_;
    repair_memory memory_;
    // The first chunk around the value of its `choices`, without usage and the last brace.
    std::string envelope_front_;
    std::string envelope_back_;
    bool has_text_ = false;   // a stream of completions
    std::string usage_;       // the last one beside choices
    std::string usage_event_; // the last chunk that had usage alone
};

} // namespace sluice::providers::openai
