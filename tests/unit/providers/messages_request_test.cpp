#include "core/json/reader.hpp"
#include "tests/unit/providers/client_dialect_fixture.hpp"

#include <vector>

namespace sluice::providers::messages_request_test {

namespace {

std::string chat(std::string_view body) {
    return chat_of(messages_translator(), body);
}

// What `messages` becomes, of one message with this content.
std::string turn(std::string_view role, std::string_view content) {
    std::string body(R"({"max_tokens":5,"messages":[{"role":")");
    body.append(role).append(R"(","content":)").append(content).append("}]}");
    std::string out = chat(body);
    if (out.starts_with("!")) return out;
    const std::string_view front = R"({"messages":[)";
    const std::string_view back = R"(],"max_tokens":5})";
    EXPECT_TRUE(out.starts_with(front) && out.ends_with(back)) << out;
    return out.substr(front.size(), out.size() - front.size() - back.size());
}

// What other members become.
std::string members(std::string_view given) {
    std::string body(R"({"messages":[{"role":"user","content":"x"}],"max_tokens":5,)");
    std::string out = chat(body.append(given).append("}"));
    const std::string_view front = R"({"messages":[{"role":"user","content":"x"}],"max_tokens":5)";
    if (!out.starts_with(front)) return out;
    return out.substr(front.size(), out.size() - front.size() - 1);
}

struct pair {
    std::string_view given;
    std::string_view expected;
};

TEST(messages_request, a_whole_body) {
    EXPECT_EQ(
        chat(
            R"({"model":"claude-\u00e9","max_tokens":64,"system":"Be \"terse\".","messages":[{"role":"user","content":"Hi\n"}],"temperature":0.70,"top_p":1e-1,"top_k":3,"stop_sequences":["A","\u0042"],"metadata":{"user_id":"u1"},"stream":true,"service_tier":"auto"})"),
        R"({"messages":[{"role":"system","content":"Be \"terse\"."},{"role":"user","content":"Hi\n"}],"model":"claude-\u00e9","max_tokens":64,"temperature":0.70,"top_p":1e-1,"top_k":3,"stop":["A","\u0042"],"user":"u1","stream":true,"stream_options":{"include_usage":true}})");
}

TEST(messages_request, contents_of_users) {
    const std::vector<pair> table = {
        {R"("x")", R"({"role":"user","content":"x"})"},
        {R"([{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}])",
         R"({"role":"user","content":"a"})"},
        {R"([{"type":"text","text":""},{"type":"text","text":"b"}])",
         R"({"role":"user","content":[{"type":"text","text":"b"}]})"},
        {R"([{"type":"text","text":"a"},{"type":"text","text":"b"}])",
         R"({"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})"},
        {R"([{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}])",
         R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]})"},
        {R"([{"type":"image","source":{"type":"url","url":"https://a/b.png"}}])",
         R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a/b.png"}}]})"},
        {R"([{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBE"},"title":"t.pdf"}])",
         R"({"role":"user","content":[{"type":"file","file":{"filename":"t.pdf","file_data":"data:application/pdf;base64,JVBE"}}]})"},
        {R"([{"type":"document","source":{"type":"text","media_type":"text/plain","data":"d"}}])",
         R"({"role":"user","content":[{"type":"text","text":"d"}]})"},
        {R"([{"type":"text","text":"next"},{"type":"tool_result","tool_use_id":"t1","content":"21"},{"type":"tool_result","tool_use_id":"t2","is_error":true,"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}])",
         R"({"role":"tool","tool_call_id":"t1","content":"21"},{"role":"tool","tool_call_id":"t2","content":"Error: a\nb"},{"role":"user","content":"next"})"},
        {R"([{"type":"tool_result","tool_use_id":"t1"}])",
         R"({"role":"tool","tool_call_id":"t1","content":""})"},
        {R"([{"type":"tool_result","tool_use_id":"t1","content":[{"type":"image","source":{"type":"url","url":"u"}}]}])",
         "!'messages[0].content[0].content' must be a text or a list of text blocks."},
        {R"([{"type":"tool_result","content":"x"}])", "!'messages[0].content[0].tool_use_id' is missing."},
        {R"([{"type":"image","source":{"type":"file","file_id":"f"}}])",
         "!'messages[0].content[0].source' must be an image in base64 or a URL."},
        {R"([{"type":"document","source":{"type":"url","url":"u"}}])",
         "!'messages[0].content[0].source' must be a text, or a PDF in base64."},
        {R"([{"type":"container_upload","file_id":"f"}])",
         "!Parameter messages[0].content[0] (container_upload) is not supported for this endpoint's "
         "provider."},
        {R"([7])", "!'messages[0].content[0]' must be an object with a 'type'."},
        {R"(7)", "!'messages[0].content' must be a text or a list."},
    };
    for (const pair& each : table)
        EXPECT_EQ(turn("user", each.given), each.expected) << each.given;
}

