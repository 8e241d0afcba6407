// Whole answers of AI21 (providers.md §5).
#include "providers/ai21.hpp"
#include "providers/answer_pieces.hpp"
#include "providers/list_parts.hpp"
#include "providers/told_error.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace sluice::providers::ai21 {

namespace {

constexpr std::array<finish_name, 5> finish_names = {{
    {"stop", finish::stop},
    {"endoftext", finish::stop},
    {"length", finish::length},
    {"tool_calls", finish::tool_calls},
    {"content_filter", finish::content_filter},
}};

class answer_reader {
public:
    answer_reader(const unified::call& call,
                  const target& to,
                  const answer_context& context,
                  const tally& otherwise)
        : call_(call)
        , to_(to)
        , context_(context)
        , otherwise_(otherwise)
        , ids_(context.id_stem) {}

    result<answer> read(std::string_view body);

private:
    void chat(slices::node root);
    void completions(slices::node root);
    [[nodiscard]] finish reason_of(slices::node value) {
        const std::string_view reason = text(value);
        has_end_ = has_end_ && !reason.empty();
        return ai21::finish_of(reason);
    }
    [[nodiscard]] std::string_view text(slices::node value) { return value.text(texts_).value_or(""); }

    const unified::call& call_;
    const target& to_;
    const answer_context& context_;
    const tally& otherwise_;
    id_maker ids_;
    std::vector<answered_choice> choices_;
    tally used_;
    bool has_end_ = true; // every choice says why it ended
    std::deque<std::string> texts_;
};

void answer_reader::chat(slices::node root) {
    std::vector<answered_choice> said;
    std::vector<std::pair<std::int64_t, std::size_t>> order; // index of the choice, position in `said`
    for (const slices::node each : root["choices"].items()) {
        const slices::node message = each["message"];
        const std::size_t position = said.size();
        order.emplace_back(each["index"].count().value_or(static_cast<std::int64_t>(position)), position);
        answered_choice& choice = said.emplace_back();
        choice.text = text(message["content"]);
        choice.reason = reason_of(each["finish_reason"]);
        choice.calls = read_calls(message["tool_calls"], ids_, texts_);
    }
    std::sort(order.begin(), order.end());
    choices_.reserve(said.size());
    for (const auto& [unused, position] : order)
        choices_.push_back(std::move(said[position]));
}

// Nobody counts but the lists of tokens.
std::optional<std::int64_t> size_of(slices::node list) {
    if (!list.is(walk::kind::array)) return std::nullopt;
    const auto all = list.items();
    std::int64_t size = 0;
    for (auto at = all.begin(); at != all.end(); ++at)
        ++size;
    return size;
}

void answer_reader::completions(slices::node root) {
    used_.prompt = size_of(root["prompt"]["tokens"]);
    for (const slices::node each : root["completions"].items()) {
        answered_choice& choice = choices_.emplace_back();
        choice.text = text(each["data"]["text"]);
        choice.reason = reason_of(each["finishReason"]["reason"]);
        const auto size = size_of(each["data"]["tokens"]);
        if (size) used_.completion = add_counts(used_.completion.value_or(0), *size);
    }
}

result<answer> answer_reader::read(std::string_view body) {
    slices tree;
    if (!tree.read(body, author::upstream)) return unusable(to_, context_, otherwise_, body);
    const slices::node root = tree.root();
    used_ = read_tally(root["usage"]);
    if (root["choices"].is(walk::kind::array)) {
        chat(root);
    } else if (root["prompt"] || root["completions"]) {
        completions(root);
    }
    const slices::node id = root["id"]; // of older models a number
    const tally& used = used_.known() ? used_ : otherwise_;
    const std::size_t wanted = root["choices"] ? count_choices(call_) : 1; // J2 has no `n`
    const bool is_whole = !choices_.empty() && choices_.size() >= wanted;
    if (!is_whole || tells_error(root["error"])) return unusable(to_, context_, used, body);
    if (!has_end_) return without_end(to_, context_, used);
    return make_answer(
        call_, to_, context_, choices_, used, {id.is(walk::kind::number) ? id.raw() : text(id), {}});
}

} // namespace

finish finish_of(std::string_view finish_reason) noexcept {
    return providers::finish_of(finish_reason, finish_names);
}

result<answer> read_json_answer(const unified::call& call,
                                const target& to,
                                const answer_context& context,
                                std::string_view body,
                                const tally& otherwise) {
    return answer_reader(call, to, context, otherwise).read(body);
}

} // namespace sluice::providers::ai21
