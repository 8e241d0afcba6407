#include "providers/openai_repaired_events.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace sluice::providers::openai {

namespace {

constexpr char choices_mark = '\0'; // stands in no JSON text
// Of what is repeated for every choice that has no end of its own.
constexpr std::size_t longest_envelope = std::size_t{16} * 1024;

void put_event(std::string& out, std::string_view data, const std::vector<edit>& edits) {
    std::string text;
    append_edited(text, data, edits);
    out.append("data: ");
    append_one_line(out, text);
    out.append("\n\n");
}

std::vector<edit> merged(const std::vector<edit>& some, const std::vector<edit>& others) {
    std::vector<edit> all(some);
    all.insert(all.end(), others.begin(), others.end());
    std::sort(all.begin(), all.end(), [](const edit& a, const edit& b) { return a.begin < b.begin; });
    return all;
}

std::vector<edit> cuts_of(const chunk& said) {
    std::vector<edit> out;
    out.reserve(said.cuts.size());
    for (const cut& each : said.cuts)
        out.push_back({each.begin, each.end, {}});
    return out;
}

} // namespace

void append_one_line(std::string& out, std::string_view part) {
    const std::size_t start = out.size();
    out.append(part);
    for (std::size_t at = out.find('\n', start); at != std::string::npos; at = out.find('\n', at + 1))
        out[at] = ' ';
}

void repaired_events::put(std::string_view data, const chunk& said, std::string& out) {
    if (said.has_usage && !said.has_choice) {
        usage_event_.clear();
        if (wants_usage_) put_event(usage_event_, data, {});
        return;
    }
    const repairs_found found = find_repairs(data, kind_, &memory_);
    keep_envelope(data, said, found.choices);
    has_text_ = has_text_ || said.has_text;
    std::vector<edit> of_usage;
    if (!wants_usage_) {
        of_usage = cuts_of(said);
    } else if (found.usage.end != 0) {
        usage_.assign(data.substr(found.usage.begin, found.usage.end - found.usage.begin));
        of_usage.push_back({found.usage.begin, found.usage.end, "null"});
    }
    if (!found.role_edits.empty()) put_event(out, data, merged(found.role_edits, of_usage));
    if (!found.is_emptied) put_event(out, data, merged(found.edits, of_usage));
}

void repaired_events::keep_envelope(std::string_view data, const chunk& said, const cut& choices) {
    if (!envelope_front_.empty() || choices.end == 0) return;
    const std::vector<edit> mark = {{choices.begin, choices.end, std::string(1, choices_mark)}};
    std::string text;
    append_edited(text, data, merged(cuts_of(said), mark));
    const std::size_t at = text.find(choices_mark);
    const std::size_t brace = text.rfind('}');
    if (at == std::string::npos || brace == std::string::npos || brace < at) return;
    if (brace > longest_envelope) {
        envelope_front_ = R"({"choices":)";
        return;
    }
    envelope_front_ = text.substr(0, at);
    envelope_back_ = text.substr(at + 1, brace - at - 1);
}

void repaired_events::end_choices(const choice_state& choices, std::string& out) const {
    for (std::size_t i = 0; i < choices.begun.size(); ++i) {
        if (!choices.begun[i] || choices.ended[i]) continue;
        std::string text(envelope_front_);
        text.append(R"([{"index":)").append(std::to_string(i));
        text.append(has_text_ ? R"(,"text":"","logprobs":null)" : R"(,"delta":{})");
        text.append(memory_.has_calls[i] ? R"(,"finish_reason":"tool_calls"}])"
                                         : R"(,"finish_reason":"stop"}])");
        text.append(envelope_back_).append("}");
        put_event(out, text, {});
    }
}

void repaired_events::put_usage(std::string& out) const {
    if (!wants_usage_) return;
    if (!usage_event_.empty() || usage_.empty() || envelope_front_.empty()) {
        out.append(usage_event_);
        return;
    }
    std::string text(envelope_front_);
    text.append("[]").append(envelope_back_).append(R"(,"usage":)").append(usage_).append("}");
    put_event(out, text, {});
}

} // namespace sluice::providers::openai
