// Cohere's v1 generate: the answer, whole and as lines.
#include "tools/provider/cohere.hpp"
#include "tools/provider/dialects.hpp"
#include "tools/provider/schema.hpp"
#include "tools/provider/spoken.hpp"
#include "tools/provider/text.hpp"

#include <array>
#include <memory>
#include <utility>

namespace sluice::sim {

namespace {

using cohere::answer_id_of;
using cohere::append_counts;
using cohere::cohere_checked;
using cohere::finish_of;

constexpr std::array<rule, 14> generate_rules = {{{"model", want::text},
                                                  {"prompt", want::text, true},
                                                  {"num_generations", want::integer, false, 1, 5},
                                                  {"stream", want::boolean},
                                                  {"max_tokens", want::integer, false, 1},
                                                  {"truncate", want::text},
                                                  {"temperature", want::number, false, 0, 5},
                                                  {"seed", want::integer},
                                                  {"end_sequences", want::texts},
                                                  {"stop_sequences", want::texts},
                                                  {"k", want::integer, false, 0, 500},
                                                  {"p", want::number, false, 0.01, 0.99},
                                                  {"frequency_penalty", want::number, false, 0, 1},
                                                  {"presence_penalty", want::number, false, 0, 1}}};

// One JSON text a line.
class generate_lines final : public spoken {
public:
    generate_lines(const call& c, const knobs& k, std::vector<generated> choices)
        : spoken(c, k, std::move(choices)) {}

private:
    bool before(std::size_t, std::string&) override { return false; }
    void line(std::string& out, const std::string& data) const {
        out += data;
        out += knobs_.crlf ? "\r\n" : "\n";
    }
    void piece(std::size_t choice, std::string_view text, std::string& out) override {
        std::string data = R"({"text":)";
        append_quoted(data, text);
        if (choices_.size() > 1) {
            data += R"(,"index":)";
            append_number(data, choice);
        }
        line(out, spoilt(data + R"(,"is_finished":false,"event_type":"text-generation"})"));
    }
    void failure(std::string& out) override {
        line(out, R"({"is_finished":true,"event_type":"stream-error","finish_reason":"ERROR","err":"lost"})");
    }
    bool behind(std::size_t number, std::string& out) override {
        if (number > 0 || knobs_.no_done) return false;
        std::string data = R"({"is_finished":true,"event_type":"stream-end","finish_reason":")";
        data += finish_of(choices_.front());
        data += R"(","response":{"id":")" + answer_id_of(call_) + R"(","prompt":"","generations":[)";
        for (const generated& each : choices_) {
            if (&each != &choices_.front()) data += ',';
            data += R"({"id":"g","text":)";
            append_quoted(data, each.text);
            data.append(R"(,"finish_reason":")").append(finish_of(each)).append("\"}");
        }
        data += ']';
        if (!knobs_.no_usage) {
            data += R"(,"meta":)";
            append_counts(data, call_, all_tokens());
        }
        line(out, data + "}}");
        return true;
    }
};

class generate_dialect final : public cohere::cohere_dialect {
public:
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated> choices) const override {
        if (c.stream) {
            answer a = events(std::make_unique<generate_lines>(c, k, std::move(choices)));
            a.content_type = "application/stream+json";
            return a;
        }
        return json(sized(c, k, std::move(choices), [&c, &k](const std::vector<generated>& all) {
            std::string out = R"({"id":")" + answer_id_of(c) + R"(","generations":[)";
            std::size_t tokens = 0;
            for (const generated& each : all) {
                if (&each != &all.front()) out += ',';
                out += R"({"id":"g","text":)";
                append_quoted(out, each.text);
                out.append(R"(,"finish_reason":")").append(finish_of(each)).append("\"}");
                tokens += each.tokens;
            }
            out += R"(],"prompt":)";
            append_quoted(out, c.inputs.front());
            if (!k.no_usage) {
                out += R"(,"meta":)";
                append_counts(out, c, tokens);
            }
            return out + '}';
        }));
    }

private:
    [[nodiscard]] api_result<void> read_body(const json::object& body, call& out) const override {
        if (auto good = cohere_checked(body, generate_rules); !good) return good;
        out.task = task_kind::completions;
        out.model = text_member(body, "model");
        out.stream = bool_member(body, "stream");
        out.max_tokens = count_member(body, "max_tokens");
        out.choices = count_member(body, "num_generations").value_or(1);
        add_input(out, text_member(body, "prompt"));
        return {};
    }
};

} // namespace

const dialect& cohere_generate() noexcept {
    static const generate_dialect instance;
    return instance;
}

} // namespace sluice::sim
