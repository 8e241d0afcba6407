#include "proxy/data/native_query.hpp"

#include "core/json/reader.hpp"
#include "core/json/writer.hpp"
#include "providers/native.hpp"

#include <algorithm>
#include <optional>

namespace sluice::data {

namespace {

using providers::dialect;
using providers::native_call;

constexpr std::size_t longest_forwarded = 1024;

// "2023-06-01".
bool is_date(std::string_view text) noexcept {
    if (text.size() != 10) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 4 || i == 7;
        if (dash ? text[i] != '-' : (text[i] < '0' || text[i] > '9')) return false;
    }
    return true;
}

// What of a client's head goes on to Anthropic: the version and the trial features that its body is written
// for.
void note_forwarded(exchange& client) {
    constexpr std::string_view usual_version = "2023-06-01";
    const auto version = http::find(client.head.fields, "anthropic-version");
    const bool good = version && is_date(*version);
    client.call.forwarded = field_line("anthropic-version", good ? *version : usual_version);
    const auto features = http::find(client.head.fields, "anthropic-beta");
    if (features && features->size() <= longest_forwarded)
        client.call.forwarded += field_line("anthropic-beta", *features);
}

result<void> translate(exchange& client, bool with_thoughts) {
    client.translator = providers::translator_of(client.to.speaks);
    if (!client.translator) {
        return fail(errc::not_implemented, "This version of the gateway does not translate this API yet.");
    }
    client.translated.clear();
    auto good = client.translator->to_chat(client.body, with_thoughts, client.translated);
    if (!good) return good;
    client.translated.reserve(client.translated.size() + json::padding);
    good = providers::unified::parse(providers::task::chat, client.translated, client.call);
    client.call.is_translated = true;
    return good;
}

} // namespace

std::string_view key_field(dialect speaks) noexcept {
    switch (speaks) {
    case dialect::messages: return "x-api-key";
    case dialect::gemini: return "x-goog-api-key";
    default: return {};
    }
}

result<void> parse_native(exchange& client) {
    auto good = providers::native::parse(client.to.speaks, client.body, client.call);
    if (!good) return good;
    if (client.to.speaks == dialect::gemini) {
        client.call.model = client.to.endpoint;
        client.call.stream = client.to.streams;
    }
    if (client.call.model.empty())
        return fail(errc::bad_request, "The request must name the endpoint in \"model\".");
    return {};
}

result<const providers::target*> choose_target(exchange& client, const providers::target& of) {
    const auto fits = [&client](const providers::native_target& each) {
        return each.speaks == client.to.speaks && each.asks == client.to.asks;
    };
    const auto native = std::ranges::find_if(of.natives, fits);
    if (native != of.natives.end()) {
        if (client.to.speaks == dialect::messages) note_forwarded(client);
        return native->to.get();
    }
    if (client.to.speaks == dialect::gemini) {
        return fail(errc::bad_request,
                    "The provider '" + of.provider_name +
                        "' does not take Gemini's generateContent: use the "
                        "endpoint's other paths, such as /serving-endpoints/chat/completions.");
    }
    if (client.to.asks == native_call::count_tokens) return nullptr;
    if (auto good = translate(client, providers::takes_thoughts(of)); !good)
        return fail(std::move(good).error());
    return &of;
}

std::string counted_tokens(const exchange& client) {
    std::string out;
    json::object_writer writer(out);
    writer.number("input_tokens", providers::native::estimate_tokens(client.body));
    writer.close();
    return out;
}

} // namespace sluice::data
