#include "providers/openai.hpp"

#include <array>
#include <charconv>

namespace sluice::providers {

namespace openai {

namespace {

using unified::known;
using unified::member;

// Collects the pieces of the new body in the order of the old one. Everything up to `copied_` is done.
class splicer {
public:
    splicer(std::string_view body, upstream_request& out)
        : body_(body)
        , out_(out) {}

    // Puts `text` where [begin, end) stood; begin == end inserts. Calls come in the order of the text.
    void replace(std::size_t begin, std::size_t end, std::string_view text) {
        put(body_.substr(copied_, begin - copied_));
        put(text);
        copied_ = end;
    }
    void put(std::string_view piece) {
        if (piece.empty()) return;
        out_.body.push_back(piece);
        out_.body_size += piece.size();
    }
    void insert(std::size_t at) { replace(at, at, {}); }
    void finish() { put(body_.substr(copied_)); }

private:
    std::string_view body_;
    upstream_request& out_;
    std::size_t copied_ = 0;
};

bool is_dropped(const member& each, const unified::call& call, const target& to, bool has_both_limits) {
    switch (each.name) {
    case known::extra_params:
    case known::client_request_id:
    case known::usage_context: return true;
    case known::model: return !to.sends_model;
    case known::stream_options: // without a stream a 400 upstream
        return !call.stream || (call.asks_no_usage && call.is_translated);
    case known::max_tokens: return has_both_limits; // max_completion_tokens beats it
    default: return false;
    }
}

// The client's stream_options with include_usage set; nothing to do when it is.
void ask_for_usage(const member& options, const unified::call& call, splicer& out) {
    if (call.include_usage) return;
    if (call.include_usage_end != 0) {
        out.replace(call.include_usage_begin, call.include_usage_end, "true");
        return;
    }
    if (call.body[options.value_begin] != '{') { // null
        out.replace(options.value_begin, options.value_end, R"({"include_usage":true})");
        return;
    }
    const std::size_t inside = options.value_begin + 1;
    const bool empty = call.body[call.body.find_first_not_of(" \t\r\n", inside)] == '}';
    out.replace(inside, inside, empty ? R"("include_usage":true)" : R"("include_usage":true,)");
}

} // namespace

void splice_body(const unified::call& call, const target& to, upstream_request& out) {
    out.clear();
    const bool renames = to.renames_max_tokens && call.kind == task::chat;
    const bool has_both_limits = renames && call.find(known::max_completion_tokens) != nullptr;
    splicer pieces(call.body, out);
    const auto& members = call.members;
    if (to.sends_model && call.find(known::model) == nullptr) {
        pieces.insert(members.front().begin);
        pieces.put(R"("model":)");
        pieces.put(to.model_json);
        pieces.put(",");
    }
    bool kept_one = false;
    for (std::size_t i = 0; i < members.size(); ++i) {
        const member& each = members[i];
        if (is_dropped(each, call, to, has_both_limits)) {
            // With its comma: the one before it, or the one behind it as long as nothing before is kept. The
            // main member is always kept, so a next one is there.
            if (kept_one) {
                pieces.replace(members[i - 1].value_end, each.value_end, {});
            } else {
                pieces.replace(each.begin, members[i + 1].begin, {});
            }
            continue;
        }
        kept_one = true;
        if (each.name == known::model) pieces.replace(each.value_begin, each.value_end, to.model_json);
        if (each.name == known::max_tokens && renames)
            pieces.replace(each.begin, each.key_end, R"("max_completion_tokens")");
        if (each.name == known::stream_options && !call.asks_no_usage) ask_for_usage(each, call, pieces);
    }
    pieces.insert(members.back().value_end);
    if (!call.extra.empty()) {
        pieces.put(",");
        pieces.put(call.extra);
    }
    if (call.stream && !call.asks_no_usage && call.find(known::stream_options) == nullptr)
        pieces.put(R"(,"stream_options":{"include_usage":true})");
    pieces.finish();

    std::array<char, 20> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), out.body_size);
    out.head_tail.append("Content-Length: ").append(digits.data(), written.ptr).append("\r\n\r\n");
}

bool refuses_stream_options(int status, std::string_view body) noexcept {
    constexpr int bad_request = 400;
    constexpr int unprocessable = 422;
    const bool is_refusal = status == bad_request || status == unprocessable;
    return is_refusal && body.find("stream_options") != std::string_view::npos;
}

} // namespace openai
} // namespace sluice::providers
