// The gateway's translators and the simulated services, written apart from each other, without sockets
// between them: what one sends the other takes, and what it answers comes back as OpenAI's.
#include "core/http/framing.hpp"
#include "providers/credential.hpp"
#include "providers/registry.hpp"
#include "tests/support/service_account.hpp"
#include "tests/unit/providers/padded.hpp"
#include "tests/unit/tools/asking.hpp"

#include <memory>

namespace sluice::sim::gateway_test {
namespace {

using providers::padded;
using providers::task;
using texts = std::vector<std::pair<std::string_view, std::string_view>>;

struct destination {
    std::string_view provider;
    std::string_view model;
    task kind = task::chat;
    texts plain;
    texts secrets;
};

providers::target target_of(const destination& d) {
    providers::resolved_config config;
    for (const auto& [name, value] : d.plain)
        config.plain.emplace(name, value);
    for (const auto& [name, value] : d.secrets)
        config.secrets.emplace(name, secret_string(value));
    if (d.provider == "google-cloud-vertex-ai")
        config.secrets.emplace("private_key", secret_string(test::service_account_json()));
    return providers::find_provider(d.provider)
        ->built->resolve(d.model, d.kind, config, "http://127.0.0.1:9100")
        .value();
}

// The upstream's answer to the client's body, or "refused: …" where the gateway does not even ask.
std::string upstream_answer(const providers::target& to, const providers::unified::call& call) {
    providers::upstream_request sent;
    if (auto good = to.via->encode(call, to, sent); !good) return "refused: " + good.error().message;
    providers::credential token;
    token.token = secret_string(make_token(token_kind::google, some_time + 60));
    const auto proved =
        to.via->authorize(to, call.stream, to.credential ? &token : nullptr, some_time * 1000, sent);
    if (!proved) return "refused: " + proved.error().message;
    const bool has_own_head = call.stream && !to.stream_head.empty();
    const std::string text = std::string((has_own_head ? to.stream_head : to.head).reveal())
                                 .append(sent.credential_lines)
                                 .append(sent.head_tail);
    http::request_head head;
    if (!http::parse_request_head(text, http::request_head_limits, head)) return "refused: not a head";
    asked a;
    a.target = head.target;
    for (const auto& each : head.fields)
        a.fields.emplace_back(each.name, each.value);
    for (const std::string_view piece : sent.body)
        a.body.append(piece);
    return ask(a);
}

// What the client gets, whole or as a stream.
std::string through(const destination& d, std::string_view client) {
    const providers::target to = target_of(d);
    const padded body(client);
    providers::unified::call call;
    if (auto parsed = providers::unified::parse(d.kind, body.view(), call); !parsed)
        return parsed.error().message;
    std::string answer = upstream_answer(to, call);
    if (status_of(answer) != 200) return answer;
    const padded bytes(body_of(answer));
    providers::answer_context context;
    context.id_stem = "gw";
    http::field_list fields;
    context.fields = &fields;
    if (!call.stream) {
        const auto read = to.via->read_answer(call, to, context, bytes.view());
        return read ? read->rewritten.value_or(std::string(bytes.view())) : "failed: " + read.error().message;
    }
    const auto decoder = to.via->make_decoder(call, to, context);
    std::string out;
    auto good = decoder->body(bytes.view(), out);
    if (good) good = decoder->end(out);
    return good ? out : out + "failed: " + good.error().message;
}

const texts aws_keys = {{"aws_access_key_id", "AKIDEXAMPLE"},
                        {"aws_secret_access_key", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}};

texts bedrock_of(std::string_view family) {
    return {{"aws_region", "us-east-1"}, {"bedrock_provider", family}};
}

std::vector<destination> chats() {
    const texts vertex = {{"project_id", "p"}, {"region", "us-central1"}};
    return {{"anthropic", "echo-claude-sonnet-4-5", task::chat, {}, {{"anthropic_api_key", "k"}}},
            {"cohere", "echo-command-a", task::chat, {}, {{"cohere_api_key", "k"}}},
            {"ai21labs", "echo-jamba", task::chat, {}, {{"ai21labs_api_key", "k"}}},
            {"amazon-bedrock", "echo-anthropic.claude:0", task::chat, bedrock_of("anthropic"), aws_keys},
            {"google-cloud-vertex-ai", "echo-gemini-2.5-flash", task::chat, vertex, {}},
            {"google-cloud-vertex-ai", "claude-sonnet-4-5@20250929-sim-echo", task::chat, vertex, {}}};
}

constexpr std::string_view conversation =
    R"({"messages":[{"role":"system","content":"s"},{"role":"user","content":"q"},)"
    R"({"role":"assistant","content":"c","tool_calls":[{"id":"a1","type":"function",)"
    R"("function":{"name":"f","arguments":"{\"k\":1}"}}]},)"
    R"({"role":"tool","tool_call_id":"a1","content":"18C"},{"role":"user","content":"ping \"pong\""}],)"
    R"("tools":[{"type":"function","function":{"name":"f","description":"d","strict":true,)"
    R"("parameters":{"type":"object","properties":{"k":{"type":"number"}}}}}],"tool_choice":"auto",)"
    R"("max_tokens":100,"temperature":0.7,"top_p":1,"top_k":40,"stop":"END","seed":7,"user":"u",)"
    R"("presence_penalty":0.1,"frequency_penalty":0.2,"parallel_tool_calls":false,)"
    R"("stream_options":{"include_usage":true},"logit_bias":{},"metadata":{},"reasoning_effort":null)";

