#include "providers/list_parts.hpp"
#include "tests/unit/providers/cohere_fixture.hpp"

#include <gmock/gmock.h>

#include <utility>

namespace sluice::providers::cohere_request_test {

namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

// The list of messages that this list becomes, or the sentence of the refusal.
std::string messages(std::string_view list) {
    const std::string body =
        translated(std::string(R"({"messages":)").append(list).append("}"), cohere_target());
    const std::string before = R"({"model":"command-a-03-2025","messages":)";
    const std::string behind = R"(,"stream":false})";
    if (!body.starts_with(before) || !body.ends_with(behind)) return body;
    return body.substr(before.size(), body.size() - before.size() - behind.size());
}

std::string with(std::string_view members, const target& to = cohere_target()) {
    return translated_with(members, to);
}

TEST(cohere_request, messages_keep_their_form) {
    EXPECT_EQ(
        messages(R"([{"role":"developer","content":"d"},{"role":"user","content":"a"},)"
                 R"({"role":"assistant","content":[{"type":"text","text":"b"},{"type":"text","text":"c"}]},)"
                 R"({"role":"user","content":[{"type":"text","text":""},{"type":"text","text":"e"}]}])"),
        R"([{"role":"system","content":"d"},{"role":"user","content":"a"},)"
        R"({"role":"assistant","content":[{"type":"text","text":"b"},{"type":"text","text":"c"}]},)"
        R"({"role":"user","content":"e"}])");
}

TEST(cohere_request, a_text_beside_calls_is_their_plan) {
    EXPECT_EQ(messages(R"([{"role":"user","content":"q"},{"role":"assistant","content":"I look.",)"
                       R"("tool_calls":[{"id":"a","type":"function",)"
                       R"("function":{"name":"f","arguments":" {\"k\": 1.0} "}}]},)"
                       R"({"role":"tool","tool_call_id":"a","content":[{"type":"text","text":"1"},)"
                       R"({"type":"text","text":"2"}]}])"),
              R"([{"role":"user","content":"q"},{"role":"assistant","tool_plan":"I look.",)"
              R"("tool_calls":[{"id":"a","type":"function",)"
              R"("function":{"name":"f","arguments":"{\"k\":1.0}"}}]},)"
              R"({"role":"tool","tool_call_id":"a","content":"12"}])");
}

TEST(cohere_request, images_go_as_urls_and_other_parts_are_refused) {
    EXPECT_EQ(
        messages(R"([{"role":"user","content":[{"type":"text","text":"a"},)"
                 R"({"type":"image_url","image_url":{"url":"data:image/PNG;base64,AAAA","detail":"low"}},)"
                 R"({"type":"image_url","image_url":{"url":"https://x/y.png"}}]}])"),
        R"([{"role":"user","content":[{"type":"text","text":"a"},)"
        R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},)"
        R"({"type":"image_url","image_url":{"url":"https://x/y.png"}}]}])");
    for (
        const auto& [list, name] : {
            std::pair{
                R"([{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}])",
                "input_audio"},
            std::pair{
                R"([{"role":"user","content":[{"type":"file","file":{"file_data":"data:application/pdf;base64,QQ=="}}]}])",
                "file"},
            std::pair{
                R"([{"role":"assistant","content":[{"type":"image_url","image_url":{"url":"https://x"}}]}])",
                "image_url"},
            std::pair{
                R"([{"role":"tool","tool_call_id":"a","content":[{"type":"image_url","image_url":{"url":"https://x"}}]}])",
                "image_url"},
        }) {
        EXPECT_EQ(messages(list),
                  std::string("Parameter ") + name + " is not supported for provider cohere.");
    }
}

TEST(cohere_request, members_have_coheres_names_and_ranges) {
    EXPECT_THAT(with(R"("max_tokens":5,"temperature":1.50,"top_p":0.90,"top_k":40,"stop":"e","seed":7)"),
                EndsWith(R"("max_tokens":5,"temperature":1.50,"p":0.90,"k":40,"stop_sequences":["e"],)"
                         R"("seed":7,"stream":false})"));
    EXPECT_THAT(with(R"("top_p":1,"top_k":1000)"), HasSubstr(R"("p":0.99,"k":500,)"));
    EXPECT_THAT(with(R"("top_p":0)"), HasSubstr(R"("p":0.01,)"));
    EXPECT_THAT(with(R"("stop":["",""])"), Not(HasSubstr("stop_sequences")));
    EXPECT_THAT(with(R"("logprobs":true,"top_logprobs":3)"), HasSubstr(R"("logprobs":true,"stream")"));
    EXPECT_THAT(with(R"("stream":true,"user":"u","logit_bias":{},"store":true)"),
                EndsWith(R"("content":"x"}],"stream":true})"));
    EXPECT_EQ(with(R"("n":2)"), "Parameter n must be 1 for provider cohere.");
}

