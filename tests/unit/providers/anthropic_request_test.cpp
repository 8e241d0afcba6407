#include "tests/unit/providers/anthropic_fixture.hpp"

#include <gmock/gmock.h>

#include <utility>

namespace sluice::providers::anthropic_request_test {

namespace {

using testing::HasSubstr;
using testing::Not;

std::string messages(std::string_view list) {
    const std::string body =
        translated(std::string(R"({"max_tokens":9,"messages":)").append(list).append("}"));
    const std::string before = std::string(R"({"model":"claude-sonnet-4-5-20250929","max_tokens":9,)");
    if (!body.starts_with(before)) return body;
    return body.substr(before.size(), body.size() - before.size() - 1);
}

TEST(anthropic_request, messages_of_one_role_become_one) {
    EXPECT_EQ(messages(R"([{"role":"user","content":"a"},{"role":"user","content":["b"]}])"),
              "'messages[1].content[0]' must be an object with a 'type'.");
    EXPECT_EQ(
        messages(R"([{"role":"user","content":"a"},{"role":"user","content":[{"type":"text","text":"b"}]}])"),
        R"("messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}])");
    EXPECT_EQ(
        messages(
            R"([{"role":"user","content":"a"},{"role":"system","content":"s"},)"
            R"({"role":"user","content":"b"},{"role":"developer","content":[{"type":"text","text":"d"}]}])"),
        R"("system":"s\nd","messages":[{"role":"user","content":[{"type":"text","text":"a"},)"
        R"({"type":"text","text":"b"}]}])");
}

TEST(anthropic_request, what_is_empty_is_left_out) {
    EXPECT_EQ(
        messages(R"([{"role":"system","content":" \n"},{"role":"user","content":[{"type":"text","text":""},)"
                 R"({"type":"text","text":"a"}]},{"role":"assistant","content":null},{"role":"user"}])"),
        R"("messages":[{"role":"user","content":"a"}])");
    EXPECT_EQ(messages(R"([{"role":"user","content":"a"},{"role":"assistant","content":"b \n\t"}])"),
              R"("messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}])");
    EXPECT_EQ(messages(R"([{"role":"user","content":"a"},{"role":"assistant","content":" \n"}])"),
              R"("messages":[{"role":"user","content":"a"}])");
    EXPECT_EQ(messages(R"([{"role":"assistant","content":"b "},{"role":"user","content":"a "}])"),
              R"("messages":[{"role":"assistant","content":"b "},{"role":"user","content":"a "}])");
}

TEST(anthropic_request, results_come_first_in_the_order_of_their_calls) {
    EXPECT_EQ(
        messages(
            R"([{"role":"user","content":"q"},{"role":"assistant","tool_calls":[)"
            R"({"id":"a:1","function":{"name":"f","arguments":" { \"k\" : 1.0 } "}},)"
            R"({"id":"b","function":{"name":"g","arguments":null}}]},)"
            R"({"role":"tool","tool_call_id":"b","content":[{"type":"text","text":"1"},{"type":"text","text":"2"}]},)"
            R"({"role":"tool","tool_call_id":"a:1","content":null},{"role":"user","content":"next"}])"),
        R"("messages":[{"role":"user","content":"q"},{"role":"assistant","content":[)"
        R"({"type":"tool_use","id":"a_1","name":"f","input":{"k":1.0}},)"
        R"({"type":"tool_use","id":"b","name":"g","input":{}}]},{"role":"user","content":[)"
        R"({"type":"tool_result","tool_use_id":"a_1","content":""},)"
        R"({"type":"tool_result","tool_use_id":"b","content":[{"type":"text","text":"1"},{"type":"text","text":"2"}]},)"
        R"({"type":"text","text":"next"}]}])");
}

TEST(anthropic_request, functions_of_the_old_form_are_tools) {
    EXPECT_EQ(
        messages(R"([{"role":"assistant","content":"t","function_call":{"name":"f","arguments":"{}"}},)"
                 R"({"role":"function","name":"f","content":"r"}])"),
        R"("messages":[{"role":"assistant","content":[{"type":"text","text":"t"},)"
        R"({"type":"tool_use","id":"function_call_1","name":"f","input":{}}]},{"role":"user","content":[)"
        R"({"type":"tool_result","tool_use_id":"function_call_1","content":"r"}]}])");
    EXPECT_THAT(translated_with(R"("functions":[{"name":"f"}],"function_call":{"name":"f"})"),
                HasSubstr(R"("tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}],)"
                          R"("tool_choice":{"type":"tool","name":"f"})"));
}

