// Translations of the clients' dialects, with texts padded as the request path pads them.
#pragma once

#include "providers/client_dialect.hpp"
#include "providers/unified.hpp"
#include "tests/unit/providers/padded.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

namespace sluice::providers {

inline answer_context dialect_context() {
    answer_context context;
    context.created = 7;
    context.id_stem = "s";
    return context;
}

// The chat of a body, which the gateway's own parser must accept; "!" and the sentence of a refusal.
inline std::string chat_of(const client_translator& by, std::string_view body, bool with_thoughts = false) {
    const padded bytes(body);
    std::string chat;
    if (const auto good = by.to_chat(bytes.view(), with_thoughts, chat); !good) {
        EXPECT_EQ(good.error().code, errc::bad_request);
        return "!" + good.error().message;
    }
    const padded again(chat);
    unified::call call;
    const auto parsed = unified::parse(task::chat, again.view(), call);
    EXPECT_TRUE(parsed.has_value()) << chat;
    EXPECT_TRUE(!call.stream || call.include_usage);
    return chat;
}

inline std::string answer_of(const client_translator& by, std::string_view request, std::string_view answer) {
    const padded asked(request);
    const padded bytes(answer);
    auto made = by.from_answer(asked.view(), bytes.view(), dialect_context());
    if (made) return *made;
    EXPECT_EQ(made.error().code, errc::bad_upstream);
    return "!" + made.error().message;
}

struct events_made {
    std::string out;
    std::string failure;

    friend bool operator==(const events_made&, const events_made&) = default;
};

// All events at once, or one by one.
inline events_made
events_of(const client_translator& by, std::string_view request, std::string_view stream, bool one_by_one) {
    events_made made;
    std::unique_ptr<event_translation> events;
    {
        const padded asked(request);
        events = by.make_events(asked.view(), dialect_context());
    }
    while (!stream.empty()) {
        const std::size_t end = stream.find("\n\n");
        const std::size_t size = !one_by_one || end == std::string_view::npos ? stream.size() : end + 2;
        const padded bytes(stream.substr(0, size));
        stream.remove_prefix(size);
        if (const auto good = events->chunks(bytes.view(), made.out); !good) {
            EXPECT_EQ(good.error().code, errc::bad_upstream);
            made.failure = good.error().message;
            break;
        }
    }
    return made;
}

// Both ways, which must give the same.
inline events_made events_of(const client_translator& by, std::string_view request, std::string_view stream) {
    events_made whole = events_of(by, request, stream, false);
    EXPECT_EQ(whole, events_of(by, request, stream, true));
    return whole;
}

// A chunk of the first choice, as this gateway writes it.
inline std::string chunk_of(std::string_view delta, std::string_view finish = "null") {
    std::string out(R"(data: {"id":"c1","object":"chat.completion.chunk","created":9,"model":"m",)");
    out.append(R"("choices":[{"index":0,"delta":)").append(delta);
    return out.append(R"(,"finish_reason":)").append(finish).append("}]}\n\n");
}

inline constexpr std::string_view done = "data: [DONE]\n\n";

} // namespace sluice::providers