TEST(cohere_request, one_penalty_goes_and_only_up_to_one) {
    EXPECT_THAT(with(R"("presence_penalty":0.5)"), HasSubstr(R"("presence_penalty":0.5,)"));
    EXPECT_THAT(with(R"("frequency_penalty":0.1,"presence_penalty":0.5)"),
                HasSubstr(R"("content":"x"}],"frequency_penalty":0.1,"stream")"));
    EXPECT_THAT(with(R"("frequency_penalty":0,"presence_penalty":0.5)"),
                HasSubstr(R"("content":"x"}],"presence_penalty":0.5,"stream")"));
    EXPECT_THAT(with(R"("frequency_penalty":-0.5,"presence_penalty":1.5)"), Not(HasSubstr("penalty")));
}

TEST(cohere_request, a_choice_of_tools_has_three_forms) {
    const std::string tools =
        R"("tools":[{"type":"function","function":{"name":"f"}},)"
        R"({"type":"function","function":{"name":"g","description":"d","parameters":{"type":"object"}}}],)";
    const std::string f = R"({"type":"function","function":{"name":"f",)"
                          R"("parameters":{"type":"object","properties":{}}}})";
    const std::string g = R"({"type":"function","function":{"name":"g","description":"d",)"
                          R"("parameters":{"type":"object"}}})";
    const std::string all = "\"tools\":[" + f + "," + g + "]";
    EXPECT_THAT(with(tools + R"("tool_choice":"auto")"), HasSubstr(all + R"(,"stream")"));
    EXPECT_THAT(with(tools + R"("tool_choice":"none")"), HasSubstr(all + R"(,"tool_choice":"NONE")"));
    EXPECT_THAT(with(tools + R"("tool_choice":"required")"), HasSubstr(all + R"(,"tool_choice":"REQUIRED")"));
    EXPECT_THAT(with(tools + R"("tool_choice":{"type":"function","function":{"name":"g"}})"),
                HasSubstr("\"tools\":[" + g + R"(],"tool_choice":"REQUIRED")"));
    EXPECT_EQ(with(tools + R"("tool_choice":{"type":"function","function":{"name":"h"}})"),
              "'tool_choice' names a function that is not among the tools.");
}

TEST(cohere_request, formats_are_json_objects) {
    EXPECT_THAT(with(R"("response_format":{"type":"text"})"), Not(HasSubstr("response_format")));
    EXPECT_THAT(with(R"("response_format":{"type":"json_object"})"),
                HasSubstr(R"("response_format":{"type":"json_object"},)"));
    EXPECT_THAT(
        with(
            R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type": "object"}}})"),
        HasSubstr(R"("response_format":{"type":"json_object","json_schema":{"type":"object"}},)"));
}

TEST(cohere_request, only_reasoning_models_are_told_to_think) {
    const target thinks = cohere_target("command-a-reasoning-08-2025");
    EXPECT_THAT(with(R"("reasoning_effort":"high")", thinks), HasSubstr(R"("thinking":{"type":"enabled"},)"));
    EXPECT_THAT(with(R"("reasoning_effort":"none")", thinks),
                HasSubstr(R"("thinking":{"type":"disabled"},)"));
    EXPECT_THAT(with(R"("reasoning_effort":"high")"), Not(HasSubstr("thinking")));
}

TEST(cohere_request, a_prompt_is_a_message_or_of_old_models_a_prompt) {
    const target chat = cohere_target("command-r-08-2024", task::completions);
    EXPECT_EQ(translated(R"({"prompt":"p","temperature":1})", chat),
              R"({"model":"command-r-08-2024","messages":[{"role":"user","content":"p"}],"temperature":1,)"
              R"("stream":false})");
    for (const std::string_view model :
         {"command", "command-light", "command-nightly", "command-light-nightly"}) {
        EXPECT_THAT(
            translated(R"({"prompt":["p"],"n":2,"temperature":1.0,"top_p":1,"stream":true})",
                       cohere_target(model, task::completions)),
            EndsWith(R"(,"prompt":"p","num_generations":2,"temperature":2.5,"p":0.99,"stream":true})"))
            << model;
    }
    EXPECT_EQ(translated(R"({"prompt":["a","b"]})", chat),
              "'prompt' must be one text for provider cohere, not a list of several.");
    EXPECT_EQ(translated(R"({"prompt":"a","suffix":"b"})", chat),
              "Parameter suffix is not supported for provider cohere.");
    EXPECT_THAT(cohere_target("command").head.reveal(), HasSubstr("POST /v2/chat "));
    EXPECT_THAT(generate_target().head.reveal(), HasSubstr("POST /v1/generate "));
    EXPECT_EQ(generate_target().most_items, 1U);
}

