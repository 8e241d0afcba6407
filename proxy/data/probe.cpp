#include "proxy/data/probe.hpp"

#include "core/base/log.hpp"
#include "core/json/reader.hpp"
#include "core/net/guard.hpp"
#include "providers/redact.hpp"
#include "proxy/data/forward.hpp"
#include "proxy/data/no_client.hpp"
#include "proxy/data/proofs.hpp"
#include "proxy/data/whole_answer.hpp"

#include <boost/asio/post.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::data {

namespace asio = boost::asio;

namespace {

using target_ptr = std::shared_ptr<const providers::target>; // shared with control
using done_function = std::function<void(result<void>)>;

constexpr std::size_t most_answer_bytes = std::size_t{1024} * 1024; // embeddings are the longest
constexpr std::size_t most_class_bytes = 64;

std::string_view body_for(providers::task kind) noexcept {
    switch (kind) {
    case providers::task::chat: return R"({"messages":[{"role":"user","content":"ping"}],"max_tokens":1})";
    case providers::task::completions: return R"({"prompt":"ping","max_tokens":1})";
    case providers::task::embeddings: return R"({"input":"ping"})";
    }
    return "{}";
}

std::string_view word_for(providers::task kind) noexcept {
    switch (kind) {
    case providers::task::chat: return "chat completion";
    case providers::task::completions: return "completion";
    case providers::task::embeddings: return "embedding";
    }
    return "answer";
}

// The words by which a provider names a class of errors, such as invalid_request_error; others are left out.
std::string class_of(const boost::json::value& error, std::string_view key) {
    const auto* members = error.if_object();
    const auto* value =
        members ? members->if_contains(boost::json::string_view(key.data(), key.size())) : nullptr;
    const auto* text = value ? value->if_string() : nullptr;
    if (!text || text->empty() || text->size() > most_class_bytes) return {};
    const bool plain = std::all_of(text->begin(), text->end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-' || c == '.';
    });
    return plain ? std::string(text->data(), text->size()) : std::string();
}

struct question {
    const providers::target& to;
    providers::unified::call call;
    std::vector<secret_string> proofs;
};

// " (invalid_request_error, invalid_api_key)", as far as the answer says.
std::string classes_of(const question& asked, std::string_view body) {
    const result<boost::json::value> tree = json::parse_tree(body);
    if (!tree || !tree->is_object()) return {};
    const auto* nested = tree->get_object().if_contains("error");
    const boost::json::value& error = nested && nested->is_object() ? *nested : *tree;
    std::string out;
    for (const std::string_view key : {"type", "code", "error_code", "status"}) {
        const std::string word = class_of(error, key);
        if (word.empty()) continue;
        out += out.empty() ? " (" : ", ";
        out += word;
    }
    if (!out.empty()) out += ')';
    return providers::redact(providers::redact(out, asked.proofs), asked.to.keys);
}

// `body`: null when it could not be read; then the status alone says it.
result<void> judge(const question& asked, int status, const std::string_view* body) {
    constexpr int too_many = 429;
    const bool success = is_success(status);
    if (status == too_many || (success && body == nullptr)) return {};
    if (success && asked.to.via->read_answer(asked.call, asked.to, *body)) return {};
    std::string said =
        "The provider '" + asked.to.provider_name + "' answered the probe with " + std::to_string(status);
    if (success) said += ", but with no " + std::string(word_for(asked.to.kind));
    if (body != nullptr) said += classes_of(asked, *body);
    return fail(errc::bad_upstream, said + '.');
}

asio::awaitable<result<void>> ask(shard& here, const providers::target& to) {
    const std::string_view body = body_for(to.kind);
    const std::string padded = std::string(body) + std::string(json::padding, ' ');
    question asked{to, {}, {}};
    auto good =
        providers::unified::parse(to.kind, std::string_view(padded).substr(0, body.size()), asked.call);
    providers::upstream_request request;
    if (good) good = to.via->encode(asked.call, to, request);
    if (!good) co_return fail(std::move(good).error());
    no_client nobody(here);
    net::exchange_guard guard(nobody);
    const std::chrono::milliseconds time = here.shared.config.timeouts.first_byte;
    const steady_time latest = here.shared.time.now() + time;
    credential_ptr proved_by;
    const attempt what{here, to, request, proved_by, time, latest};
    auto from = co_await forward(what, guard);
    if (from) {
        asked.proofs = proofs_of(request.credential_lines, proved_by.get());
        const int status = (*from)->head().status;
        guard.extend(**from, latest);
        auto answer = co_await (*from)->read_whole_body(most_answer_bytes);
        guard.rest();
        const std::string_view* const read = answer ? &*answer : nullptr;
        if (answer || !nobody.peer_gone()) co_return judge(asked, status, read);
        co_return fail(errc::cancelled, "the gateway is ending");
    }
    if (nobody.peer_gone()) co_return fail(errc::cancelled, "the gateway is ending");
    co_return fail(from.error().code,
                   "The probe did not reach the provider '" + to.provider_name +
                       "': " + from.error().message + '.');
}

asio::awaitable<void> run(shard& here, target_ptr to, done_function done) {
    result<void> outcome = fail(errc::internal_error, "The probe failed inside the gateway.");
    try {
        outcome = co_await ask(here, *to);
    } catch (const std::exception& e) {
        log::error("probe_failed", {{"what", e.what()}});
    }
    done(std::move(outcome));
}

} // namespace

void shard_prober::probe(target_ptr to, done_function done) {
    if (shards_.empty()) return done(fail(errc::cancelled, "the gateway is ending"));
    shard& here = *shards_[next_.fetch_add(1, std::memory_order_relaxed) % shards_.size()];
    asio::post(here.io, [&here, to = std::move(to), done = std::move(done)] {
        if (here.stopping()) return done(fail(errc::cancelled, "the gateway is ending"));
        here.tasks.spawn("probe", run(here, to, done));
    });
}

} // namespace sluice::data
