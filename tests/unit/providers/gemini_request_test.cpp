#include "providers/gemini_contents.hpp"
#include "providers/list_parts.hpp"
#include "tests/unit/providers/vertex_fixture.hpp"

#include <gmock/gmock.h>

#include <tuple>
#include <utility>

namespace sluice::providers::gemini_request_test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view skip = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";

// generationConfig for these members; "" when there is none.
std::string config_for(std::string_view members, std::string_view model = gemini_2_5) {
    const std::string front = R"({"contents":[{"role":"user","parts":[{"text":"x"}]}])";
    const std::string key = R"(,"generationConfig":)";
    const std::string out = vertex_sent_with(members, vertex_target(model));
    if (!out.starts_with(front)) return out;
    const std::string rest = out.substr(front.size(), out.size() - front.size() - 1);
    return rest.starts_with(key) ? rest.substr(key.size()) : rest;
}

TEST(gemini_request, members_have_their_names_and_numbers_their_text) {
    EXPECT_EQ(
        config_for(
            R"("max_tokens":7,"temperature":1.50,"top_p":0.90,"top_k":3,"n":2,"seed":-4,"presence_penalty":0.10,"frequency_penalty":-1)"),
        R"({"maxOutputTokens":7,"temperature":1.50,"topP":0.90,"topK":3,"candidateCount":2,"seed":-4,"presencePenalty":0.10,"frequencyPenalty":-1})");
    EXPECT_EQ(config_for(R"("max_completion_tokens":9,"max_tokens":7)"), R"({"maxOutputTokens":9})");
    EXPECT_EQ(config_for(R"("model":"m")"), "");
}

TEST(gemini_request, what_the_api_does_not_know_is_left_out) {
    EXPECT_EQ(
        config_for(
            R"("user":"u","logprobs":true,"logit_bias":{},"parallel_tool_calls":false,"stream_options":null,"store":true,"metadata":{},"temperature":null)"),
        "");
    EXPECT_EQ(config_for(R"("presence_penalty":1,"frequency_penalty":1)", gemini_3), "");
}

TEST(gemini_request, stop_is_a_list_of_at_most_five) {
    EXPECT_EQ(config_for(R"("stop":"a")"), R"({"stopSequences":["a"]})");
    EXPECT_EQ(config_for(R"("stop":["a","","b"])"), R"({"stopSequences":["a","b"]})");
    EXPECT_EQ(config_for(R"("stop":"")"), "");
    EXPECT_EQ(config_for(R"("stop":["1","2","3","4","5","6"])"),
              "'stop' must have at most 5 texts for provider google-cloud-vertex-ai.");
}