TEST(anthropic_request, what_cannot_be_read_is_refused_by_its_place) {
    const std::vector<std::pair<std::string_view, std::string_view>> table = {
        {R"([{"role":"robot","content":"a"}])",
         "'messages[0].role' must be system, developer, user, assistant or tool."},
        {R"([{"content":"a"}])", "'messages[0].role' must be system, developer, user, assistant or tool."},
        {R"([{"role":"user","content":7}])",
         "'messages[0].content' must be a text, a list of parts or null."},
        {R"([{"role":"user","content":[{"type":"video"}]}])",
         "Parameter messages[0].content[0] is not supported for provider anthropic."},
        {R"([{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}])",
         "Parameter input_audio is not supported for provider anthropic."},
        {R"([{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":"[1]"}}]}])",
         "'messages[0].tool_calls[0].function.arguments' is not a JSON object."},
        {R"([{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"a\":}"}}]}])",
         "'messages[0].tool_calls[0].function.arguments' is not a JSON object."},
        {R"([{"role":"tool","content":"r"}])", "'messages[0].tool_call_id' is missing."},
        {R"([{"role":"user","content":"a","content":"b"}])", "'content' is given twice."},
        {R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"ftp://x"}}]}])",
         "'messages[0].content[0]' must be a data:, http:, https: or gs: URL."},
        {R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"gs://b/o"}}]}])",
         "Parameter image_url.url (other than data:) is not supported for provider anthropic."},
        {R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png,x"}}]}])",
         "'messages[0].content[0]' is not a data URL in base64."},
        {R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,A?=="}}]}])",
         "'messages[0].content[0]' does not hold good base64."},
        {R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/bmp;base64,AAAA"}}]}])",
         "An image must be of type image/jpeg, image/png, image/gif or image/webp."},
    };
    for (const auto& [list, sentence] : table)
        EXPECT_EQ(messages(list), sentence) << list;
}

TEST(anthropic_request, images_and_documents_go_as_base64) {
    EXPECT_EQ(
        messages(
            R"([{"role":"user","content":[{"type":"image_url","image_url":)"
            R"({"url":"DATA:Image/PNG;charset=x;base64,AA\nAA"}},)"
            R"({"type":"file","file":{"filename":"n.pdf","file_data":"data:application/pdf;base64,QQ=="}}]}])"),
        R"("messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64",)"
        R"("media_type":"image/png","data":"AAAA"}},{"type":"document","source":{"type":"base64",)"
        R"("media_type":"application/pdf","data":"QQ=="},"title":"n.pdf"}]}])");
}

TEST(anthropic_request, half_a_surrogate_pair_becomes_a_replacement_character) {
    EXPECT_EQ(messages(R"([{"role":"user","content":"\ud83d \ud83e\ude90"}])"),
              "\"messages\":[{\"role\":\"user\",\"content\":\"\xEF\xBF\xBD \xF0\x9F\xAA\x90\"}]");
}

TEST(anthropic_request, sampling_is_scaled_or_left_out) {
    EXPECT_THAT(translated_with(R"("temperature":1,"top_p":0.9,"top_k":5)"),
                HasSubstr(R"("temperature":0.5,"top_k":5})"));
    EXPECT_THAT(translated_with(R"("top_p":0.90)"), HasSubstr(R"("top_p":0.90})"));
    for (const std::string_view model : {"claude-opus-4-7",
                                         "claude-sonnet-5-20260101",
                                         "claude-haiku-5",
                                         "claude-fable-5-1",
                                         "anthropic.claude-mythos-5-v1:0"}) {
        EXPECT_THAT(translated_with(R"("temperature":1,"top_p":0.9,"top_k":5)", anthropic_target(model)),
                    Not(HasSubstr("top_")))
            << model;
    }
    EXPECT_THAT(translated_with(R"("temperature":1)", anthropic_target("claude-3-5-sonnet-20241022")),
                HasSubstr(R"("temperature":0.5)"));
    EXPECT_THAT(translated_with(R"("temperature":1)", anthropic_target("claude-opus-4-6")),
                HasSubstr(R"("temperature":0.5)"));
}