TEST(messages_request, contents_of_assistants) {
    const std::vector<pair> table = {
        {R"("x")", R"({"role":"assistant","content":"x"})"},
        {R"([{"type":"thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"a"},{"type":"text","text":"b"}])",
         R"({"role":"assistant","content":"ab"})"},
        {R"([{"type":"text","text":"a"},{"type":"tool_use","id":"t1","name":"f","input":{"x": "\u00e9\"", "n": 1.0}}])",
         R"({"role":"assistant","content":"a","tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{\"x\":\"\\u00e9\\\"\",\"n\":1.0}"}}]})"},
        {R"([{"type":"tool_use","id":"t1","name":"f","input":{}}])",
         R"({"role":"assistant","content":null,"tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{}"}}]})"},
        {R"([{"type":"tool_use","id":"t1","name":"f","input":"x"}])",
         "!'messages[0].content[0].input' must be an object."},
        {R"([{"type":"tool_use","name":"f","input":{}}])", "!'messages[0].content[0].id' is missing."},
        {R"([{"type":"server_tool_use","id":"t1","name":"web_search","input":{}}])",
         "!Parameter messages[0].content[0] (server_tool_use) is not supported for this endpoint's "
         "provider."},
    };
    for (const pair& each : table)
        EXPECT_EQ(turn("assistant", each.given), each.expected) << each.given;
    EXPECT_EQ(turn("system", R"([{"type":"text","text":"s"}])"), R"({"role":"system","content":"s"})");
    EXPECT_EQ(turn("tool", R"("x")"), "!'messages[0].role' must be user, assistant or system.");
}

TEST(messages_request, signed_thinking_goes_where_it_is_taken) {
    const auto content = [](std::string_view blocks) {
        return chat_of(messages_translator(),
                       std::string(R"({"max_tokens":5,"messages":[{"role":"assistant","content":[)")
                           .append(blocks)
                           .append("]}]}"),
                       true);
    };
    EXPECT_EQ(
        content(
            R"({"type":"thinking","thinking":"t\n","signature":"a\/b"},{"type":"redacted_thinking","data":"d="},{"type":"thinking","thinking":"of another model","signature":""},{"type":"text","text":"x"},{"type":"thinking","thinking":"","signature":"s"},{"type":"tool_use","id":"t1","name":"f","input":{}})"),
        R"({"messages":[{"role":"assistant","content":"x","thinking_blocks":[{"type":"thinking","thinking":"t\n","signature":"a\/b"},{"type":"redacted_thinking","data":"d="}]},{"role":"assistant","content":null,"thinking_blocks":[{"type":"thinking","thinking":"","signature":"s"}],"tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{}"}}]}],"max_tokens":5})");
    EXPECT_EQ(content(R"({"type":"thinking","signature":"s"})"),
              "!'messages[0].content[0].thinking' must be a text.");
    EXPECT_EQ(content(R"({"type":"redacted_thinking"})"), "!'messages[0].content[0].data' is missing.");
}

