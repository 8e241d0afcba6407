// Signed thinking in the items of a Response.
#include "core/base/base64.hpp"
#include "core/json/reader.hpp"
#include "providers/client_texts.hpp"
#include "providers/responses.hpp"
#include "providers/sentence.hpp"

namespace sluice::providers::responses {

namespace {

// Tells ours from those of OpenAI; base64 has no '.'.
constexpr std::string_view mark = "sluice-thinking-1.";

} // namespace

void append_thought(std::string& list,
                    std::string_view text,
                    std::string_view signature,
                    std::string_view redacted) {
    std::string scratch;
    if (!list.empty()) list += ',';
    if (!redacted.empty()) {
        list += R"({"type":"redacted_thinking","data":)";
        client::append_quoted(list, redacted, scratch);
    } else {
        list += R"({"type":"thinking","thinking":)";
        client::append_quoted(list, text, scratch);
        list += R"(,"signature":)";
        client::append_quoted(list, signature, scratch);
    }
    list += '}';
}

std::string sealed_thoughts(std::string_view list) {
    if (list.empty()) return "null";
    return sentence({"\"", mark, base64_encode(list), "\""});
}

result<std::string> opened_thoughts(slices::node item, std::string_view where) {
    std::deque<std::string> store;
    const std::string_view sealed = item["encrypted_content"].text(store).value_or("");
    if (!sealed.starts_with(mark)) return std::string();
    const auto list = base64_decode(sealed.substr(mark.size()));
    // Nothing but whole elements may come out of it.
    if (!list || list->empty() || !json::is_json(sentence({"[", *list, "]"}))) {
        return client::bad(sentence({"'", where, ".encrypted_content' is not what the gateway has given."}));
    }
    return *list;
}

} // namespace sluice::providers::responses