TEST(anthropic_request, effort_becomes_a_budget_below_max_tokens) {
    const auto budget = [](std::string_view members) { return translated_with(members); };
    EXPECT_THAT(budget(R"("reasoning_effort":"low","max_tokens":4096)"),
                HasSubstr(R"("budget_tokens":1024)"));
    EXPECT_THAT(budget(R"("reasoning_effort":"max","max_tokens":4096)"),
                HasSubstr(R"("budget_tokens":4095)"));
    EXPECT_THAT(budget(R"("reasoning_effort":"low","max_tokens":1025)"),
                HasSubstr(R"("budget_tokens":1024)"));
    for (const std::string_view members : {R"("reasoning_effort":"low","max_tokens":1024)",
                                           R"("reasoning_effort":"none","max_tokens":4096)",
                                           R"("reasoning_effort":null,"max_tokens":4096)"}) {
        EXPECT_THAT(budget(members), Not(HasSubstr("thinking"))) << members;
    }
    EXPECT_THAT(
        translated_with(R"("reasoning_effort":"high")", anthropic_target("claude-3-5-haiku-20241022")),
        Not(HasSubstr("thinking")));
    EXPECT_EQ(budget(R"("reasoning_effort":"huge")"),
              "'reasoning_effort' must be none, minimal, low, medium, high, xhigh or max.");
}

TEST(anthropic_request, a_budget_needs_signed_thinking_before_the_last_calls) {
    constexpr std::string_view signed_call =
        R"({"role":"assistant","thinking_blocks":[{"type":"thinking","thinking":"t","signature":"s"}],)"
        R"("tool_calls":[{"id":"a","function":{"name":"f"}}]},{"role":"tool","tool_call_id":"a","content":"r"},)";
    constexpr std::string_view call =
        R"({"role":"assistant","tool_calls":[{"id":"b","function":{"name":"f"}}]},)"
        R"({"role":"tool","tool_call_id":"b","content":"r"},)";
    constexpr std::string_view user = R"({"role":"user","content":"x"},)";
    const auto body = [](std::initializer_list<std::string_view> turns) {
        std::string out(R"({"messages":[)");
        for (const std::string_view each : turns)
            out.append(each);
        out.back() = ']';
        return translated(out + R"(,"reasoning_effort":"low"})");
    };
    const auto thinks = HasSubstr(R"("thinking":{"type":"enabled","budget_tokens":1024})");
    EXPECT_THAT(body({user, signed_call}), thinks);
    EXPECT_THAT(body({user, signed_call}),
                HasSubstr(R"([{"type":"thinking","thinking":"t","signature":"s"},{"type":"tool_use",)"));
    EXPECT_THAT(body({user, signed_call, call}), thinks); // it thinks once, then calls again and again
    EXPECT_THAT(body({user, call, user, signed_call, user}), thinks);
    for (const std::string& out :
         {body({user, call}), body({user, call, signed_call}), body({user, signed_call, user, call, user})})
        EXPECT_THAT(out, Not(HasSubstr("thinking"))) << out;
}

