// Walks tests/golden/manifest.json: what each provider is sent, answers, refuses and streams, as data. The
// rules: requests, answers and errors are compared as JSON values, fields that a file names must be there
// with that value, others are free; every stream is fed whole, byte by byte and cut at every position, and
// each of its prefixes that ends between events must give a prefix of the golden events and one error event,
// or be complete when the terminal event was in it.
#include "core/base/base64.hpp"
#include "providers/bedrock.hpp"
#include "tests/golden/golden_support.hpp"
#include "tests/support/event_frames.hpp"
#include "tests/support/service_account.hpp"

#include <map>
#include <set>

namespace sluice::golden::golden_test {

namespace {

using providers::target;
using providers::upstream_request;
using providers::unified::call;

// Cases that this version answers 501; each must really do so. Leave none behind when its provider is built.
const std::set<std::string, std::less<>> not_yet = {};

// Rule 2: what the secret references stand for, as seen in the upstream requests.
const std::map<std::string, std::string, std::less<>> secrets = {
    {"{{secrets/llm/openai}}", "sk-test-openai"},
    {"{{secrets/llm/azure}}", "azure-test-key"},
    {"{{secrets/llm/entra}}", "entra-test-secret"},
    {"{{secrets/llm/anthropic}}", "sk-ant-test"},
    {"{{secrets/llm/cohere}}", "co-test"},
    {"{{secrets/llm/ai21}}", "ai21-test"},
    {"{{secrets/llm/dbx}}", "dapi-test"},
    {"{{secrets/llm/ak}}", "AKIDEXAMPLE"},
    {"{{secrets/llm/sk}}", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"},
    {"{{secrets/llm/palm}}", "palm-test"},
};

// One reference stands for two values in the cases of `custom`.
std::string secret_of(std::string_view reference, std::string_view field) {
    if (reference == "{{secrets/llm/custom}}")
        return field == "bearer_token_auth.token" ? "custom-token" : "custom-key";
    if (reference == "{{secrets/llm/vertex-sa}}") return test::service_account_json();
    const auto secret = secrets.find(reference);
    if (secret != secrets.end()) return secret->second;
    ADD_FAILURE() << "unknown secret " << reference;
    return {};
}

void read_block(const providers::provider& via,
                const bj::object& block,
                const std::string& prefix,
                providers::resolved_config& config) {
    for (const auto& [name, value] : block) {
        const std::string key = prefix + std::string(name.data(), name.size());
        if (value.is_object()) {
            read_block(via, value.as_object(), key + '.', config);
            continue;
        }
        const auto fields = via.fields();
        const auto field =
            std::find_if(fields.begin(), fields.end(), [&key](const auto& each) { return each.name == key; });
        if (field == fields.end()) {
            ADD_FAILURE() << "unknown config field " << key;
        } else if (field->secret) {
            config.secrets.emplace(key, secret_of(text_of(value), key));
        } else {
            config.plain.emplace(key, text_of(value));
        }
    }
}

providers::resolved_config config_of(const providers::provider& via, const bj::object& model) {
    providers::resolved_config config;
    const std::string_view block = via.config_block();
    read_block(via, model.at({block.data(), block.size()}).as_object(), "", config);
    return config;
}

// Of the providers that speak OpenAI's schema.
bool is_openai_end(const std::vector<std::string>& events) {
    std::map<std::int64_t, bool> choices;
    for (const std::string& event : events) {
        if (event == "[DONE]") continue;
        const bj::value chunk = bj::parse(event);
        const auto* const list = chunk.as_object().if_contains("choices");
        if (list == nullptr) continue;
        for (const bj::value& choice : list->as_array()) {
            bool& ended = choices[choice.at("index").as_int64()];
            ended = ended || !choice.at("finish_reason").is_null();
        }
    }
    return !choices.empty() &&
           std::all_of(choices.begin(), choices.end(), [](const auto& each) { return each.second; });
}

// The usage that a client has asked for comes right before [DONE], which may be missing.
bool is_counted(const std::vector<std::string>& events) {
    return std::any_of(events.begin(), events.end(), [](const std::string& event) {
        if (event == "[DONE]") return true;
        const bj::value chunk = bj::parse(event);
        const auto* const used = chunk.as_object().if_contains("usage");
        return used != nullptr && !used->is_null();
    });
}

bool is_anthropic_end(const std::vector<std::string>& events) {
    return std::any_of(events.begin(), events.end(), [](const std::string& event) {
        return bj::parse(event).at("type") == "message_stop";
    });
}

bool is_cohere_end(const std::vector<std::string>& events) {
    return std::any_of(events.begin(), events.end(), [](const std::string& event) {
        return event != "[DONE]" && bj::parse(event).at("type") == "message-end";
    });
}

// Of Converse's frames, and of those that hold another API's event in base64.
bool is_bedrock_end(std::string_view frames) {
    if (frames.find("\x0bmessageStop") != std::string_view::npos) return true;
    constexpr std::string_view begin = R"({"bytes":")";
    while (true) {
        const std::size_t at = frames.find(begin);
        if (at == std::string_view::npos) return false;
        frames.remove_prefix(at + begin.size());
        const std::string event = base64_decode(frames.substr(0, frames.find('"'))).value_or("");
        if (event.find("message_stop") != std::string::npos) return true;
        if (event.find(R"("completionReason":")") != std::string::npos) return true;
    }
}

bool is_gemini_end(const std::vector<std::string>& events) {
    return std::any_of(events.begin(), events.end(), [](const std::string& event) {
        const bj::value said = bj::parse(event);
        const auto* const list = said.as_object().if_contains("candidates");
        return list != nullptr && list->at(0).as_object().contains("finishReason");
    });
}

// Rule 8's "terminal event", worked out without the decoder.
bool has_terminal_event(std::string_view provider, bool wants_usage, std::string_view stream) {
    if (provider == "amazon-bedrock") return is_bedrock_end(stream);
    const std::vector<std::string> events = upstream_events_of(stream);
    if (provider == "anthropic") return is_anthropic_end(events);
    if (provider == "google-cloud-vertex-ai") return is_gemini_end(events);
    if (provider == "cohere") return is_cohere_end(events);
    const bool is_family = provider == "openai" || provider == "databricks-model-serving" ||
                           provider == "custom" || provider == "ai21labs";
    EXPECT_TRUE(is_family) << "say what ends a stream of this provider (providers.md §1.9)";
    const bool counts = provider == "openai" || provider == "databricks-model-serving";
    return is_openai_end(events) && (!wants_usage || !counts || is_counted(events));
}

// 2026-01-15T12:34:56Z, the time of the known signatures.
constexpr wall_ms signing_time = 1'768'480'496'000;

// What a token service has given, as the request shows it.
std::optional<providers::credential> credential_of(const bj::value& request) {
    constexpr std::string_view scheme = "Bearer ";
    const auto* const shown = request.at("headers").as_object().if_contains("authorization");
    if (shown == nullptr || !text_of(*shown).starts_with(scheme)) return std::nullopt;
    providers::credential with;
    with.token = secret_string(text_of(*shown).substr(scheme.size()));
    return with;
}

std::size_t end_of_event(std::string_view stream, std::size_t at) {
    constexpr std::string_view blank_crlf_line = "\r\n\r\n";
    if (const std::size_t end = stream.find(blank_crlf_line, at); end != std::string_view::npos)
        return end + blank_crlf_line.size();
    const std::size_t end = stream.find("\n\n", at);
    return end == std::string_view::npos ? end : end + 2;
}

// Where the event ends that begins at `at`: server-sent events end with a blank line, binary frames begin
// with their length. npos: it does not end.
std::size_t next_cut(std::string_view stream, std::size_t at) {
    if (stream.front() == '\0') {
        std::size_t size = 0;
        for (const char c : stream.substr(at, 4))
            size = size << 8U | static_cast<unsigned char>(c);
        // A stream may be cut inside of a frame.
        return size < 16 ? std::string_view::npos : std::min(at + size, stream.size());
    }
    return end_of_event(stream, at);
}

// Claude on InvokeModel is another way to what Converse does, which no entity chooses: its parts are tried in
// the place of Converse's.
void choose_invoke(target& to) {
    providers::bedrock::settings with = providers::bedrock::settings_of(to);
    with.by = providers::bedrock::route::claude_messages;
    ASSERT_TRUE(providers::bedrock::put_settings(to, with));
}

class golden_case {
public:
    explicit golden_case(const bj::object& test_case)
        : case_(test_case)
        , model_(test_case.at("external_model").as_object())
        , task_(providers::parse_task(text_of(test_case.at("task"))).value_or(providers::task::chat)) {}

    void run();

private:
    void request();
    void answer();
    void failure();
    void stream();
    void stream_prefixes(const std::string& upstream, const std::vector<std::string>& golden);
    [[nodiscard]] std::string streamed(const std::vector<std::string_view>& pieces) const {
        return run_stream(*to_.via, call_, to_, pieces);
    }

    const bj::object& case_;
    const bj::object& model_;
    providers::task task_;
    target to_;
    std::unique_ptr<padded> body_;
    call call_;
};

void golden_case::run() {
    const std::string id(text_of(case_.at("id")));
    SCOPED_TRACE(id);
    ASSERT_EQ(to_string(task_), text_of(case_.at("task")));
    const providers::entry* const found = providers::find_provider(text_of(model_.at("provider")));
    ASSERT_NE(found, nullptr);
    const bool is_listed = not_yet.contains(id);
    if (found->built == nullptr) {
        EXPECT_TRUE(is_listed) << "the provider is not built";
        return;
    }
    auto to = found->built->resolve(text_of(model_.at("name")), task_, config_of(*found->built, model_), "");
    if (is_listed) {
        ASSERT_FALSE(to) << "is built: take it off the list";
        EXPECT_EQ(to.error().code, errc::not_implemented);
        return;
    }
    ASSERT_TRUE(to) << to.error().message;
    to_ = *std::move(to);
    if (id.starts_with("amazon-bedrock/chat-invoke-")) choose_invoke(to_);
    body_ = std::make_unique<padded>(needed_file_of(case_, "request.gateway"));
    if (!file_of(case_, "error.upstream") && file_of(case_, "error.gateway")) return failure();
    const auto parsed = providers::unified::parse(task_, body_->view(), call_);
    ASSERT_TRUE(parsed) << parsed.error().message;
    if (file_of(case_, "request.upstream")) request();
    if (file_of(case_, "response.upstream")) answer();
    if (file_of(case_, "error.upstream")) failure();
    if (file_of(case_, "stream.upstream")) stream();
}

void golden_case::request() {
    const bj::value golden = bj::parse(needed_file_of(case_, "request.upstream"));
    upstream_request sent;
    const auto encoded = to_.via->encode(call_, to_, sent);
    ASSERT_TRUE(encoded) << encoded.error().message;
    std::string body;
    for (const std::string_view piece : sent.body)
        body.append(piece);
    EXPECT_EQ(body.size(), sent.body_size);

    const bool has_own_head = call_.stream && !to_.stream_head.empty();
    const std::string_view front = (has_own_head ? to_.stream_head : to_.head).reveal();
    const std::optional<providers::credential> with = credential_of(golden);
    const auto proved =
        to_.via->authorize(to_, call_.stream, with && to_.credential ? &*with : nullptr, signing_time, sent);
    ASSERT_TRUE(proved) << proved.error().message;
    const std::string text = std::string(front).append(sent.credential_lines).append(sent.head_tail);
    http::request_head head;
    const auto size = http::parse_request_head(text, http::request_head_limits, head);
    ASSERT_TRUE(size) << size.error().message;
    EXPECT_EQ(*size, text.size());
    EXPECT_EQ(head.content_length, body.size());
    EXPECT_EQ(head.verb_text, text_of(golden.at("method")));
    const std::string url =
        std::string(to_.to.tls ? "https://" : "http://").append(head.host).append(head.target);
    EXPECT_EQ(url, text_of(golden.at("url")));
    for (const auto& [name, value] : golden.at("headers").as_object()) {
        if (text_of(value).find('<') != std::string_view::npos) {
            // Depends on the clock: its value has a test of its own.
            EXPECT_TRUE(http::find(head.fields, {name.data(), name.size()})) << name;
            continue;
        }
        EXPECT_EQ(http::find(head.fields, {name.data(), name.size()}), text_of(value)) << name;
    }
    EXPECT_TRUE(same(bj::parse(body), golden.at("body"))) << body;
}

void golden_case::answer() {
    const bj::value upstream = bj::parse(needed_file_of(case_, "response.upstream"));
    const bj::value golden = bj::parse(needed_file_of(case_, "response.gateway"));
    const padded body(bj::serialize(upstream.at("body")));
    http::field_list fields;
    for (const auto& [name, value] : upstream.at("headers").as_object())
        fields.push_back({{name.data(), name.size()}, text_of(value)});
    providers::answer_context context = fixed_context();
    if (to_.reads_answer_fields) context.fields = &fields;
    const auto read = to_.via->read_answer(call_, to_, context, body.view());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_TRUE(same(bj::parse(read->rewritten.value_or(std::string(body.view()))), golden.at("body")));
    // An answer that counts nothing shows zeros to the client and says nothing to us.
    const bj::value& shown = golden.at("body").at("usage").at("total_tokens");
    EXPECT_EQ(read->used.known, read->rewritten == std::nullopt || shown != 0);
    EXPECT_EQ(read->used.total_tokens, shown);
}

void golden_case::failure() {
    const bj::value golden = bj::parse(needed_file_of(case_, "error.gateway"));
    const auto upstream_text = file_of(case_, "error.upstream");
    error failed;
    if (upstream_text) {
        const bj::value upstream = bj::parse(*upstream_text);
        http::field_list fields;
        for (const auto& [name, value] : upstream.at("headers").as_object())
            fields.push_back({{name.data(), name.size()}, text_of(value)});
        const auto status = static_cast<int>(upstream.at("status").as_int64());
        const std::string body = upstream.at("body").is_string() ? std::string(text_of(upstream.at("body")))
                                                                 : bj::serialize(upstream.at("body"));
        failed = providers::upstream_error(to_, status, fields, body, 1'700'000'000'000);
    } else {
        auto parsed = providers::unified::parse(task_, body_->view(), call_);
        upstream_request unused;
        if (parsed) parsed = to_.via->encode(call_, to_, unused);
        ASSERT_FALSE(parsed) << "must be refused";
        failed = parsed.error();
    }
    EXPECT_EQ(status_of(failed.code).http_status, golden.at("status").as_int64());
    EXPECT_TRUE(same(bj::parse(error_body(failed)), golden.at("body"))) << error_body(failed);
    if (const auto* const seconds = golden.at("headers").as_object().if_contains("retry-after")) {
        EXPECT_EQ(std::to_string(failed.retry_after_seconds), text_of(*seconds));
    }
}

void golden_case::stream() {
    std::string upstream = needed_file_of(case_, "stream.upstream");
    if (text_of(case_.at("files").at("stream.upstream")).ends_with(".hex"))
        upstream = test::from_hex(upstream);
    const std::vector<std::string> golden = events_of(needed_file_of(case_, "stream.gateway"));
    const std::string whole = streamed({upstream});
    const std::vector<std::string> events = events_of(whole);
    ASSERT_EQ(events.size(), golden.size()) << whole;
    ASSERT_EQ(common_prefix(events, golden), golden.size()) << whole;

    std::vector<std::string_view> bytes;
    bytes.reserve(upstream.size());
    for (std::size_t i = 0; i < upstream.size(); ++i)
        bytes.push_back(std::string_view(upstream).substr(i, 1));
    EXPECT_EQ(streamed(bytes), whole);
    for (std::size_t at = 0; at <= upstream.size(); ++at) {
        ASSERT_EQ(streamed({std::string_view(upstream).substr(0, at), std::string_view(upstream).substr(at)}),
                  whole)
            << "cut at " << at;
    }
    stream_prefixes(upstream, golden);
}

// Where the event that begins at `at` ends, blank line included.
void golden_case::stream_prefixes(const std::string& upstream, const std::vector<std::string>& golden) {
    const bool golden_is_complete = golden.back() == "[DONE]";
    const std::size_t chunks = golden.size() - 1; // [DONE] or the error event is the last
    std::size_t end = 0;
    while (true) {
        const std::string_view prefix = std::string_view(upstream).substr(0, end);
        SCOPED_TRACE(prefix.size());
        const bool is_complete =
            has_terminal_event(text_of(model_.at("provider")), call_.include_usage, prefix);
        const std::vector<std::string> events = events_of(streamed({prefix}));
        ASSERT_FALSE(events.empty());
        EXPECT_EQ(events.back() == "[DONE]", is_complete);
        EXPECT_EQ(is_error_event(events.back()), !is_complete);
        EXPECT_GE(std::min(common_prefix(events, golden), chunks), events.size() - 1);
        EXPECT_EQ(std::count(events.begin(), events.end(), "[DONE]"), is_complete ? 1 : 0);
        if (end == upstream.size()) {
            EXPECT_EQ(is_complete, golden_is_complete);
            return;
        }
        end = next_cut(upstream, end);
        ASSERT_NE(end, std::string::npos) << "the last event does not end";
    }
}

TEST(golden, every_case_of_the_manifest_gives_what_its_files_say) {
    const bj::value manifest = bj::parse(read_file("manifest.json"));
    std::set<std::string, std::less<>> ids;
    for (const bj::value& each : manifest.at("cases").as_array()) {
        golden_case(each.as_object()).run();
        ids.emplace(text_of(each.at("id")));
    }
    EXPECT_GE(ids.size(), 25U);
    for (const std::string& id : not_yet)
        EXPECT_TRUE(ids.contains(id)) << id;
}

} // namespace
} // namespace sluice::golden::golden_test