TEST(cohere_request, texts_are_embedded_96_at_once) {
    const target to = cohere_target("embed-v4.0", task::embeddings);
    EXPECT_EQ(to.most_items, 96U);
    EXPECT_EQ(translated(R"({"input":"a","encoding_format":"base64","user":"u"})", to),
              R"({"model":"embed-v4.0","texts":["a"],"input_type":"search_document",)"
              R"("embedding_types":["float"]})");
    EXPECT_EQ(translated(R"({"input":["a"],"input_type":"clustering","dimensions":256})", to),
              R"({"model":"embed-v4.0","texts":["a"],"input_type":"clustering",)"
              R"("embedding_types":["float"],"output_dimension":256})");
    EXPECT_EQ(translated(R"({"input":["a"],"input_type":7})", to), "'input_type' must be a text.");
    EXPECT_EQ(translated(R"({"input":[1,2]})", to), "Parameter input is not supported for provider cohere.");

    const padded body(R"({"input":["z","a","b","c"]})");
    unified::call call;
    ASSERT_TRUE(unified::parse(task::embeddings, body.view(), call));
    list_parts parts(call, 2);
    ASSERT_FALSE(parts.next().empty());
    unified::call second;
    ASSERT_TRUE(unified::parse(task::embeddings, parts.next(), second));
    upstream_request sent;
    ASSERT_TRUE(to.via->encode(second, to, sent));
    EXPECT_THAT(sent.storage, HasSubstr(R"("texts":["b","c"])"));
}

TEST(cohere_request, the_version_of_a_configured_base_is_cut_off) {
    for (const auto& [base, line] : {std::pair{"https://h/v1", "POST /v2/chat HTTP"},
                                     std::pair{"https://h/p/v2/", "POST /p/v2/chat HTTP"},
                                     std::pair{"https://h/p", "POST /p/v2/chat HTTP"}}) {
        resolved_config config;
        config.secrets.emplace("cohere_api_key", secret_string("co"));
        config.plain.emplace("cohere_api_base", base);
        ASSERT_TRUE(cohere_provider().check(config));
        const auto to = cohere_provider().resolve("command-r", task::chat, config, "https://other");
        ASSERT_TRUE(to);
        EXPECT_EQ(to->to.host, "h");
        EXPECT_THAT(to->head.reveal(), HasSubstr(line));
        EXPECT_THAT(to->head.reveal(), HasSubstr("\r\nAuthorization: Bearer co\r\n"));
    }
}

TEST(cohere_request, a_bad_configuration_is_refused) {
    resolved_config config;
    EXPECT_FALSE(cohere_provider().check(config));
    config.secrets.emplace("cohere_api_key", secret_string("co"));
    for (const std::string_view base : {"ftp://h", "https://h/?q=1", "h", "https://u@h"}) {
        config.plain.insert_or_assign("cohere_api_base", std::string(base));
        const auto good = cohere_provider().check(config);
        ASSERT_FALSE(good) << base;
        EXPECT_EQ(good.error().code, errc::invalid_parameter_value);
        EXPECT_THAT(good.error().message, HasSubstr("'cohere_api_base'"));
    }
}

TEST(cohere_request, the_answer_of_old_models_streams_as_lines) {
    const target old = generate_target();
    const target current = cohere_target();
    for (const std::string_view type :
         {"application/stream+json", "application/x-ndjson; charset=utf-8", "Application/JSONL"}) {
        EXPECT_TRUE(old.via->is_stream_type(old, type)) << type;
        EXPECT_FALSE(current.via->is_stream_type(current, type)) << type;
    }
    EXPECT_FALSE(old.via->is_stream_type(old, "application/json"));
    EXPECT_TRUE(current.via->is_stream_type(current, "text/event-stream"));
}

} // namespace
} // namespace sluice::providers::cohere_request_test