TEST(gemini_request, formats_go_as_json_schema) {
    EXPECT_EQ(config_for(R"("response_format":{"type":"json_object"})"),
              R"({"responseMimeType":"application/json"})");
    EXPECT_EQ(
        config_for(
            R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type": "object", "$ref":"#/x"}}})"),
        R"({"responseMimeType":"application/json","responseJsonSchema":{"type":"object","$ref":"#/x"}})");
    EXPECT_EQ(config_for(R"("response_format":{"type":"text"})"), "");
}

TEST(gemini_request, effort_becomes_a_budget_a_level_or_nothing) {
    using row = std::tuple<std::string_view, std::string_view, std::string_view>;
    for (const auto& [model, effort, thinks] :
         {row{"gemini-2.5-flash", "none", R"("thinkingBudget":0,"includeThoughts":false)"},
          row{"gemini-2.5-flash", "minimal", R"("thinkingBudget":1,"includeThoughts":true)"},
          row{"gemini-2.5-flash-lite", "minimal", R"("thinkingBudget":512,"includeThoughts":true)"},
          row{"gemini-2.5-pro", "none", R"("thinkingBudget":128,"includeThoughts":false)"},
          row{"gemini-2.5-pro", "minimal", R"("thinkingBudget":128,"includeThoughts":true)"},
          row{"gemini-2.5-pro", "low", R"("thinkingBudget":1024,"includeThoughts":true)"},
          row{"gemini-2.5-flash", "medium", R"("thinkingBudget":2048,"includeThoughts":true)"},
          row{"gemini-2.5-flash", "high", R"("thinkingBudget":4096,"includeThoughts":true)"},
          row{"gemini-3-pro-preview", "minimal", R"("thinkingLevel":"LOW","includeThoughts":true)"},
          row{"gemini-3-flash", "minimal", R"("thinkingLevel":"MINIMAL","includeThoughts":true)"},
          row{"gemini-3-pro-preview", "none", R"("thinkingLevel":"LOW","includeThoughts":false)"},
          row{"gemini-3.1-pro", "medium", R"("thinkingLevel":"MEDIUM","includeThoughts":true)"},
          row{"gemini-4-flash", "high", R"("thinkingLevel":"HIGH","includeThoughts":true)"},
          row{"gemini-3-pro", "max", R"("thinkingLevel":"HIGH","includeThoughts":true)"}}) {
        const std::string members =
            std::string(R"("reasoning_effort":")").append(effort).append(R"(","temperature":1)");
        EXPECT_EQ(config_for(members, model),
                  std::string(R"({"temperature":1,"thinkingConfig":{)").append(thinks).append("}}"))
            << model << ' ' << effort;
    }
    for (const std::string_view model : {"gemini-2.0-flash", "gemini-1.5-pro", "gemma-3", "gemini-pro"})
        EXPECT_EQ(config_for(R"("reasoning_effort":"high")", model), "") << model;
}

TEST(gemini_request, tools_and_the_choice_among_them) {
    const auto tools_for = [](std::string_view choice) {
        const std::string out = vertex_sent_with(
            std::string(R"("tools":[{"type":"function","function":{"name":"f","strict":true}}])")
                .append(choice));
        return out.substr(out.find(R"(,"tools")"));
    };
    const std::string tools = R"(,"tools":[{"functionDeclarations":[{"name":"f"}]}])";
    EXPECT_EQ(tools_for(""), tools + "}");
    for (const auto& [choice, mode] : {std::pair{R"("auto")", R"("AUTO")"},
                                       std::pair{R"("none")", R"("NONE")"},
                                       std::pair{R"("required")", R"("ANY")"},
                                       std::pair{R"({"type":"function","function":{"name":"f"}})",
                                                 R"("ANY","allowedFunctionNames":["f"])"}}) {
        EXPECT_EQ(tools_for(std::string(R"(,"tool_choice":)") + choice),
                  tools + R"(,"toolConfig":{"functionCallingConfig":{"mode":)" + mode + "}}}");
    }
    EXPECT_EQ(vertex_sent_with(R"("tools":[],"tool_choice":"auto")"), vertex_sent_with(R"("tools":[])"));
}

// The list `contents` for these messages.
std::string contents(std::string_view messages, std::string_view model = gemini_2_5) {
    const std::string front = R"({"contents":)";
    const std::string out =
        vertex_sent(std::string(R"({"messages":)").append(messages).append("}"), vertex_target(model));
    return out.starts_with(front) ? out.substr(front.size(), out.size() - front.size() - 1) : out;
}

TEST(gemini_request, contents_hold_texts_images_files_and_sound) {
    EXPECT_EQ(
        contents(
            R"([{"role":"user","content":[{"type":"text","text":""},{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},{"type":"image_url","image_url":{"url":"https://h/a.webp?x=.png"}},{"type":"file","file":{"file_data":"data:application/pdf;base64,AAAA"}},{"type":"input_audio","input_audio":{"format":"wav","data":"AAAA"}}]},{"role":"user","content":"b"},{"role":"assistant","content":"c"}])"),
        R"([{"role":"user","parts":[{"text":"a"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}},{"fileData":{"mimeType":"image/webp","fileUri":"https://h/a.webp?x=.png"}},{"inlineData":{"mimeType":"application/pdf","data":"AAAA"}},{"inlineData":{"mimeType":"audio/wav","data":"AAAA"}}]},{"role":"user","parts":[{"text":"b"}]},{"role":"model","parts":[{"text":"c"}]}])");
}

TEST(gemini_request, a_link_tells_its_type_by_its_ending) {
    for (const auto& [url, type] : {std::pair{"gs://b/cat.JPG", "image/jpeg"},
                                    std::pair{"gs://b/cat.PNG#x", "image/png"},
                                    std::pair{"gs://b/doc.pdf", "application/pdf"},
                                    std::pair{"gs://b/film.mp4?a=b/c.png", "video/mp4"},
                                    std::pair{"https://h.png/cat", "image/jpeg"},
                                    std::pair{"https://h/cat", "image/jpeg"},
                                    std::pair{"https://h/cat.", "image/jpeg"},
                                    std::pair{"", "image/jpeg"}}) {
        EXPECT_EQ(gemini::media_type_of(url), type) << url;
    }
}

TEST(gemini_request, an_empty_prompt_of_the_system_is_no_instruction) {
    EXPECT_EQ(vertex_sent(R"({"messages":[{"role":"system","content":""},{"role":"user","content":"x"}]})"),
              R"({"contents":[{"role":"user","parts":[{"text":"x"}]}]})");
    EXPECT_EQ(
        vertex_sent(
            R"({"messages":[{"role":"user","content":"x"},{"role":"developer","content":[{"type":"text","text":"s"},{"type":"text","text":"t"}]}]})"),
        R"({"systemInstruction":{"parts":[{"text":"s"},{"text":"t"}]},"contents":[{"role":"user","parts":[{"text":"x"}]}]})");
}

std::string call_turn(std::string_view first_id, std::string_view second_id) {
    return std::string(R"({"role":"assistant","tool_calls":[{"id":")")
        .append(first_id)
        .append(R"(","type":"function","function":{"name":"f","arguments":""}},{"id":")")
        .append(second_id)
        .append(R"(","type":"function","function":{"name":"g","arguments":"{ \"a\" : 1.0 }"}}]})");
}

std::string result_of(std::string_view id, std::string_view content) {
    return std::string(R"({"role":"tool","tool_call_id":")")
        .append(id)
        .append(R"(","content":)")
        .append(content)
        .append("}");
}

TEST(gemini_request, results_stand_in_the_order_of_the_calls_as_objects) {
    EXPECT_EQ(
        contents("[" + call_turn("1", "2") + "," + result_of("2", R"("{ \"a\": 1 }")") + "," +
                 result_of("1", R"("[1]")") + R"(,{"role":"user","content":"x"}])"),
        R"([{"role":"model","parts":[{"functionCall":{"name":"f","args":{}}},{"functionCall":{"name":"g","args":{"a":1.0}}}]},)"
        R"({"role":"user","parts":[{"functionResponse":{"name":"f","response":{"result":"[1]"}}},{"functionResponse":{"name":"g","response":{"a":1}}}]},)"
        R"({"role":"user","parts":[{"text":"x"}]}])");
    for (const auto& [content, response] :
         {std::pair{R"("")", R"({"result":""})"},
          std::pair{"null", R"({"result":""})"},
          std::pair{R"("{broken")", R"({"result":"{broken"})"},
          std::pair{R"([{"type":"text","text":"a"},{"type":"text","text":"b"}])", R"({"result":"ab"})"},
          std::pair{R"([{"type":"text","text":"{\"a\""},{"type":"text","text":":1}"}])", R"({"a":1})"}}) {
        EXPECT_THAT(contents("[" + call_turn("1", "2") + "," + result_of("1", content) + "]"),
                    HasSubstr(std::string(R"("response":)") + response + "}}"));
    }
}

TEST(gemini_request, a_result_needs_its_call) {
    EXPECT_EQ(contents("[" + result_of("9", R"("x")") + "]"),
              "The 'tool_call_id' of a tool message must be that of a call before it.");
    EXPECT_THAT(
        contents(
            "[" + call_turn("1", "2") + "," +
            result_of("1", R"([{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}])") +
            "]"),
        HasSubstr("is not supported for provider google-cloud-vertex-ai."));
}

TEST(gemini_request, signatures_come_back_on_their_calls) {
    const auto parts = [](std::string_view first, std::string_view second, std::string_view model) {
        const std::string out = contents("[" + call_turn(first, second) + "]", model);
        constexpr std::string_view front = R"([{"role":"model","parts":[)";
        return out.substr(front.size(), out.size() - front.size() - 3);
    };
    EXPECT_EQ(parts("a__thought__c2ln+/==", "b", gemini_3),
              R"({"functionCall":{"id":"a","name":"f","args":{}},"thoughtSignature":"c2ln+/=="},)"
              R"({"functionCall":{"id":"b","name":"g","args":{"a":1.0}}})");
    // Only the first call of a turn needs one.
    EXPECT_EQ(
        parts("a", "b__thought__eA==", gemini_3),
        std::string(R"({"functionCall":{"id":"a","name":"f","args":{}},"thoughtSignature":")")
            .append(skip)
            .append(
                R"("},{"functionCall":{"id":"b","name":"g","args":{"a":1.0}},"thoughtSignature":"eA=="})"));
    // Before Gemini 3 calls have no ids; signatures are known from 2.5 on.
    EXPECT_EQ(parts("a__thought__eA==", "b", gemini_2_5),
              R"({"functionCall":{"name":"f","args":{}},"thoughtSignature":"eA=="},)"
              R"({"functionCall":{"name":"g","args":{"a":1.0}}})");
    EXPECT_THAT(parts("a__thought__eA==", "b", "gemini-2.0-flash"), Not(HasSubstr("thoughtSignature")));
    EXPECT_EQ(parts("__thought__eA==", "", gemini_3),
              R"({"functionCall":{"name":"f","args":{}},"thoughtSignature":"eA=="},)"
              R"({"functionCall":{"name":"g","args":{"a":1.0}}})");
    EXPECT_THAT(contents("[" + call_turn("a__thought__eA==", "b") + "," +
                             result_of("a__thought__eA==", R"("x")") + "]",
                         gemini_3),
                HasSubstr(R"({"functionResponse":{"id":"a","name":"f","response":{"result":"x"}}})"));
}

TEST(gemini_request, a_prompt_is_one_user_turn) {
    const target to = vertex_target(gemini_2_5, task::completions);
    EXPECT_EQ(
        vertex_sent(R"({"prompt":"a","max_tokens":1,"best_of":1})", to),
        R"({"contents":[{"role":"user","parts":[{"text":"a"}]}],"generationConfig":{"maxOutputTokens":1}})");
    EXPECT_EQ(vertex_sent(R"({"prompt":["a"]})", to),
              R"({"contents":[{"role":"user","parts":[{"text":"a"}]}]})");
    EXPECT_THAT(vertex_sent(R"({"prompt":["a","b"]})", to), HasSubstr("'prompt' must be one text"));
    EXPECT_THAT(vertex_sent(R"({"prompt":"a","suffix":"b"})", to),
                HasSubstr("Parameter suffix is not supported"));
}

TEST(gemini_request, extra_params_are_merged) {
    EXPECT_EQ(
        vertex_sent_with(
            R"("extra_params":{"safetySettings":"[]","generationConfig":"{\"topK\":1}"},"top_p":1)"),
        R"({"contents":[{"role":"user","parts":[{"text":"x"}]}],"safetySettings":[],"generationConfig":{"topK":1}})");
}

TEST(gemini_request, embeddings_go_by_predict_or_one_by_one) {
    const target list = vertex_target("text-embedding-005", task::embeddings);
    EXPECT_EQ(vertex_sent(R"({"input":"a"})", list), R"({"instances":[{"content":"a"}]})");
    EXPECT_EQ(
        vertex_sent(R"({"input":["a","b"],"dimensions":2,"encoding_format":"base64","user":"u"})", list),
        R"({"instances":[{"content":"a"},{"content":"b"}],"parameters":{"outputDimensionality":2}})");
    EXPECT_EQ(vertex_sent(R"({"input":[1,2]})", list),
              "Parameter input is not supported for provider google-cloud-vertex-ai.");
    const target one = vertex_target("gemini-embedding-2", task::embeddings);
    EXPECT_EQ(vertex_sent(R"({"input":"a","dimensions":2})", one),
              R"({"content":{"parts":[{"text":"a"}]},"outputDimensionality":2})");
    EXPECT_EQ(vertex_sent(R"({"input":["a","b"]})", one),
              "'input' must be one text for the model gemini-embedding-2.");
}

TEST(gemini_request, a_part_of_a_list_is_sent_alone) {
    const target to = vertex_target("gemini-embedding-2", task::embeddings);
    const padded body(R"({"input":["a","b"]})");
    unified::call call;
    ASSERT_TRUE(unified::parse(task::embeddings, body.view(), call));
    list_parts parts(call, 1);
    ASSERT_FALSE(parts.next().empty());
    unified::call second;
    ASSERT_TRUE(unified::parse(task::embeddings, parts.next(), second));
    upstream_request out;
    ASSERT_TRUE(to.via->encode(second, to, out));
    EXPECT_EQ(out.storage, R"({"content":{"parts":[{"text":"b"}]}})");
}

} // namespace
} // namespace sluice::providers::gemini_request_test