TEST(messages_request, other_members) {
    const std::vector<pair> table = {
        {R"("system":[{"type":"text","text":"a"},{"type":"text","text":"b"}])", ""},
        {R"("system":[])", ""},
        {R"("stop_sequences":[])", ""},
        {R"("tools":[],"tool_choice":{"type":"auto"})", ""},
        {R"("tools":[{"name":"f","description":"d","input_schema":{"type": "object"},"strict":true,"cache_control":{}}],"tool_choice":{"type":"any"})",
         R"(,"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type": "object"},"strict":true}}],"tool_choice":"required")"},
        {R"("tools":[{"type":"custom","name":"f","input_schema":{}}],"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true})",
         R"(,"tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false)"},
        {R"("tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"none"})",
         R"(,"tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"tool_choice":"none")"},
        {R"("tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"auto"})",
         R"(,"tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"tool_choice":"auto")"},
        {R"("tools":[{"name":"f","input_schema":{}}],"tool_choice":"auto")",
         "!'tool_choice' must be of type auto, any, none or tool with a name."},
        {R"("tools":[{"type":"web_search_20250305","name":"web_search"}])",
         "!Tool tools[0] of type 'web_search_20250305' is Anthropic's own and is not supported for this "
         "endpoint's provider."},
        {R"("tools":[{"name":"f"}])", "!'tools[0].input_schema' must be an object."},
        {R"("thinking":{"type":"enabled","budget_tokens":1024})", R"(,"reasoning_effort":"low")"},
        {R"("thinking":{"type":"enabled","budget_tokens":2048})", R"(,"reasoning_effort":"medium")"},
        {R"("thinking":{"type":"enabled","budget_tokens":4096})", R"(,"reasoning_effort":"high")"},
        {R"("thinking":{"type":"enabled"})", "!'thinking.budget_tokens' must be an integer of at least 1."},
        {R"("thinking":{"type":"disabled"},"output_config":{"effort":"low"})", ""},
        {R"("thinking":{"type":"adaptive"})", ""},
        {R"("thinking":{"type":"adaptive"},"output_config":{"effort":"max"})",
         R"(,"reasoning_effort":"max")"},
        {R"("thinking":{"type":"x"})", "!'thinking.type' must be enabled, adaptive or disabled."},
        {R"("output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}})",
         R"(,"response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"}}})"},
        {R"("output_config":{"format":{"type":"x"}})",
         "!'output_config.format' must be of type json_schema, with a schema."},
        {R"("mcp_servers":[])", ""},
        {R"("mcp_servers":[{}])", "!Parameter mcp_servers is not supported for this endpoint's provider."},
        {R"("container":"c")", "!Parameter container is not supported for this endpoint's provider."},
        {R"("metadata":{"user_id":7})", "!'metadata.user_id' must be a text."},
        {R"("stream":false)", ""},
        {R"("stream":1)", "!'stream' must be true or false."},
        {R"("usage_context":{"team":"a"})", R"(,"usage_context":{"team":"a"})"},
        {R"("cache_control":{"type":"ephemeral"},"inference_geo":"eu","context_management":{})", ""},
    };
    for (const pair& each : table) {
        if (each.given.starts_with(R"("system":[{)")) continue;
        EXPECT_EQ(members(each.given), each.expected) << each.given;
    }
    EXPECT_TRUE(members(table.front().given)
                    .starts_with(R"({"messages":[{"role":"system","content":"a\nb"},{"role":"user")"));
}

TEST(messages_request, what_must_be_there) {
    EXPECT_EQ(chat(R"({"messages":[{"role":"user","content":"x"}]})"), "!'max_tokens' is missing.");
    EXPECT_EQ(chat(R"({"max_tokens":1})"), "!'messages' must be a list of at least one message.");
    EXPECT_EQ(chat(R"({"max_tokens":1,"messages":[]})"),
              "!'messages' must be a list of at least one message.");
    EXPECT_EQ(chat("[]"), "!The JSON text is not an object.");
    EXPECT_EQ(chat(""), "!The text is not valid JSON.");
}

} // namespace
} // namespace sluice::providers::messages_request_test
