// PaLM: messages, text and embeddings of a service that is closed.
#include "tools/provider/dialects.hpp"
#include "tools/provider/embeddings.hpp"
#include "tools/provider/google.hpp"
#include "tools/provider/schema.hpp"
#include "tools/provider/spoken.hpp"
#include "tools/provider/text.hpp"

#include <array>
#include <utility>

namespace sluice::sim {

namespace {

using google::google_checked;
using google::refuse_google;

constexpr std::array<rule, 5> message_rules = {{{"prompt", want::object, true},
                                                {"temperature", want::number, false, 0, 1},
                                                {"candidateCount", want::integer, false, 1, 8},
                                                {"topP", want::number, false, 0, 1},
                                                {"topK", want::integer, false, 1}}};
constexpr std::array<rule, 8> text_rules = {{{"prompt", want::object, true},
                                             {"temperature", want::number, false, 0, 1},
                                             {"candidateCount", want::integer, false, 1, 8},
                                             {"maxOutputTokens", want::integer, false, 1},
                                             {"stopSequences", want::texts, false, 0, 5},
                                             {"topP", want::number, false, 0, 1},
                                             {"topK", want::integer, false, 1},
                                             {"safetySettings", want::list}}};

class palm_dialect : public google::google_dialect {
public:
    [[nodiscard]] std::optional<api_error> refuse(const exchange& of) const override {
        const std::string_view sent = field_value(of.request, "x-goog-api-key");
        if (!sent.empty() && (of.who.api_key.empty() || sent == of.who.api_key)) return std::nullopt;
        api_error e;
        e.status = sent.empty() ? 403 : 400;
        e.message = sent.empty() ? "Method doesn't allow unregistered callers." : "API key not valid.";
        return e;
    }

protected:
    // {"candidates":[{"<name>":…}]} with `more` before each name.
    [[nodiscard]] static answer candidates(const call& c,
                                           const knobs& k,
                                           std::vector<generated> choices,
                                           std::string_view more,
                                           std::string_view name) {
        return json(sized(c, k, std::move(choices), [more, name](const std::vector<generated>& all) {
            std::string out = R"({"candidates":[)";
            for (const generated& each : all) {
                if (&each != &all.front()) out += ',';
                out.append("{").append(more).append("\"").append(name).append("\":");
                append_quoted(out, each.text);
                out += '}';
            }
            return out + "]}";
        }));
    }
};

class message_dialect final : public palm_dialect {
public:
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated> choices) const override {
        return candidates(c, k, std::move(choices), R"("author":"1",)", "content");
    }

private:
    [[nodiscard]] api_result<void> read_body(const json::object& body, call& out) const override {
        constexpr std::array<rule, 3> prompt_rules = {
            {{"context", want::text}, {"examples", want::list}, {"messages", want::list, true, 1}}};
        constexpr std::array<rule, 2> rules = {{{"author", want::text}, {"content", want::text, true}}};
        if (auto good = google_checked(body, message_rules); !good) return good;
        const json::object& prompt = *object_member(body, "prompt");
        if (auto good = google_checked(prompt, prompt_rules, "prompt"); !good) return good;
        out.choices = count_member(body, "candidateCount").value_or(1);
        conversation said(out);
        for (const json::value& each : *list_member(prompt, "messages")) {
            if (!each.is_object()) return refuse_google("Invalid value at 'prompt.messages'.");
            if (auto good = google_checked(each.get_object(), rules, "messages"); !good) return good;
            said.said(text_member(each.get_object(), "author") == "0",
                      text_member(each.get_object(), "content"));
        }
        said.end();
        return {};
    }
};

class text_dialect final : public palm_dialect {
public:
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated> choices) const override {
        return candidates(c, k, std::move(choices), "", "output");
    }

private:
    [[nodiscard]] api_result<void> read_body(const json::object& body, call& out) const override {
        constexpr std::array<rule, 1> prompt_rules = {{{"text", want::text, true}}};
        if (auto good = google_checked(body, text_rules); !good) return good;
        const json::object& prompt = *object_member(body, "prompt");
        if (auto good = google_checked(prompt, prompt_rules, "prompt"); !good) return good;
        out.task = task_kind::completions;
        out.choices = count_member(body, "candidateCount").value_or(1);
        out.max_tokens = count_member(body, "maxOutputTokens");
        add_input(out, text_member(prompt, "text"));
        return {};
    }
};

class palm_embed_dialect final : public palm_dialect {
public:
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated>) const override {
        const std::size_t size = k.floats.value_or(default_dimensions(c.model));
        std::string out = R"({"embeddings":[)";
        for (std::size_t i = 0; i < c.inputs.size(); ++i) {
            out += i > 0 ? R"(,{"value":)" : R"({"value":)";
            append_floats(out, embedding_of(c.inputs[i], size));
            out += '}';
        }
        return json(out + "]}");
    }

private:
    [[nodiscard]] api_result<void> read_body(const json::object& body, call& out) const override {
        constexpr std::array<rule, 1> rules = {{{"texts", want::texts, true, 1, 100}}};
        if (auto good = google_checked(body, rules); !good) return good;
        out.task = task_kind::embeddings;
        for (const json::value& each : *list_member(body, "texts"))
            add_input(out, view(each.get_string()));
        return {};
    }
};

} // namespace

const dialect& palm_message() noexcept {
    static const message_dialect instance;
    return instance;
}

const dialect& palm_text() noexcept {
    static const text_dialect instance;
    return instance;
}

const dialect& palm_embed() noexcept {
    static const palm_embed_dialect instance;
    return instance;
}

} // namespace sluice::sim
