#include "tools/provider/spoken.hpp"

#include "tools/provider/text.hpp"

#include <utility>

namespace sluice::sim {

spoken::spoken(const call& c, const knobs& k, std::vector<generated> choices)
    : call_(c)
    , knobs_(k)
    , choices_(std::move(choices)) {}

event_kind spoken::next(std::string& out) {
    switch (stage_) {
    case stage::before:
        if (before(number_++, out)) return event_kind::other;
        stage_ = stage::text;
        number_ = 0;
        return next(out);
    case stage::text: return text(out);
    case stage::behind:
        if (behind(number_++, out)) return event_kind::other;
        stage_ = stage::over;
        break;
    case stage::over: break;
    }
    return event_kind::none;
}

event_kind spoken::text(std::string& out) {
    if (knobs_.error_after && contents_ >= *knobs_.error_after) {
        stage_ = stage::over;
        failure(out);
        return event_kind::other;
    }
    while (choice_ < choices_.size() && at_ >= choices_[choice_].text.size()) {
        ++choice_;
        at_ = 0;
    }
    if (choice_ == choices_.size()) {
        stage_ = stage::behind;
        return next(out);
    }
    const generated& said = choices_[choice_];
    const std::size_t end = at_ == 0 && said.first_piece > 0 ? said.first_piece : token_end(said.text, at_);
    piece(choice_, std::string_view(said.text).substr(at_, end - at_), out);
    at_ = end;
    ++contents_;
    return event_kind::content;
}

std::string spoken::spoilt(std::string data) const {
    if (knobs_.bad_json && contents_ == 0) data.pop_back();
    if (knobs_.array) data = '[' + data + ']';
    return data;
}

std::size_t spoken::all_tokens() const noexcept {
    std::size_t sum = 0;
    for (const generated& each : choices_)
        sum += each.tokens;
    return sum;
}

bool fit(const call& c, generated& first, std::size_t size, std::size_t wanted) {
    if (size == wanted) return false;
    const std::size_t overhead = size - first.text.size();
    if (wanted <= overhead) return false;
    first.by_length = false;
    first.text = filler_text(c.seed, wanted - overhead);
    first.tokens = count_tokens(first.text);
    return true;
}

} // namespace sluice::sim
