#include "providers/merged_answer.hpp"

#include "core/json/writer.hpp"
#include "providers/slices.hpp"
#include "providers/tally.hpp"

namespace sluice::providers {

bool merged_answer::add(std::string_view body, const usage& used) {
    count(used); // of use or not, it was paid for
    slices tree;
    if (!tree.read(body, author::upstream)) return false;
    const std::string_view list_name = kind_ == task::embeddings ? "data" : "choices";
    const slices::node list = tree.root()[list_name];
    if (!list.is(walk::kind::array)) return false;
    if (first_) {
        for (const slices::node each : tree.root().items()) {
            if (each.key() == list_name || each.key() == "usage") continue;
            json::append_string(front_, each.key());
            front_.append(":").append(each.raw()).append(",");
        }
    }
    for (const slices::node each : list.items()) {
        if (!each.is(walk::kind::object)) return false;
        if (elements_ > 0) list_ += ',';
        json::object_writer element(list_);
        for (const slices::node member : each.items()) {
            if (member.key() != "index") element.raw(member.key(), member.raw());
        }
        element.number("index", elements_++);
        element.close();
    }
    first_ = false;
    return true;
}

void merged_answer::count(const usage& used) noexcept {
    used_.known = used_.known || used.known;
    used_.prompt_tokens = add_counts(used_.prompt_tokens, used.prompt_tokens);
    used_.completion_tokens = add_counts(used_.completion_tokens, used.completion_tokens);
    used_.total_tokens = add_counts(used_.total_tokens, used.total_tokens);
    used_.cached_tokens = add_counts(used_.cached_tokens, used.cached_tokens);
    used_.reasoning_tokens = add_counts(used_.reasoning_tokens, used.reasoning_tokens);
}

std::string merged_answer::finish() && {
    tally sum;
    sum.prompt = used_.prompt_tokens;
    sum.completion = used_.completion_tokens;
    sum.total = used_.total_tokens;
    if (used_.cached_tokens > 0) sum.cached = used_.cached_tokens;
    if (used_.reasoning_tokens > 0) sum.reasoning = used_.reasoning_tokens;
    std::string out;
    out.reserve(front_.size() + list_.size() + 256);
    out.append("{").append(front_);
    out.append(kind_ == task::embeddings ? R"("data":[)" : R"("choices":[)").append(list_);
    out.append(R"(],"usage":)");
    if (kind_ == task::embeddings) {
        append_embeddings_usage(out, sum);
    } else {
        append_usage(out, sum);
    }
    out += '}';
    return out;
}

} // namespace sluice::providers
