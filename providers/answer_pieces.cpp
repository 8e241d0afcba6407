#include "providers/answer_pieces.hpp"

#include "core/json/reader.hpp"

#include <utility>

namespace sluice::providers {

answer make_answer(const unified::call& call,
                   const target& to,
                   const answer_context& context,
                   std::span<const answered_choice> choices,
                   const tally& used,
                   const told_names& told) {
    const std::string made = told.id.empty() ? id_maker(context.id_stem).answer_id(call.kind) : std::string();
    answer_head head;
    head.id = told.id.empty() ? std::string_view(made) : told.id;
    head.model = told.model.empty() ? std::string_view(to.model) : told.model;
    head.created = context.created;
    head.keeps_order = context.keeps_order;
    answer out;
    out.used = to_usage(used);
    out.has_choices = true;
    out.rewritten = write_answer(call.kind, head, choices, used);
    return out;
}

tl::unexpected<error>
unusable(const target& to, const answer_context& context, const tally& used, std::string_view body) {
    note_spent(context, to_usage(used));
    return fail(upstream_stream_error(to, body));
}

tl::unexpected<error> without_end(const target& to, const answer_context& context, const tally& used) {
    note_spent(context, to_usage(used));
    return fail(upstream_failure(to, errc::bad_upstream, "the answer does not say why it ended"));
}

std::vector<answered_call> read_calls(slices::node list, id_maker& ids, std::deque<std::string>& texts) {
    std::vector<answered_call> calls;
    if (!list.is(walk::kind::array)) return calls;
    for (const slices::node each : list.items()) {
        const slices::node function = each["function"];
        const slices::node given = function["arguments"];
        const std::string_view arguments =
            given.is(walk::kind::object) ? given.raw() : given.text(texts).value_or("");
        answered_call& call = calls.emplace_back();
        call.id = each["id"].text(texts).value_or("");
        if (call.id.empty()) call.id = ids.next_call_id();
        call.name = function["name"].text(texts).value_or("");
        if (arguments.empty()) {
            call.arguments = "{}";
        } else if (json::is_json(arguments)) {
            append_minified(call.arguments, arguments);
        } else {
            call.arguments = arguments; // what the model wrote
        }
    }
    return calls;
}

tally read_tally(slices::node used) {
    tally out;
    out.prompt = used["prompt_tokens"].count();
    out.completion = used["completion_tokens"].count();
    out.total = used["total_tokens"].count();
    out.cached = used["prompt_tokens_details"]["cached_tokens"].count();
    out.cache_write = used["prompt_tokens_details"]["cache_write_tokens"].count();
    out.reasoning = used["completion_tokens_details"]["reasoning_tokens"].count();
    return out;
}

} // namespace sluice::providers