TEST(gateway, every_chat_is_taken_and_told_back) {
    for (const destination& d : chats()) {
        const std::string whole = through(d, std::string(conversation) + "}");
        EXPECT_TRUE(has(whole, R"("content":"ping \"pong\"")")) << d.provider << ": " << whole;
        EXPECT_TRUE(has(whole, R"("object":"chat.completion")")) << d.provider;
        EXPECT_TRUE(has(whole, R"("finish_reason":"stop")")) << d.provider;
        EXPECT_FALSE(has(whole, R"("prompt_tokens":0)")) << d.provider;
        const std::string stream = through(d, std::string(conversation) + R"(,"stream":true})");
        EXPECT_TRUE(has(stream, R"("delta":{"role":"assistant","content":""})")) << d.provider << stream;
        EXPECT_TRUE(has(stream, R"({"content":"ping"})")) << d.provider << stream;
        EXPECT_TRUE(has(stream, R"("finish_reason":"stop")")) << d.provider;
        EXPECT_TRUE(has(stream, R"("choices":[],"usage":{"prompt_tokens":)")) << d.provider;
        EXPECT_TRUE(stream.ends_with("data: [DONE]\n\n")) << d.provider << stream;
    }
}

TEST(gateway, every_completion_is_taken_and_told_back) {
    const texts vertex = {{"project_id", "p"}, {"region", "us-central1"}};
    const auto kind = task::completions;
    for (const destination& d : std::vector<destination>{
             {"cohere", "command", kind, {}, {{"cohere_api_key", "k"}}},
             {"cohere", "command-r", kind, {}, {{"cohere_api_key", "k"}}},
             {"ai21labs", "jamba-mini", kind, {}, {{"ai21labs_api_key", "k"}}},
             {"ai21labs", "j2-mid", kind, {}, {{"ai21labs_api_key", "k"}}},
             {"amazon-bedrock", "amazon.titan-text-express-v1", kind, bedrock_of("amazon"), aws_keys},
             {"amazon-bedrock", "anthropic.claude-v2:1", kind, bedrock_of("anthropic"), aws_keys},
             {"amazon-bedrock", "cohere.command-text-v14", kind, bedrock_of("cohere"), aws_keys},
             {"amazon-bedrock", "ai21.j2-mid-v1", kind, bedrock_of("ai21labs"), aws_keys},
             {"google-cloud-vertex-ai", "gemini-2.5-flash", kind, vertex, {}},
             {"palm", "text-bison-001", kind, {}, {{"palm_api_key", "k"}}}}) {
        const std::string request =
            R"({"prompt":"ping pong","max_tokens":3,"temperature":0.5,"stop":["END"],)"
            R"("stream_options":{"include_usage":true})";
        const std::string whole = through(d, request + "}");
        EXPECT_TRUE(has(whole, R"("object":"text_completion")")) << d.provider << d.model << whole;
        const bool streams = d.provider != "palm" && !has(d.model, "j2-");
        if (!streams) continue;
        const std::string stream = through(d, request + R"(,"stream":true})");
        EXPECT_TRUE(stream.ends_with("data: [DONE]\n\n")) << d.provider << d.model << stream;
        EXPECT_TRUE(has(stream, R"("finish_reason":"length")")) << d.provider << d.model << stream;
        EXPECT_FALSE(has(stream, R"("usage":{"prompt_tokens":0,)")) << d.provider << d.model << stream;
    }
}

TEST(gateway, every_embedding_is_taken_and_told_back) {
    const texts vertex = {{"project_id", "p"}, {"region", "us-central1"}};
    const auto kind = task::embeddings;
    for (const destination& d : std::vector<destination>{
             {"cohere", "embed-v4.0", kind, {}, {{"cohere_api_key", "k"}}},
             {"amazon-bedrock", "amazon.titan-embed-text-v2:0", kind, bedrock_of("amazon"), aws_keys},
             {"amazon-bedrock", "cohere.embed-english-v3", kind, bedrock_of("cohere"), aws_keys},
             {"google-cloud-vertex-ai", "text-embedding-005", kind, vertex, {}},
             {"google-cloud-vertex-ai", "gemini-embedding-2", kind, vertex, {}},
             {"palm", "embedding-gecko-001", kind, {}, {{"palm_api_key", "k"}}}}) {
        const std::string whole = through(d, R"({"input":["a b"]})");
        EXPECT_TRUE(has(whole, R"({"object":"embedding","index":0,"embedding":[)")) << d.model << whole;
        EXPECT_TRUE(has(through(d, R"({"input":"a","encoding_format":"base64"})"), R"("embedding":")"))
            << d.model;
    }
}

std::string public_pem() {
    const std::unique_ptr<BIO, test::free_openssl> out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PUBKEY(out.get(), test::rsa_test_key());
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

// One exchange of the gateway's with the simulated token service.
std::string token_of(const providers::target& to, const access& who) {
    const auto exchange = to.credential->begin();
    auto next = exchange->next(some_time * 1000);
    if (!next) return "failed: " + next.error().message;
    const std::optional<providers::credential_request>& request = *next;
    if (!request) return "failed: nothing to ask for";
    const std::string text = std::string(request->head.reveal()) + "\r\n";
    http::request_head head;
    if (!http::parse_request_head(text, http::request_head_limits, head)) return "failed: not a head";
    asked a;
    a.target = head.target;
    for (const auto& each : head.fields)
        a.fields.emplace_back(each.name, each.value);
    a.body = request->body.reveal();
    const std::string answer = ask(a, who);
    const padded bytes(body_of(answer));
    if (auto good = exchange->read(bytes.view(), some_time * 1000); !good) return "failed: " + answer;
    return std::string(exchange->take().token.reveal());
}

TEST(gateway, tokens_of_google_and_entra_are_asked_for_well) {
    const auto vertex = target_of({"google-cloud-vertex-ai",
                                   "gemini-2.5-flash",
                                   task::chat,
                                   {{"project_id", "p"}, {"region", "us-central1"}},
                                   {}});
    const access google{.google_key = public_pem()};
    EXPECT_TRUE(is_good_token(token_kind::google, token_of(vertex, google), some_time))
        << token_of(vertex, google);
    const auto azure = target_of({"openai",
                                  "gpt-4o",
                                  task::chat,
                                  {{"openai_api_type", "azuread"},
                                   {"openai_api_base", "http://127.0.0.1:9100"},
                                   {"openai_api_version", "2024-10-21"},
                                   {"openai_deployment_name", "dep"},
                                   {"microsoft_entra_client_id", "c"},
                                   {"microsoft_entra_tenant_id", "t"}},
                                  {{"microsoft_entra_client_secret", "s+/="}}});
    const access entra{.entra_client = "c", .entra_secret = "s+/="};
    EXPECT_TRUE(is_good_token(token_kind::entra, token_of(azure, entra), some_time))
        << token_of(azure, entra);
}

} // namespace
} // namespace sluice::sim::gateway_test
