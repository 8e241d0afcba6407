#include "core/base/base64.hpp"
#include "tests/unit/providers/client_dialect_fixture.hpp"

#include <vector>

namespace sluice::providers::responses_request_test {

namespace {

std::string chat(std::string_view body) {
    return chat_of(responses_translator(), body);
}

std::string without(std::string_view out, std::string_view front, std::string_view back) {
    if (out.starts_with("!")) return std::string(out);
    EXPECT_TRUE(out.starts_with(front) && out.ends_with(back)) << out;
    return std::string(out.substr(front.size(), out.size() - front.size() - back.size()));
}

// What `messages` becomes.
std::string input(std::string_view items) {
    return without(chat(std::string(R"({"input":)").append(items).append("}")), R"({"messages":[)", "]}");
}

// What other members become.
std::string members(std::string_view given) {
    return without(chat(std::string(R"({"input":"x",)").append(given).append("}")),
                   R"({"messages":[{"role":"user","content":"x"}])",
                   "}");
}

struct pair {
    std::string_view given;
    std::string_view expected;
};

TEST(responses_request, a_whole_body) {
    EXPECT_EQ(
        chat(
            R"({"model":"m","instructions":"Be \u00e9.","input":"Hi\n","max_output_tokens":64,"temperature":0.70,"top_p":1e-1,"user":"u","reasoning":{"effort":"low","summary":"auto"},"text":{"verbosity":"low"},"stream":true,"store":false,"include":[],"metadata":{"a":"b"},"truncation":"auto","prompt_cache_key":"k"})"),
        R"({"messages":[{"role":"system","content":"Be \u00e9."},{"role":"user","content":"Hi\n"}],"model":"m","max_completion_tokens":64,"temperature":0.70,"top_p":1e-1,"user":"u","reasoning_effort":"low","verbosity":"low","stream":true,"stream_options":{"include_usage":true}})");
}

TEST(responses_request, what_a_reasoning_item_keeps_goes_where_it_is_taken) {
    const auto messages = [](std::string_view items, bool with_thoughts = true) {
        const std::string body = std::string(R"({"input":[)").append(items).append("]}");
        return without(chat_of(responses_translator(), body, with_thoughts), R"({"messages":[)", "]}");
    };
    const auto reasoning = [](std::string_view sealed) {
        return std::string(R"({"type":"reasoning","id":"r","summary":[],"encrypted_content":")")
            .append(sealed)
            .append("\"},");
    };
    const std::string block = R"({"type":"thinking","thinking":"t","signature":"s"})";
    const std::string sealed = reasoning("sluice-thinking-1." + base64_encode(block));
    constexpr std::string_view call =
        R"({"type":"function_call","call_id":"c1","name":"f","arguments":"{}"})";
    constexpr std::string_view called =
        R"("tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]})";
    const std::string text = R"({"role":"assistant","content":"x"},)";
    EXPECT_EQ(messages(sealed + text + std::string(call)),
              R"({"role":"assistant","content":"x","thinking_blocks":[)" + block + "]," +
                  std::string(called));
    EXPECT_EQ(messages(sealed + sealed + text + sealed + std::string(call)),
              R"({"role":"assistant","content":"x","thinking_blocks":[)" + block + "," + block +
                  R"(]},{"role":"assistant","content":null,"thinking_blocks":[)" + block + "]," +
                  std::string(called));
    // What led to nothing does not belong to the next answer.
    EXPECT_EQ(messages(sealed + R"({"role":"user","content":"u"},)" + std::string(call)),
              R"({"role":"user","content":"u"},{"role":"assistant","content":null,)" + std::string(called));
    const std::string plain = R"({"role":"assistant","content":null,)" + std::string(called);
    EXPECT_EQ(messages(sealed + std::string(call), false), plain);
    EXPECT_EQ(messages(reasoning("gAAAA-of-OpenAI") + std::string(call)), plain);
    EXPECT_EQ(messages(R"({"type":"reasoning","encrypted_content":null},)" + std::string(call)), plain);
    for (const std::string& bad :
         {std::string("?"), std::string(), base64_encode("{}],\"role\":[{}"), base64_encode("x")})
        EXPECT_EQ(messages(reasoning("sluice-thinking-1." + bad) + std::string(call)),
                  "!'input[0].encrypted_content' is not what the gateway has given.")
            << bad;
}

