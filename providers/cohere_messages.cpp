// Turns into Cohere's messages (providers.md §4.2).
#include "providers/cohere_messages.hpp"

#include "core/json/writer.hpp"
#include "providers/request_pieces.hpp"
#include "providers/sentence.hpp"

namespace sluice::providers::cohere {

namespace {

using neutral::part;
using neutral::part_kind;
using neutral::speaker;
using neutral::turn;

class message_writer {
public:
    message_writer(const neutral::dialect& of, std::string& out)
        : of_(of)
        , out_(out) {}

    void text(std::string_view role, std::string_view content);
    result<void> write(const turn& one);

private:
    result<void> user(const turn& one);
    result<void> assistant(const turn& one);
    result<void> tool(const neutral::tool_result& one);
    result<void> content(const std::vector<part>& parts, bool takes_images);
    void image(const part& one);
    void next() {
        if (!first_) out_ += ',';
        first_ = false;
    }

    const neutral::dialect& of_;
    std::string& out_;
    bool first_ = true;
};

void message_writer::text(std::string_view role, std::string_view content) {
    next();
    json::object_writer message(out_);
    message.text("role", role);
    message.text("content", content);
    message.close();
}

result<void> message_writer::write(const turn& one) {
    switch (one.from) {
    case speaker::user: return user(one);
    case speaker::assistant: return assistant(one);
    case speaker::tool: break;
    }
    for (const neutral::tool_result& each : one.results) {
        if (auto good = tool(each); !good) return good;
    }
    return {};
}

result<void> message_writer::user(const turn& one) {
    next();
    json::object_writer message(out_);
    message.text("role", "user");
    message.key("content");
    auto good = content(one.parts, true);
    message.close();
    return good;
}

// Beside calls there is no content: what the model says before them is its plan.
result<void> message_writer::assistant(const turn& one) {
    next();
    json::object_writer message(out_);
    message.text("role", "assistant");
    if (one.calls.empty()) {
        message.key("content");
        if (auto good = content(one.parts, false); !good) return good;
    } else {
        const auto plan = joined_text(one.parts, of_);
        if (!plan) return fail(plan.error());
        if (!plan->empty()) message.text("tool_plan", *plan);
        message.key("tool_calls");
        append_calls(out_, one.calls);
    }
    message.close();
    return {};
}

result<void> message_writer::tool(const neutral::tool_result& one) {
    const auto said = joined_text(one.parts, of_);
    if (!said) return fail(said.error());
    next();
    json::object_writer message(out_);
    message.text("role", "tool");
    message.text("tool_call_id", one.call_id);
    message.text("content", *said);
    message.close();
    return {};
}

result<void> message_writer::content(const std::vector<part>& parts, bool takes_images) {
    if (parts.size() == 1 && parts.front().kind == part_kind::text) {
        json::append_string(out_, parts.front().text);
        return {};
    }
    out_ += '[';
    for (const part& each : parts) {
        if (&each != &parts.front()) out_ += ',';
        if (each.kind == part_kind::image && takes_images) {
            image(each);
        } else if (each.kind == part_kind::text) {
            json::object_writer block(out_);
            block.text("type", "text");
            block.text("text", each.text);
            block.close();
        } else {
            return fail(neutral::not_supported(name_of(each.kind), of_));
        }
    }
    out_ += ']';
    return {};
}

void message_writer::image(const part& one) {
    json::object_writer block(out_);
    block.text("type", "image_url");
    block.key("image_url");
    json::object_writer url(out_);
    url.text("url",
             one.data.empty() ? std::string(one.url)
                              : sentence({"data:", one.media_type, ";base64,", one.data}));
    url.close();
    block.close();
}

} // namespace

result<void> append_messages(const neutral::request& in, const neutral::dialect& of, std::string& out) {
    message_writer writer(of, out);
    out += '[';
    for (const std::string_view each : in.system)
        writer.text("system", each);
    for (const turn& each : in.turns) {
        if (auto good = writer.write(each); !good) return good;
    }
    if (in.kind == task::completions) writer.text("user", prompt_of(in));
    out += ']';
    return {};
}

} // namespace sluice::providers::cohere
