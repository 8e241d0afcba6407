#include "tools/provider/generate.hpp"

#include "tools/provider/text.hpp"

namespace sluice::sim {

namespace {

// An answer without knobs has 16 to 39 words.
constexpr std::size_t fewest_words = 16;
constexpr std::size_t words_spread = 24;

std::string text_for(const call& c, const knobs& k, received from, std::size_t choice) {
    switch (k.echo) {
    case echo_kind::input: return c.inputs[choice / c.choices];
    case echo_kind::request: return std::string(from.body);
    case echo_kind::head: return std::string(from.head);
    case echo_kind::none: break;
    }
    const std::uint64_t seed = c.seed + choice * 1000;
    if (k.chunks) return pseudo_text(seed, *k.chunks);
    if (k.body_bytes && c.stream) return filler_text(seed, *k.body_bytes);
    return pseudo_text(seed, fewest_words + c.seed % words_spread);
}

generated one(const call& c, const knobs& k, received from, std::size_t choice) {
    generated out;
    if (k.big_kib) {
        out.text = filler_text(c.seed, *k.big_kib * 1024);
        out.first_piece = out.text.size();
        if (c.stream) out.text += ' ' + text_for(c, k, from, choice);
    } else {
        out.text = text_for(c, k, from, choice);
    }
    if (c.max_tokens) {
        const std::size_t allowed = bytes_of_tokens(out.text, *c.max_tokens);
        out.by_length = allowed < out.text.size();
        out.text.resize(allowed);
        out.first_piece = out.first_piece > allowed ? allowed : out.first_piece;
    }
    out.tokens = count_tokens(out.text);
    return out;
}

} // namespace

std::vector<generated> generate(const call& c, const knobs& k, received from) {
    const std::size_t count = c.choices * c.inputs.size();
    std::vector<generated> out;
    out.reserve(count);
    for (std::size_t choice = 0; choice < count; ++choice)
        out.push_back(one(c, k, from, choice));
    return out;
}

} // namespace sluice::sim