TEST(responses_request, items) {
    const std::vector<pair> table = {
        {R"([{"role":"user","content":"a"},{"role":"developer","content":"b"}])",
         R"({"role":"user","content":"a"},{"role":"system","content":"b"})"},
        {R"([{"type":"message","role":"user","content":[{"type":"input_text","text":"a"}]}])",
         R"({"role":"user","content":"a"})"},
        {R"([{"role":"user","content":[]}])", R"({"role":"user","content":""})"},
        {R"([{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"https://a/b","detail":"low"},{"type":"input_file","filename":"f.pdf","file_data":"data:application/pdf;base64,JVBE"}]}])",
         R"({"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"https://a/b","detail":"low"}},{"type":"file","file":{"file_data":"data:application/pdf;base64,JVBE","filename":"f.pdf"}}]})"},
        {R"([{"type":"reasoning","id":"rs_1","summary":[]},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"a","annotations":[]},{"type":"refusal","refusal":"b"}]},{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},{"type":"function_call","call_id":"c2","name":"g","arguments":"{\"x\":1}"},{"type":"function_call_output","call_id":"c1","output":"1"},{"type":"function_call_output","call_id":"c2","output":[{"type":"input_text","text":"p"},{"type":"input_text","text":"q"}]}])",
         R"({"role":"assistant","content":"ab","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"g","arguments":"{\"x\":1}"}}]},{"role":"tool","tool_call_id":"c1","content":"1"},{"role":"tool","tool_call_id":"c2","content":"p\nq"})"},
        {R"([{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},{"role":"assistant","content":"x"},{"role":"assistant","content":"y"}])",
         R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"assistant","content":"x"},{"role":"assistant","content":"y"})"},
        {R"([{"type":"item_reference","id":"i"}])",
         "!Parameter input[0] (item_reference) is not supported for this endpoint's provider."},
        {R"([{"id":"i"}])",
         "!Parameter input[0] (item_reference) is not supported for this endpoint's provider."},
        {R"([{"type":"web_search_call","id":"i"}])",
         "!Parameter input[0] (web_search_call) is not supported for this endpoint's provider."},
        {R"([{"role":"user","content":[{"type":"input_image","file_id":"f"}]}])",
         "!'input[0].content[0]' needs 'image_url': files of OpenAI are not supported."},
        {R"([{"role":"user","content":[{"type":"input_file","file_id":"f"}]}])",
         "!'input[0].content[0]' needs 'file_data': files of OpenAI are not supported."},
        {R"([{"role":"user","content":[{"type":"input_audio"}]}])",
         "!Parameter input[0].content[0] (input_audio) is not supported for this endpoint's provider."},
        {R"([{"role":"tool","content":"x"}])",
         "!'input[0].role' must be user, assistant, system or developer."},
        {R"([{"role":"user"}])", "!'input[0].content' must be a text or a list of parts."},
        {R"([{"type":"function_call","name":"f","arguments":"{}"}])", "!'input[0].call_id' is missing."},
        {R"([{"type":"function_call","call_id":"c","name":"f","arguments":{}}])",
         "!'input[0].arguments' must be a text."},
        {R"([{"type":"function_call_output","call_id":"c"}])",
         "!'input[0].output' must be a text or a list of texts."},
        {R"([7])", "!'input[0]' must be an object."},
        {R"([])", "!'input' must have at least one item."},
        {R"(7)", "!'input' must be a text or a list of items."},
    };
    for (const pair& each : table)
        EXPECT_EQ(input(each.given), each.expected) << each.given;
}

TEST(responses_request, other_members) {
    const std::vector<pair> table = {
        {R"("tools":[],"tool_choice":"auto","parallel_tool_calls":true)", ""},
        {R"("tools":[{"type":"function","name":"f","description":"d","parameters":{"type": "object"},"strict":true}],"tool_choice":{"type":"function","name":"f"},"parallel_tool_calls":false)",
         R"(,"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type": "object"},"strict":true}}],"parallel_tool_calls":false,"tool_choice":{"type":"function","function":{"name":"f"}})"},
        {R"("tools":[{"type":"function","name":"f"}],"tool_choice":"required")",
         R"(,"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"required")"},
        {R"("tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"allowed_tools"})",
         "!Parameter tool_choice of type 'allowed_tools' is not supported for this endpoint's provider."},
        {R"("tools":[{"type":"function","name":"f"}],"tool_choice":"x")",
         "!'tool_choice' must be auto, none, required or name a function."},
        {R"("tools":[{"type":"web_search"}])",
         "!Tool tools[0] of type 'web_search' is not supported for this endpoint's provider: it takes "
         "functions only."},
        {R"("text":{"format":{"type":"text"}})", ""},
        {R"("text":{"format":{"type":"json_object"}})", R"(,"response_format":{"type":"json_object"})"},
        {R"("text":{"format":{"type":"json_schema","name":"n","strict":true,"schema":{"a":1}}})",
         R"(,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"a":1},"strict":true}})"},
        {R"("text":{"format":{"type":"json_schema","schema":{}}})", "!'text.format.name' is missing."},
        {R"("text":{"format":{"type":"x"}})",
         "!'text.format' must be of type text, json_object or json_schema, with a schema."},
        {R"("previous_response_id":"r")",
         "!Parameter previous_response_id is not supported for this endpoint's provider."},
        {R"("previous_response_id":null,"background":false,"conversation":null)", ""},
        {R"("conversation":"c")", "!Parameter conversation is not supported for this endpoint's provider."},
        {R"("prompt":{"id":"p"})", "!Parameter prompt is not supported for this endpoint's provider."},
        {R"("background":true)", "!Parameter background is not supported for this endpoint's provider."},
        {R"("store":true)", "!Parameter store is not supported for this endpoint's provider."},
        {R"("instructions":[])", "!'instructions' must be a text."},
        {R"("max_output_tokens":0)", "!'max_output_tokens' must be an integer of at least 1."},
        {R"("stream":"yes")", "!'stream' must be true or false."},
        {R"("usage_context":{"team":"a"})", R"(,"usage_context":{"team":"a"})"},
    };
    for (const pair& each : table)
        EXPECT_EQ(members(each.given), each.expected) << each.given;
    EXPECT_EQ(chat("{}"), "!'input' must be a text or a list of items.");
}

TEST(client_dialect, who_is_translated) {
    EXPECT_EQ(translator_of(dialect::messages), &messages_translator());
    EXPECT_EQ(translator_of(dialect::responses), &responses_translator());
    EXPECT_EQ(translator_of(dialect::openai), nullptr);
    EXPECT_EQ(translator_of(dialect::gemini), nullptr);
}

} // namespace
} // namespace sluice::providers::responses_request_test
