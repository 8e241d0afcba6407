#include "providers/ai21_event.hpp"

#include "providers/told_error.hpp"
#include "providers/usage.hpp"
#include "providers/walk.hpp"

#include <optional>

namespace sluice::providers::ai21 {

namespace {

using walk::item;
using walk::kind;

// Containers open around the members of the root, of a choice, and so on inwards.
constexpr int root_depth = 1;
constexpr int choice_depth = 3;
constexpr int delta_depth = 4;
constexpr int call_depth = 6;
constexpr int function_depth = 7;

std::string_view inside_of(const item& seen) noexcept {
    return seen.type == kind::string ? walk::without_quotes(seen.raw) : std::string_view();
}

std::optional<std::size_t> index_of(const item& seen) noexcept {
    const auto index = walk::to_count(seen);
    if (!index || *index < 0) return std::nullopt;
    return static_cast<std::size_t>(*index);
}

class event_reader {
public:
    event_reader(std::string_view data, event_said& out, usage& used)
        : text_(data, walk::deepest_answer)
        , out_(out)
        , used_(used) {}

    bool run();

private:
    bool root_member(std::string_view key, walk::value& v, const item& seen);
    bool choice_member(std::string_view key, walk::value& v, const item& seen, choice_said& choice);
    bool delta_member(std::string_view key, walk::value& v, const item& seen, choice_said& choice);
    bool call_member(std::string_view key, walk::value& v, const item& seen, call_said& call);

    // visit(key, value, seen) for each member of an object; a value of another type is passed.
    template <class Visit>
    bool inside(walk::value& v, const item& seen, int depth, Visit&& visit) {
        return seen.type == kind::object ? text_.each_member(v, depth, visit) : text_.pass(v, seen, depth);
    }

    walk::text text_;
    event_said& out_;
    usage& used_;
};

bool event_reader::run() {
    auto root = text_.root();
    if (!root) return false;
    const auto visit = [this](std::string_view key, walk::value& v, const item& seen) {
        return root_member(key, v, seen);
    };
    return text_.each_member(*root, visit) && text_.complete();
}

bool event_reader::root_member(std::string_view key, walk::value& v, const item& seen) {
    if (key == "usage") return read_usage(text_, v, seen, used_);
    if (key == "choices") {
        out_.has_choices = true;
        out_.choices.clear();
        if (seen.type != kind::array) return text_.pass(v, seen, root_depth);
        return text_.each_element(v, root_depth, [this](walk::value& element, const item& of) {
            choice_said& choice = out_.choices.emplace_back();
            return inside(element,
                          of,
                          choice_depth - 1,
                          [&](std::string_view name, walk::value& value, const item& one) {
                              return choice_member(name, value, one, choice);
                          });
        });
    }
    if (key == "id") out_.id = inside_of(seen);
    if (key == "error" || key == "detail")
        out_.is_other_error = out_.is_other_error || seen.type != kind::null;
    if (key == "error") return read_error(text_, v, seen, root_depth, out_.is_error);
    if (key == "type") out_.is_other_error = out_.is_other_error || seen.raw == R"("error")";
    return text_.pass(v, seen, root_depth);
}

bool event_reader::choice_member(std::string_view key,
                                 walk::value& v,
                                 const item& seen,
                                 choice_said& choice) {
    if (key == "delta") {
        return inside(v, seen, choice_depth, [&](std::string_view name, walk::value& value, const item& of) {
            return delta_member(name, value, of, choice);
        });
    }
    if (key == "index") choice.index = index_of(seen).value_or(0);
    if (key == "finish_reason") {
        choice.is_finished = seen.type == kind::string && seen.raw.size() > 2; // "" is no end
        choice.finish_reason = inside_of(seen);
    }
    return text_.pass(v, seen, choice_depth);
}

bool event_reader::delta_member(std::string_view key, walk::value& v, const item& seen, choice_said& choice) {
    if (key == "tool_calls" && seen.type == kind::array) {
        choice.calls.clear();
        return text_.each_element(v, delta_depth, [&](walk::value& element, const item& of) {
            call_said& call = choice.calls.emplace_back();
            return inside(
                element, of, call_depth - 1, [&](std::string_view name, walk::value& value, const item& one) {
                    return call_member(name, value, one, call);
                });
        });
    }
    if (key == "content") choice.content = inside_of(seen);
    return text_.pass(v, seen, delta_depth);
}

bool event_reader::call_member(std::string_view key, walk::value& v, const item& seen, call_said& call) {
    if (key == "function") {
        return inside(v, seen, call_depth, [&](std::string_view name, walk::value& value, const item& of) {
            if (name == "name") call.name = inside_of(of);
            if (name == "arguments") call.arguments = inside_of(of);
            return text_.pass(value, of, function_depth);
        });
    }
    if (key == "id") call.id = inside_of(seen);
    if (key == "index") {
        const auto index = index_of(seen);
        call.has_index = index.has_value();
        call.index = index.value_or(0);
    }
    return text_.pass(v, seen, call_depth);
}

} // namespace

bool read_event(std::string_view data, event_said& out, usage& used) {
    return event_reader(data, out, used).run();
}

} // namespace sluice::providers::ai21