TEST(anthropic_request, thinking_of_the_history) {
    const auto body = [](std::string_view blocks, std::string_view members, std::string_view model = claude) {
        return translated(
            std::string(
                R"({"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"y","thinking_blocks":)")
                .append(blocks)
                .append(R"(},{"role":"user","content":"z"}])")
                .append(members)
                .append("}"),
            anthropic_target(model));
    };
    constexpr std::string_view blocks =
        R"([{"index":0,"type":"thinking","thinking":"\u00e9\n","signature":"s"},{"type":"redacted_thinking","data":"d"},)"
        R"({"type":"thinking","thinking":"of another model","signature":""},{"type":"thinking","signature":null}])";
    const auto goes = HasSubstr(R"("content":[{"type":"thinking","thinking":"é\n","signature":"s"},)"
                                R"({"type":"redacted_thinking","data":"d"},{"type":"text","text":"y"}])");
    const auto stays = HasSubstr(R"({"role":"assistant","content":"y"})");
    EXPECT_THAT(body(blocks, R"(,"reasoning_effort":"low")"), goes);
    EXPECT_THAT(body(blocks, ""), stays);
    EXPECT_THAT(body(blocks, "", "claude-opus-4-7"), goes); // it thinks when nobody asks
    EXPECT_THAT(body(blocks, R"(,"reasoning_effort":"low")", "claude-3-5-haiku-20241022"), stays);
    EXPECT_EQ(body("{}", ""), "'messages[1].thinking_blocks' must be a list.");
    EXPECT_EQ(body("[7]", ""), "'messages[1].thinking_blocks[0]' must be an object.");
    EXPECT_EQ(body(R"([{"signature":7}])", ""), "'messages[1].thinking_blocks[0].signature' must be a text.");
}

TEST(anthropic_request, a_history_with_calls_has_no_budget_but_may_have_effort) {
    const std::string_view body =
        R"({"messages":[{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f"}}]},)"
        R"({"role":"tool","tool_call_id":"a","content":"r"}],"reasoning_effort":"high","temperature":2})";
    EXPECT_THAT(translated(body), Not(HasSubstr("thinking")));
    EXPECT_THAT(translated(body), HasSubstr(R"("temperature":1)"));
    EXPECT_THAT(
        translated(body, anthropic_target("claude-opus-4-6")),
        HasSubstr(
            R"("thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"high"})"));
}

TEST(anthropic_request, forced_tools_give_way_to_thinking) {
    const std::string tools = R"("tools":[{"type":"function","function":{"name":"f"}}],)";
    EXPECT_THAT(translated_with(tools + R"("tool_choice":"required","reasoning_effort":"low")"),
                HasSubstr(R"("tool_choice":{"type":"auto"})"));
    EXPECT_THAT(translated_with(tools + R"("tool_choice":"required")", anthropic_target("claude-opus-5-5")),
                HasSubstr(R"("tool_choice":{"type":"auto"})"));
    EXPECT_THAT(translated_with(tools + R"("tool_choice":"required")", anthropic_target("claude-opus-5")),
                HasSubstr(R"("tool_choice":{"type":"any"})"));
    EXPECT_THAT(translated_with(tools + R"("tool_choice":"none","parallel_tool_calls":false)"),
                HasSubstr(R"("tool_choice":{"type":"none"})"));
    EXPECT_THAT(translated_with(tools + R"("parallel_tool_calls":false)"),
                HasSubstr(R"("tool_choice":{"type":"auto","disable_parallel_tool_use":true})"));
    EXPECT_THAT(translated_with(R"("tool_choice":"auto")"), Not(HasSubstr("tool_choice")));
}

TEST(anthropic_request, schemas_are_closed_where_they_do_not_say_it) {
    const std::string schema =
        R"({"type":["object","null"],"properties":{"properties":{"type":"object","additionalProperties":true},)"
        R"("a":{"type":"array","items":{"properties":{}}}},"enum":[{"type":"object"}]})";
    EXPECT_THAT(
        translated_with(R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":)" +
                        schema + "}}"),
        HasSubstr(
            R"("output_config":{"format":{"type":"json_schema","schema":{"type":["object","null"],"properties":)"
            R"({"properties":{"type":"object","additionalProperties":true},"a":{"type":"array","items":)"
            R"({"properties":{},"additionalProperties":false}}},"enum":[{"type":"object"}],)"
            R"("additionalProperties":false}}})"));
    EXPECT_THAT(translated_with(R"("response_format":{"type":"json_object"})"),
                HasSubstr(R"("system":"Answer with exactly one JSON object)"));
}

TEST(anthropic_request, members_without_a_counterpart_are_dropped_and_null_is_absent) {
    const std::string plain =
        R"({"model":"claude-sonnet-4-5-20250929","max_tokens":8192,"messages":[{"role":"user","content":"x"}]})";
    EXPECT_EQ(
        translated_with(R"("seed":1,"logit_bias":{"1":2},"presence_penalty":1,"stream_options":{},"x":[],)"
                        R"("user":null,"stop":null,"tools":null,"max_tokens":null,"temperature":null)"),
        plain);
    EXPECT_EQ(translated_with(R"("stop":[" ","\n"],"n":1,"modalities":["text"])"), plain);
    EXPECT_THAT(translated_with(R"("stop":[" ","END"],"user":"u1")"),
                HasSubstr(R"("stop_sequences":["END"],"metadata":{"user_id":"u1"}})"));
    EXPECT_EQ(translated_with(R"("modalities":["text","audio"])"),
              "Parameter modalities is not supported for provider anthropic.");
}

TEST(anthropic_request, max_tokens_has_a_default_by_model) {
    EXPECT_THAT(translated_with(R"("max_tokens":5,"max_completion_tokens":6)"),
                HasSubstr(R"("max_tokens":6,)"));
    EXPECT_THAT(translated_with(R"("n":1)", anthropic_target("claude-3-opus-20240229")),
                HasSubstr(R"("max_tokens":4096,)"));
}

TEST(anthropic_request, extra_params_replace_what_the_gateway_sets) {
    EXPECT_EQ(translated_with(R"("extra_params":{"max_tokens":"7","top_a":"[1, 2]","k\"":"t"})"),
              R"({"model":"claude-sonnet-4-5-20250929","messages":[{"role":"user","content":"x"}],)"
              R"("max_tokens":7,"top_a":[1, 2],"k\"":"t"})");
}

