// Bedrock's Converse and ConverseStream: the answer, whole and as frames.
#include "tools/provider/aws_frames.hpp"
#include "tools/provider/bedrock.hpp"
#include "tools/provider/dialects.hpp"
#include "tools/provider/schema.hpp"
#include "tools/provider/spoken.hpp"
#include "tools/provider/text.hpp"
#include "tools/provider/thinking.hpp"

#include <memory>
#include <utility>

namespace sluice::sim {

namespace {

using aws::refuse_aws;

void append_converse_usage(std::string& out, const call& c, std::size_t output) {
    out += R"("usage":{"inputTokens":)";
    append_number(out, c.prompt_tokens);
    out += R"(,"outputTokens":)";
    append_number(out, output);
    out += R"(,"totalTokens":)";
    append_number(out, c.prompt_tokens + output);
    out += '}';
}

std::string_view converse_reason_of(const generated& said) {
    return said.by_length ? "max_tokens" : "end_turn";
}

class converse_events final : public spoken {
public:
    converse_events(const call& c, const knobs& k, std::vector<generated> choices)
        : spoken(c, k, std::move(choices)) {}

private:
    // `members` without the braces around them.
    void frame(std::string& out, std::string_view type, std::string members) {
        members.insert(0, "{");
        members += R"(,"p":")" + aws::padding_of(call_.seed + number_++) + "\"}";
        aws::append_event_frame(out, type, members);
    }
    bool before(std::size_t number, std::string& out) override {
        if (number == 0) {
            frame(out, "messageStart", R"("role":"assistant")");
            return true;
        }
        return call_.thinks && thinking(number - 1, out);
    }
    // A block in two pieces with its signature, and one that nobody may read.
    bool thinking(std::size_t number, std::string& out) {
        const std::string thought = thinking::text_of(call_);
        const std::size_t middle = token_end(thought, 0);
        const auto delta = [&](std::string_view index, std::string_view name, std::string_view text) {
            std::string data = R"("contentBlockIndex":)";
            data.append(index).append(R"(,"delta":{"reasoningContent":{")").append(name).append(R"(":)");
            append_quoted(data, text);
            frame(out, "contentBlockDelta", data + "}}");
        };
        switch (number) {
        case 0: delta("0", "text", std::string_view(thought).substr(0, middle)); return true;
        case 1: delta("0", "text", std::string_view(thought).substr(middle)); return true;
        case 2: delta("0", "signature", thinking::signature_of(thought)); return true;
        case 3: frame(out, "contentBlockStop", R"("contentBlockIndex":0)"); return true;
        case 4: delta("1", "redactedContent", thinking::redacted_of(call_)); return true;
        case 5: frame(out, "contentBlockStop", R"("contentBlockIndex":1)"); return true;
        default: return false;
        }
    }
    [[nodiscard]] std::string index() const {
        return std::string(R"("contentBlockIndex":)") + (call_.thinks ? '2' : '0');
    }
    void piece(std::size_t, std::string_view text, std::string& out) override {
        std::string data = '{' + index() + R"(,"delta":{"text":)";
        append_quoted(data, text);
        aws::append_event_frame(
            out,
            "contentBlockDelta",
            spoilt(data + R"(},"p":")" + aws::padding_of(call_.seed + number_++) + "\"}"));
    }
    void failure(std::string& out) override {
        aws::append_exception_frame(out, "throttlingException", "Too many requests.");
    }
    bool behind(std::size_t number, std::string& out) override {
        switch (number) {
        case 0: frame(out, "contentBlockStop", index()); return true;
        case 1:
            if (knobs_.no_finish || knobs_.no_done) return false;
            frame(out,
                  "messageStop",
                  R"("stopReason":")" + std::string(converse_reason_of(choices_.front())) + "\"");
            return true;
        case 2: {
            if (knobs_.no_usage) return false;
            std::string data;
            append_converse_usage(data, call_, all_tokens());
            frame(out, "metadata", data + R"(,"metrics":{"latencyMs":12})");
            return true;
        }
        default: return false;
        }
    }

    std::uint64_t number_ = 0;
};

class converse_dialect final : public aws::bedrock_dialect {
public:
    explicit converse_dialect(bool streams)
        : streams_(streams) {}

    [[nodiscard]] api_result<call> read(const exchange& of) const override {
        const auto root = parse_object(of.request.body);
        if (!root || !is_media_type(field_value(of.request, "content-type"), "application/json"))
            return refuse_aws("The body is not a JSON object.");
        call out;
        out.model = of.model;
        out.stream = streams_;
        if (auto good = aws::read_converse(root->get_object(), out); !good)
            return tl::unexpected<api_error>(good.error());
        return out;
    }
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated> choices) const override {
        if (c.stream) return frames(std::make_unique<converse_events>(c, k, std::move(choices)));
        return json(sized(c, k, std::move(choices), [&c, &k](const std::vector<generated>& all) {
            std::string out =
                R"({"metrics":{"latencyMs":12},"output":{"message":{"role":"assistant","content":[)";
            if (c.thinks) {
                const std::string thought = thinking::text_of(c);
                out += R"({"reasoningContent":{"reasoningText":{"text":)";
                append_quoted(out, thought);
                out.append(R"(,"signature":")").append(thinking::signature_of(thought));
                out.append(R"("}}},{"reasoningContent":{"redactedContent":")")
                    .append(thinking::redacted_of(c));
                out += all.front().text.empty() ? R"("}})" : R"("}},)";
            }
            if (!all.front().text.empty()) {
                out += R"({"text":)";
                append_quoted(out, all.front().text);
                out += '}';
            }
            out.append(R"(]}},"stopReason":")").append(converse_reason_of(all.front())).append("\"");
            if (!k.no_usage) {
                out += ',';
                append_converse_usage(out, c, all.front().tokens);
            }
            return out + '}';
        }));
    }

private:
    bool streams_;
};

} // namespace

const dialect& bedrock_converse() noexcept {
    static const converse_dialect instance(false);
    return instance;
}

const dialect& bedrock_converse_stream() noexcept {
    static const converse_dialect instance(true);
    return instance;
}

} // namespace sluice::sim
