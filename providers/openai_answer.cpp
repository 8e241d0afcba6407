#include "providers/databricks_agent.hpp"
#include "providers/list_parts.hpp"
#include "providers/openai.hpp"
#include "providers/openai_repair.hpp"
#include "providers/told_error.hpp"
#include "providers/usage.hpp"
#include "providers/walk.hpp"

#include <cstddef>
#include <utility>

namespace sluice::providers::openai {

namespace {

using walk::kind;

// What a whole answer says of itself.
struct said {
    usage used;
    bool is_error = false;        // {"error":…}
    bool is_object_error = false; // {"object":"error"}
    std::size_t choices = 0;      // that say something; of embeddings: vectors
};

class answer_reader {
public:
    answer_reader(std::string_view body, task asked, said& out)
        : text_(body, walk::deepest_answer)
        , of_vectors_(asked == task::embeddings)
        , out_(out) {}

    bool run() {
        auto root = text_.root();
        const auto each = [this](std::string_view key, walk::value& v, const walk::item& seen) {
            return member(key, v, seen);
        };
        return root && text_.each_member(*root, each) && text_.complete();
    }

private:
    bool member(std::string_view key, walk::value& v, const walk::item& seen) {
        if (key == "usage") return read_usage(text_, v, seen, out_.used);
        if (key == "error") return read_error(text_, v, seen, 1, out_.is_error);
        if (key == "object") out_.is_object_error = seen.raw == R"("error")";
        if (key != (of_vectors_ ? "data" : "choices")) return text_.pass(v, seen, 1);
        out_.choices = 0;
        if (seen.type != kind::array) return text_.pass(v, seen, 1);
        return text_.each_element(v, 1, [this](walk::value& element, const walk::item& one) {
            if (one.type != kind::object) return text_.pass(element, one, 2);
            bool says_something = false;
            const auto each = [&](std::string_view name, walk::value& inner, const walk::item& found) {
                return of_vectors_ ? vector_member(name, inner, found, says_something)
                                   : choice_member(name, inner, found, says_something);
            };
            if (!text_.each_member(element, 2, each)) return false;
            if (says_something) ++out_.choices;
            return true;
        });
    }

    bool vector_member(std::string_view key, walk::value& v, const walk::item& seen, bool& says_something) {
        if (key != "embedding") return text_.pass(v, seen, 3);
        says_something = seen.type == kind::object || (seen.type == kind::string && seen.raw.size() > 2);
        if (seen.type != kind::array) return text_.pass(v, seen, 3);
        return text_.each_element(v, 3, [&](walk::value& number, const walk::item& one) {
            says_something = true;
            return text_.pass(number, one, 4);
        });
    }

    // A choice that a filter has emptied says why it ended.
    bool choice_member(std::string_view key, walk::value& v, const walk::item& seen, bool& says_something) {
        const bool is_text = key == "text" && seen.type == kind::string;
        const bool is_message = (key == "message" || key == "delta") && seen.type == kind::object;
        const bool is_end = key == "finish_reason" && seen.type == kind::string && seen.raw.size() > 2;
        says_something = says_something || is_text || is_message || is_end;
        return text_.pass(v, seen, 3);
    }

    walk::text text_;
    const bool of_vectors_;
    said& out_;
};

} // namespace

result<answer> read_json_answer(const unified::call& call,
                                const target& to,
                                const answer_context& context,
                                std::string_view body) {
    said found;
    if (!answer_reader(body, to.kind, found).run()) return fail(upstream_error(to, 200, {}, body, 0));
    const bool is_embeddings = to.kind == task::embeddings;
    // A vector or a text that is missing would give all behind it to the wrong input. Small servers give one
    // choice of each, whatever `n` asks for.
    const bool is_small = to.repairs == repair::custom;
    const std::size_t wanted = is_embeddings || is_small ? count_inputs(call) : count_choices(call);
    const bool is_whole = found.choices > 0 && found.choices >= wanted;
    const bool is_error = found.is_error || found.is_object_error;
    if (to.repairs == repair::databricks && !is_error && found.choices == 0 && !is_embeddings) {
        if (auto agent = databricks::read_agent_answer(call, to, context, body)) return *std::move(agent);
    }
    if (is_error || !is_whole) {
        note_spent(context, found.used);
        return fail(upstream_stream_error(to, body));
    }
    answer out;
    out.used = found.used;
    out.has_choices = !is_embeddings;
    if (to.repairs == repair::none || !out.has_choices) return out;
    const repairs_found repairs = find_repairs(body, to.repairs, nullptr);
    if (!repairs.edits.empty()) append_edited(out.rewritten.emplace(), body, repairs.edits);
    return out;
}

} // namespace sluice::providers::openai
