// Translations of the clients' dialects: any body becomes a chat that is JSON and that the gateway's parser
// accepts or refuses with a sentence; any chunks become whole events, the same however they are fed, with one
// end at most and none after an error.
#include "core/json/reader.hpp"
#include "providers/client_dialect.hpp"
#include "tests/fuzz/must.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace sluice;
using namespace sluice::providers;

// The padding completes a cut text: the worst that may lie behind it.
class padded {
public:
    explicit padded(std::string_view text)
        : size_(text.size())
        , bytes_(std::make_unique<char[]>(text.size() + json::padding)) {
        std::copy(text.begin(), text.end(), bytes_.get());
        std::fill_n(bytes_.get() + size_, json::padding, '}');
    }
    [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

private:
    std::size_t size_;
    std::unique_ptr<char[]> bytes_;
};

answer_context context() {
    answer_context out;
    out.created = 7;
    out.id_stem = "fuzz";
    return out;
}

void check_request(const client_translator& by, std::string_view body, bool with_thoughts) {
    std::string chat;
    if (const auto good = by.to_chat(body, with_thoughts, chat); !good) {
        must(good.error().code == errc::bad_request && !good.error().message.empty(), "a plain refusal");
        return;
    }
    must(json::is_json(chat), "a chat is JSON");
    const padded bytes(chat);
    unified::call call;
    if (const auto read = unified::parse(task::chat, bytes.view(), call); !read)
        must(read.error().code == errc::bad_request, "the parser refuses cleanly");
}

void check_answer(const client_translator& by, std::string_view text) {
    const auto made = by.from_answer(text, text, context());
    must(made ? json::is_json(*made) : made.error().code == errc::bad_upstream, "an answer is JSON");
}

struct outcome {
    std::string out;
    bool failed = false;
};

// Lines of any bytes, each as one chunk.
outcome run(const client_translator& by, std::string_view request, std::string_view lines, bool whole) {
    const auto events = by.make_events(request, context());
    outcome result;
    std::string pending;
    while (!lines.empty() && !result.failed) {
        const std::size_t end = std::min(lines.find('\n'), lines.size());
        pending.append("data: ").append(lines.substr(0, end)).append("\n\n");
        lines.remove_prefix(std::min(end + 1, lines.size()));
        if (whole && !lines.empty()) continue;
        const padded bytes(pending);
        result.failed = !events->chunks(bytes.view(), result.out);
        pending.clear();
    }
    return result;
}

void check_events(const outcome& result) {
    std::string_view rest = result.out;
    bool ended = false;
    while (!rest.empty()) {
        must(!ended, "nothing follows the end");
        const std::size_t line = rest.find("\ndata: ");
        const std::size_t end = rest.find("\n\n");
        must(rest.starts_with("event: ") && line < end && end != rest.npos, "an event");
        const std::string_view name = rest.substr(7, line - 7);
        const std::string_view data = rest.substr(line + 7, end - line - 7);
        must(data.find_first_of("\r\n") == data.npos && json::is_json(data), "one line of JSON");
        ended = name == "message_stop" || name == "response.completed" || name == "response.incomplete";
        rest.remove_prefix(end + 2);
    }
    must(!ended || !result.failed, "an error has no end");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const padded bytes(std::string(data, data + size));
    for (const client_translator* by : {&messages_translator(), &responses_translator()}) {
        check_request(*by, bytes.view(), false);
        check_request(*by, bytes.view(), true);
        check_answer(*by, bytes.view());
        const outcome whole = run(*by, bytes.view(), bytes.view(), true);
        check_events(whole);
        const outcome pieces = run(*by, bytes.view(), bytes.view(), false);
        must(whole.out == pieces.out && whole.failed == pieces.failed, "any split gives the same");
    }
    return 0;
}
