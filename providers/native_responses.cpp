// OpenAI's Responses, for clients that speak it themselves.
#include "providers/native.hpp"
#include "providers/passing_decoder.hpp"
#include "providers/sentence.hpp"
#include "providers/told_error.hpp"
#include "providers/usage.hpp"
#include "providers/walk.hpp"

#include <utility>

namespace sluice::providers::native {

namespace {

// What an event, or a whole response, says of itself.
struct said {
    std::string_view type; // of an event
    std::string_view object;
    std::string_view status;
    std::string_view error; // what a failed response tells of it
    bool has_error = false; // at the root
    bool has_output = false;
    usage used;
};

class response_reader {
public:
    response_reader(std::string_view json, said& out)
        : json_(json)
        , text_(json, walk::deepest_answer)
        , out_(out) {}

    bool run() {
        auto root = text_.root();
        return root && text_.each_member(*root, [this](auto key, walk::value& v, const walk::item& seen) {
            return root_member(key, v, seen);
        }) && text_.complete();
    }

private:
    static std::string_view inside_of(const walk::item& seen) noexcept {
        return seen.type == walk::kind::string ? walk::without_quotes(seen.raw) : std::string_view();
    }

    bool root_member(std::string_view key, walk::value& v, const walk::item& seen) {
        if (key == "type") out_.type = inside_of(seen);
        if (key == "error") return error_value(v, seen, 1, out_.has_error);
        if (key == "response" && seen.type == walk::kind::object) {
            return text_.each_member(v, 1, [this](auto name, walk::value& inner, const walk::item& found) {
                return response_member(name, inner, found, 2);
            });
        }
        return response_member(key, v, seen, 1);
    }

    bool response_member(std::string_view key, walk::value& v, const walk::item& seen, int depth) {
        if (seen.type == walk::kind::invalid) return false;
        if (key == "object") out_.object = inside_of(seen);
        if (key == "status") out_.status = inside_of(seen);
        if (key == "output") out_.has_output = seen.type == walk::kind::array;
        bool ignored = false;
        if (key == "error") return error_value(v, seen, depth, ignored);
        if (key == "usage") return read_usage(text_, v, seen, out_.used, depth);
        return text_.pass(v, seen, depth);
    }

    bool error_value(walk::value& v, const walk::item& seen, int depth, bool& tells) {
        if (!read_error(text_, v, seen, depth, tells)) return false;
        const auto end = text_.end_of(seen);
        if (!end) return false;
        if (!tells) return true;
        const std::size_t begin = text_.offset(seen.raw);
        out_.error = json_.substr(begin, *end - begin);
        return true;
    }

    std::string_view json_;
    walk::text text_;
    said& out_;
};

// What a failed response is for the client: its error alone, for the rest repeats what the client has asked.
error failure_of(const target& to, const said& found, std::string_view data) {
    if (found.error.empty()) return upstream_stream_error(to, data);
    return upstream_stream_error(to, sentence({R"({"error":)", found.error, "}"}));
}

// Of a response that nobody will fetch, for none runs in the background; or that somebody has cancelled.
bool is_unfinished(std::string_view status) noexcept {
    return status == "queued" || status == "in_progress" || status == "cancelled";
}

bool is_terminal(std::string_view type) noexcept {
    return type == "response.completed" || type == "response.incomplete";
}

bool has_failed(const said& event) noexcept {
    if (event.type == "response.failed" || event.type == "response.cancelled") return true;
    return is_terminal(event.type) && (event.status == "failed" || is_unfinished(event.status));
}

class responses_decoder final : public passing_decoder {
public:
    using passing_decoder::passing_decoder;
    [[nodiscard]] usage used() const noexcept override { return used_; }

private:
    [[nodiscard]] result<passed> look(const http::sse_event& event) override;

    usage used_;
    bool begun_ = false; // the client has had an event
};

result<passed> responses_decoder::look(const http::sse_event& event) {
    if (event.data.starts_with("[DONE]")) return passed::more;
    said found;
    if (!response_reader(event.data, found).run()) return not_json(event.data);
    if (found.used.known) used_ = found.used;
    if (found.type == "error" || found.type.empty()) return fail(upstream_stream_error(to_, event.data));
    if (has_failed(found)) {
        error failed = failure_of(to_, found, event.data);
        if (!begun_) return fail(std::move(failed));
        return told(std::move(failed));
    }
    begun_ = true;
    return is_terminal(found.type) ? passed::last : passed::more;
}

tl::unexpected<error> unfinished(const target& to, const answer_context& context, const said& found) {
    note_spent(context, found.used);
    return fail(
        upstream_failure(to,
                         errc::bad_upstream,
                         sentence({"the response is not complete: its status is '", found.status, "'"})));
}

class responses final : public upstream_api {
public:
    [[nodiscard]] result<void>
    encode(const unified::call& call, const target& to, upstream_request& out) const override {
        splice(call, to, {}, out);
        return {};
    }
    using upstream_api::make_decoder;
    [[nodiscard]] std::unique_ptr<decoder>
    make_decoder(const unified::call&, const target& to, const answer_context& context) const override {
        return std::make_unique<responses_decoder>(to, context);
    }
    using upstream_api::read_answer;
    [[nodiscard]] result<answer> read_answer(const unified::call&,
                                             const target& to,
                                             const answer_context&,
                                             std::string_view body) const override;
};

result<answer> responses::read_answer(const unified::call&,
                                      const target& to,
                                      const answer_context& context,
                                      std::string_view body) const {
    said found;
    if (!response_reader(body, found).run()) return fail(upstream_error(to, 200, {}, body, 0));
    if (found.status == "failed" || found.has_error) {
        note_spent(context, found.used);
        return fail(failure_of(to, found, body));
    }
    if (is_unfinished(found.status)) return unfinished(to, context, found);
    if (!found.has_output) {
        note_spent(context, found.used);
        return fail(upstream_stream_error(to, body));
    }
    answer out;
    out.has_choices = true;
    out.used = found.used;
    return out;
}

} // namespace

const upstream_api& responses_api() noexcept {
    static const responses instance;
    return instance;
}

} // namespace sluice::providers::native
