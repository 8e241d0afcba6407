#include "providers/databricks_agent.hpp"

#include "providers/usage.hpp"
#include "providers/walk.hpp"

namespace sluice::providers::databricks {

namespace {

using walk::item;
using walk::kind;

class agent_reader {
public:
    agent_reader(std::string_view json, agent_said& out)
        : text_(json, walk::deepest_answer)
        , out_(out) {}

    bool run() {
        auto root = text_.root();
        const auto each = [this](std::string_view key, walk::value& v, const item& seen) {
            return member(key, v, seen);
        };
        return root && text_.each_member(*root, each) && text_.complete();
    }

private:
    bool member(std::string_view key, walk::value& v, const item& seen) {
        if (key == "usage") return read_usage(text_, v, seen, out_.used);
        if (key == "messages" || key == "output") return list(v, seen);
        if (key == "response" && seen.type == kind::object) return response(v);
        if (seen.type == kind::string) note(key, walk::without_quotes(seen.raw));
        if (key == "delta" && seen.type == kind::object) out_.is_event = true;
        return text_.pass(v, seen, 1);
    }

    void note(std::string_view key, std::string_view said) {
        if (key == "type" && said.starts_with("response.")) {
            out_.is_event = true;
            out_.is_end = out_.is_end || said == "response.completed" || said == "response.incomplete";
            out_.is_failure = out_.is_failure || said == "response.failed" || said == "response.cancelled" ||
                              said == "response.error";
        } else if (key == "finish_reason") {
            out_.is_end = out_.is_end || !said.empty();
        } else if (key == "status") {
            out_.is_failure = out_.is_failure || said == "failed" || said == "cancelled";
        }
    }

    bool list(walk::value& v, const item& seen) {
        if (seen.type != kind::array) return text_.pass(v, seen, 1);
        return text_.each_element(v, 1, [this](walk::value& element, const item& one) {
            out_.is_answer = out_.is_answer || one.type == kind::object;
            return text_.pass(element, one, 2);
        });
    }

    // Inside of an event that tells of the whole response.
    bool response(walk::value& v) {
        return text_.each_member(v, 1, [this](std::string_view key, walk::value& inner, const item& seen) {
            return key == "usage" ? read_usage(text_, inner, seen, out_.used, 2) : text_.pass(inner, seen, 2);
        });
    }

    walk::text text_;
    agent_said& out_;
};

} // namespace

agent_said read_agent(std::string_view json) {
    agent_said out;
    return agent_reader(json, out).run() ? out : agent_said();
}

std::optional<result<answer>> read_agent_answer(const unified::call& call,
                                                const target& to,
                                                const answer_context& context,
                                                std::string_view body) {
    const agent_said found = read_agent(body);
    if (!found.is_answer) return std::nullopt;
    if (found.is_failure || call.is_translated) {
        note_spent(context, found.used);
        return fail(found.is_failure ? upstream_stream_error(to, body) : no_chat(to));
    }
    answer out;
    out.used = found.used;
    out.has_choices = true;
    return out;
}

error no_chat(const target& to) {
    return upstream_failure(to,
                            errc::bad_request,
                            "The endpoint's agent answers with messages of its own that are no chat, which "
                            "this API cannot show: query it by /invocations or as a chat.");
}

} // namespace sluice::providers::databricks