TEST(anthropic_request, completions_take_one_prompt_and_no_special_members) {
    const target to = anthropic_target(claude, task::completions);
    EXPECT_THAT(translated(R"({"prompt":["p"]})", to),
                HasSubstr(R"("messages":[{"role":"user","content":"p"}])"));
    EXPECT_EQ(translated(R"({"prompt":["p","q"]})", to),
              "'prompt' must be one text for provider anthropic, not a list of several.");
    EXPECT_EQ(translated(R"({"prompt":"p","echo":true})", to),
              "Parameter echo is not supported for provider anthropic.");
    EXPECT_EQ(translated(R"({"prompt":"p","suffix":"s"})", to),
              "Parameter suffix is not supported for provider anthropic.");
    EXPECT_EQ(translated(R"({"prompt":"p","best_of":2})", to),
              "Parameter best_of must be 1 for provider anthropic.");
    EXPECT_EQ(translated(R"({"prompt":"p","logprobs":3})", to),
              "Parameter logprobs is not supported for provider anthropic.");
    EXPECT_THAT(translated(R"({"prompt":"p","echo":false,"suffix":"","best_of":1,"logprobs":null})", to),
                HasSubstr(R"("content":"p")"));
}

TEST(anthropic_request, the_old_models_complete) {
    const target to = anthropic_target("claude-instant-1.2", task::completions);
    EXPECT_EQ(
        translated(R"({"prompt":"p","stream":true})", to),
        R"({"model":"claude-instant-1.2","prompt":"\n\nHuman: p\n\nAssistant:","max_tokens_to_sample":4096,)"
        R"("stream":true})");
    EXPECT_TRUE(to.head.reveal().starts_with("POST /v1/complete HTTP/1.1\r\n"));
    EXPECT_TRUE(anthropic_target("claude-2.1").head.reveal().starts_with("POST /v1/messages HTTP/1.1\r\n"));
}

TEST(anthropic_config, the_key_is_needed_and_embeddings_are_not_done) {
    const provider& via = anthropic_provider();
    EXPECT_FALSE(via.check({}));
    EXPECT_FALSE(via.does(task::embeddings));
    resolved_config config;
    config.secrets.emplace("anthropic_api_key", secret_string("a\r\nb"));
    const auto broken = via.resolve("m", task::chat, config, "");
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, errc::invalid_parameter_value);
    config.secrets.insert_or_assign("anthropic_api_key", secret_string("k"));
    const auto to = via.resolve("m", task::chat, config, "http://127.0.0.1:8080/base/");
    ASSERT_TRUE(to);
    EXPECT_TRUE(to->head.reveal().starts_with("POST /base/v1/messages HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"));
    EXPECT_FALSE(to->to.tls);
}

} // namespace
} // namespace sluice::providers::anthropic_request_test
