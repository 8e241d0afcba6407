#include "core/base/base64.hpp"
#include "tests/unit/tools/asking.hpp"
#include "tools/provider/aws_frames.hpp"
#include "tools/provider/aws_signature.hpp"
#include "tools/provider/thinking.hpp"

#include <map>

namespace sluice::sim::bedrock_test {
namespace {

constexpr std::string_view key_id = "AKIDEXAMPLE";
constexpr std::string_view secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr std::string_view date = "20260115T123456Z"; // some_time

// Signs as clients do: every field that is there, but for none.
void sign(asked& a,
          std::string_view service = "bedrock",
          std::string_view id = key_id,
          std::string_view with = secret,
          std::string_view at = date) {
    a.fields.emplace_back("x-amz-date", at);
    std::map<std::string, std::string> fields(a.fields.begin(), a.fields.end());
    std::string names;
    for (const auto& [name, value] : fields)
        names += (names.empty() ? "" : ";") + name;
    std::vector<header_field> views;
    views.reserve(a.fields.size());
    for (const auto& [name, value] : a.fields)
        views.push_back({name, value});
    http_request request;
    request.method = a.method;
    request.target = a.target;
    request.fields = views;
    request.body = a.body;
    const std::string scope =
        std::string(at.substr(0, 8)) + "/us-east-1/" + std::string(service) + "/aws4_request";
    const std::string signature = aws::sign(with, scope, at, aws::canonical_request(request, names));
    a.fields.emplace_back("authorization",
                          "AWS4-HMAC-SHA256 Credential=" + std::string(id) + "/" + scope +
                              ", SignedHeaders=" + names + ", Signature=" + signature);
}

asked bedrock(std::string_view path, std::string_view body, std::string_view sim = "") {
    asked a;
    a.target = "/model/" + std::string(path);
    a.body = body;
    a.fields = {{"content-type", "application/json"}, {"host", "127.0.0.1:9100"}};
    if (!sim.empty()) a.fields.emplace_back("x-sim", sim);
    return a;
}

std::string answered(std::string_view path, std::string_view body, std::string_view sim = "") {
    asked a = bedrock(path, body, sim);
    sign(a);
    return ask(a);
}

constexpr std::string_view claude = "us.anthropic.claude-sonnet-4-5-20250929-v1%3A0";
constexpr std::string_view hello = R"({"messages":[{"role":"user","content":[{"text":"ping pong"}]}]})";

std::string converse(std::string_view body, std::string_view sim = "") {
    return answered(std::string(claude) + "/converse", body, sim);
}

// Known answers, made with botocore.
TEST(bedrock_signature, known_answers_come_out) {
    struct known {
        std::string_view method_target;
        std::vector<header_field> fields;
        std::string_view body;
        std::string_view names;
        std::string_view scope;
        std::string_view signature;
    };
    constexpr std::string_view hi = R"({"messages":[{"role":"user","content":[{"text":"hi"}]}]})";
    const header_field json_type{"Content-Type", "application/json"};
    const header_field x_date{"X-Amz-Date", date};
    const std::vector<known> all = {
        {"/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream",
         {json_type,
          x_date,
          {"Host", "bedrock-runtime.eu-central-1.amazonaws.com"},
          {"X-Amz-Security-Token", "FwoGZXIvYXdzEXAMPLETOKEN/abc+def=="}},
         hi,
         "content-type;host;x-amz-date;x-amz-security-token",
         "20260115/eu-central-1/bedrock/aws4_request",
         "0848c320e67ef5d69f76a346f47f27dbac7afc0b4b17992c46be799a2e75d950"},
        {"/model/anthropic.claude-3-5-sonnet-20240620-v1:0/converse",
         {json_type, x_date, {"Host", "bedrock-runtime.us-east-1.amazonaws.com"}},
         hi,
         "content-type;host;x-amz-date",
         "20260115/us-east-1/bedrock/aws4_request",
         "d775b83e646982a64f645396c4d65bdb35cbe83e31e642c0da0bb3fb097347d3"},
        {"/model/amazon.titan-text-express-v1/invoke",
         {{"Content-Type", "  application/json  "},
          x_date,
          {"Host", "bedrock-runtime.us-east-1.amazonaws.com"},
          {"X-Amzn-Bedrock-Trace", "ENABLED   FULL"},
          {"User-Agent", "gw/1.0"}},
         "",
         "content-type;host;x-amz-date;x-amzn-bedrock-trace",
         "20260115/us-east-1/bedrock/aws4_request",
         "59e1da42620baa9469d68d011e0425717f74fab34fc897dbdbce88426c962567"},
        {"/",
         {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
          x_date,
          {"Host", "sts.us-east-1.amazonaws.com"}},
         "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2FGateway&"
         "RoleSessionName=gateway-bedrock&DurationSeconds=900",
         "content-type;host;x-amz-date",
         "20260115/us-east-1/sts/aws4_request",
         "7f2aa8d57a639be0cfb953e4764a408b5eacc8769876d1910b9716805db9845e"}};
    for (const known& each : all) {
        http_request request;
        request.method = "POST";
        request.target = each.method_target;
        request.fields = each.fields;
        request.body = each.body;
        EXPECT_EQ(aws::sign(secret, each.scope, date, aws::canonical_request(request, each.names)),
                  each.signature)
            << each.method_target;
    }
}

std::string refusal_of(const asked& a, std::int64_t now = some_time) {
    const std::string out = ask(a, {}, now);
    EXPECT_EQ(status_of(out), 403);
    constexpr std::string_view field = "x-amzn-errortype: ";
    const std::size_t at = out.find(field);
    return at == std::string::npos
               ? std::string()
               : out.substr(at + field.size(), out.find(':', at + field.size()) - at - field.size());
}

TEST(bedrock_signature, what_is_not_signed_well_is_refused) {
    const std::string path = std::string(claude) + "/converse";
    EXPECT_EQ(refusal_of(bedrock(path, hello)), "MissingAuthenticationTokenException");
    asked a = bedrock(path, hello);
    sign(a);
    EXPECT_EQ(status_of(ask(a)), 200);
    EXPECT_EQ(status_of(ask(a, {}, some_time + 300)), 200);
    EXPECT_EQ(refusal_of(a, some_time + 301), "InvalidSignatureException");
    EXPECT_EQ(refusal_of(a, some_time - 301), "InvalidSignatureException");
    asked changed = a;
    changed.body += ' ';
    EXPECT_EQ(refusal_of(changed), "InvalidSignatureException");
    changed = a;
    changed.target = "/model/other/converse";
    EXPECT_EQ(refusal_of(changed), "InvalidSignatureException");
    changed = a;
    changed.fields.emplace_back("x-amz-content-sha256", "unsigned");
    EXPECT_EQ(refusal_of(changed), "InvalidSignatureException");
    a = bedrock(path, hello);
    sign(a, "sts");
    EXPECT_EQ(refusal_of(a), "InvalidSignatureException");
    a = bedrock(path, hello);
    sign(a, "bedrock", "AKIDOTHER");
    EXPECT_EQ(refusal_of(a), "UnrecognizedClientException");
    a = bedrock(path, hello);
    sign(a, "bedrock", key_id, "other");
    EXPECT_EQ(refusal_of(a), "InvalidSignatureException");
    a = bedrock(path, hello);
    a.fields.emplace_back("authorization", "Bearer key");
    EXPECT_EQ(status_of(ask(a, access{.api_key = "key"})), 200);
}

TEST(bedrock_signature, sessions_are_known_by_their_token) {
    const aws::session given = aws::make_session(some_time + 100);
    asked a = bedrock(std::string(claude) + "/converse", hello);
    a.fields.emplace_back("x-amz-security-token", given.token);
    asked wrong = a;
    sign(a, "bedrock", given.key_id, given.secret);
    EXPECT_EQ(status_of(ask(a)), 200);
    EXPECT_EQ(refusal_of(a, some_time + 100), "ExpiredTokenException");
    sign(wrong);
    EXPECT_EQ(refusal_of(wrong), "UnrecognizedClientException");
    asked made_up = bedrock(std::string(claude) + "/converse", hello);
    made_up.fields.emplace_back("x-amz-security-token", "FwoGZXIvYXdzEXAMPLE");
    sign(made_up);
    EXPECT_EQ(refusal_of(made_up), "ExpiredTokenException");
}

TEST(bedrock_service, the_golden_requests_pass) {
    const auto all = golden_requests("amazon-bedrock");
    EXPECT_GE(all.size(), 11U);
    for (const auto& [name, request] : all) {
        asked a = request;
        std::erase_if(a.fields, [](const auto& each) {
            return each.first == "authorization" || each.first == "x-amz-date";
        });
        sign(a);
        EXPECT_EQ(status_of(ask(a)), 200) << name << ask(a);
    }
}

TEST(bedrock_service, wrong_conversations_are_refused) {
    const auto with = [](std::string_view members) {
        return std::string(hello.substr(0, hello.size() - 1)).append(",").append(members).append("}");
    };
    const auto list = [](std::string_view messages) {
        return std::string(R"({"messages":[)").append(messages).append("]}");
    };
    for (
        const std::string& body :
        {std::string("[]"),
         std::string(R"({"messages":[]})"),
         with(R"("modelId":"m")"),
         with(R"("inferenceConfig":{"temperature":1.5})"),
         with(R"("inferenceConfig":{"stopSequences":[""]})"),
         with(R"("inferenceConfig":{"topK":5})"),
         with(R"("system":[{"text":""}])"),
         with(R"("toolConfig":{"tools":[]})"),
         with(
             R"("toolConfig":{"tools":[{"toolSpec":{"name":"f","description":"","inputSchema":{"json":{}}}}]})"),
         with(
             R"("toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{}}}}],"toolChoice":{"none":{}}})"),
         list(R"({"role":"assistant","content":[{"text":"x"}]})"),
         list(R"({"role":"user","content":[{"text":" "}]})"),
         list(R"({"role":"user","content":"x"})"),
         list(R"({"role":"user","content":[{"text":"x"}]},{"role":"user","content":[{"text":"x"}]})"),
         list(R"({"role":"user","content":[{"image":{"format":"bmp","source":{"bytes":"AA"}}}]})"),
         list(R"({"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[]}}]})"),
         list(R"({"role":"user","content":[{"text":"x"}]},)"
              R"({"role":"assistant","content":[{"toolUse":{"toolUseId":"a","name":"f","input":{}}}]},)"
              R"({"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[{"text":"r"}]}}]})")}) {
        const std::string out = converse(body);
        EXPECT_EQ(status_of(out), 400) << body;
        EXPECT_TRUE(has(out, "x-amzn-errortype: ValidationException:")) << body;
    }
}

struct frame {
    std::map<std::string, std::string> fields;
    std::string payload;
};

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i)
        number = number << 8U | static_cast<unsigned char>(bytes[at + i]);
    return number;
}

std::vector<frame> frames_of(std::string_view bytes) {
    std::vector<frame> all;
    while (bytes.size() >= 16) {
        const std::size_t total = number_at(bytes, 0);
        const std::size_t head = number_at(bytes, 4);
        EXPECT_EQ(number_at(bytes, 8), aws::crc32(bytes.substr(0, 8)));
        EXPECT_LE(total, bytes.size());
        if (total > bytes.size() || total < head + 16) break;
        EXPECT_EQ(number_at(bytes, total - 4), aws::crc32(bytes.substr(0, total - 4)));
        frame& one = all.emplace_back();
        std::string_view fields = bytes.substr(12, head);
        while (!fields.empty()) {
            const auto name_size = static_cast<unsigned char>(fields[0]);
            const std::string name(fields.substr(1, name_size));
            EXPECT_EQ(fields[1U + name_size], 7);
            const std::size_t size = static_cast<unsigned char>(fields[2U + name_size]) * 256U +
                                     static_cast<unsigned char>(fields[3U + name_size]);
            one.fields[name] = fields.substr(4U + name_size, size);
            fields.remove_prefix(4U + name_size + size);
        }
        one.payload = bytes.substr(12 + head, total - head - 16);
        bytes.remove_prefix(total);
    }
    EXPECT_TRUE(bytes.empty());
    return all;
}

TEST(bedrock_service, claude_knows_its_thinking_by_the_signature) {
    const auto after_a_call = [](const std::string& block) {
        return converse(
            R"({"messages":[{"role":"user","content":[{"text":"x"}]},{"role":"assistant","content":[)" +
            block +
            R"({"toolUse":{"toolUseId":"a","name":"f","input":{}}}]},{"role":"user","content":[{"toolResult":)"
            R"({"toolUseId":"a","content":[{"text":"r"}]}}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"f",)"
            R"("inputSchema":{"json":{"type":"object"}}}}]},"additionalModelRequestFields":{"thinking":)"
            R"({"type":"enabled","budget_tokens":1024}}})");
    };
    const auto thought = [](const std::string& text, const std::string& signature) {
        return R"({"reasoningContent":{"reasoningText":{"text":")" + text + R"(","signature":")" + signature +
               R"("}}},)";
    };
    const std::string good = after_a_call(thought("t", thinking::signature_of("t")));
    EXPECT_NE(good.find(R"("content":[{"reasoningContent":{"reasoningText":{"text":"Let me see.)"),
              std::string::npos)
        << good;
    EXPECT_NE(good.find(R"({"reasoningContent":{"redactedContent":")"), std::string::npos);
    EXPECT_NE(
        after_a_call(R"({"reasoningContent":{"redactedContent":")" + thinking::redacted_of({}) + R"("}},)")
            .find("HTTP/1.1 200"),
        std::string::npos);
    for (const std::string& bad : {std::string(),
                                   thought("u", thinking::signature_of("t")),
                                   std::string(R"({"reasoningContent":{"redactedContent":"cmVk"}},)"),
                                   std::string(R"({"reasoningContent":{}},)")})
        EXPECT_NE(after_a_call(bad).find("HTTP/1.1 400"), std::string::npos) << bad;
}

TEST(bedrock_service, the_smallest_frame_is_as_documented) {
    std::string out;
    aws::append_frame(out, {}, "");
    EXPECT_EQ(out, std::string("\0\0\0\x10\0\0\0\0\x05\xc2\x48\xeb\x7d\x98\xc8\xff", 16));
}

TEST(bedrock_service, a_conversation_is_answered_whole_and_in_frames) {
    const auto whole = json_of(converse(hello, "echo"));
    EXPECT_EQ(whole.at("output").at("message").at("content").at(0).at("text"), "ping pong");
    EXPECT_EQ(whole.at("stopReason"), "end_turn");
    EXPECT_EQ(whole.at("usage").at("outputTokens"), 2);
    const std::string stream = answered(std::string(claude) + "/converse-stream", hello, "echo");
    EXPECT_TRUE(has(stream, "Content-Type: application/vnd.amazon.eventstream"));
    std::vector<std::string> types;
    for (const frame& each : frames_of(body_of(stream))) {
        types.push_back(each.fields.at(":event-type"));
        EXPECT_EQ(each.fields.at(":message-type"), "event");
        EXPECT_TRUE(has(each.payload, R"(,"p":")")) << each.payload;
    }
    EXPECT_EQ(types,
              (std::vector<std::string>{"messageStart",
                                        "contentBlockDelta",
                                        "contentBlockDelta",
                                        "contentBlockStop",
                                        "messageStop",
                                        "metadata"}));
    const auto failed =
        frames_of(body_of(answered(std::string(claude) + "/converse-stream", hello, "n3-err1")));
    EXPECT_EQ(failed.back().fields.at(":exception-type"), "throttlingException");
    const auto refused = converse(hello, "e429");
    EXPECT_TRUE(has(refused, "x-amzn-errortype: ThrottlingException:"));
}

std::string bytes_of(const frame& chunk) {
    const auto payload = boost::json::parse(chunk.payload);
    return base64_decode(payload.at("bytes").as_string().c_str()).value_or("");
}

TEST(bedrock_service, every_family_is_invoked_in_its_own_way) {
    const std::string messages =
        R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":5,"messages":[{"role":"user","content":"a b"}]})";
    const std::string titan = R"({"inputText":"a b","textGenerationConfig":{"maxTokenCount":5}})";
    const std::string human = R"({"prompt":"\n\nHuman: x\n\nAssistant:","max_tokens_to_sample":5})";
    for (const auto& [model, body, member] :
         {std::tuple{"anthropic.claude-3-haiku-v1%3A0", messages, "content"},
          std::tuple{"amazon.titan-text-express-v1", titan, "results"},
          std::tuple{"anthropic.claude-v2%3A1", human, "completion"},
          std::tuple{"cohere.command-text-v14", std::string(R"({"prompt":"a b"})"), "generations"},
          std::tuple{"ai21.j2-mid-v1", std::string(R"({"prompt":"a b","maxTokens":5})"), "completions"}}) {
        const std::string out = answered(std::string(model) + "/invoke", body);
        EXPECT_EQ(status_of(out), 200) << model << out;
        EXPECT_TRUE(json_of(out).as_object().contains(member)) << out;
        EXPECT_TRUE(has(out, "x-amzn-bedrock-input-token-count: "));
        EXPECT_EQ(status_of(answered(std::string(model) + "/invoke", R"({"other":1})")), 400);
        if (std::string_view(member) == "completions") continue;
        const auto chunks =
            frames_of(body_of(answered(std::string(model) + "/invoke-with-response-stream", body)));
        ASSERT_GE(chunks.size(), 2U) << model;
        EXPECT_EQ(chunks.front().fields.at(":event-type"), "chunk");
        const auto last = boost::json::parse(bytes_of(chunks.back()));
        EXPECT_TRUE(last.as_object().contains("amazon-bedrock-invocationMetrics")) << model;
    }
    const auto failed = frames_of(
        body_of(answered("amazon.titan-text-express-v1/invoke-with-response-stream", titan, "n3-err1")));
    EXPECT_EQ(failed.back().fields.at(":exception-type"), "modelStreamErrorException");
    EXPECT_EQ(status_of(answered("ai21.j2-mid-v1/invoke-with-response-stream", R"({"prompt":"a"})")), 400);
    EXPECT_EQ(status_of(answered("other/invoke", "{}")), 400);
}

TEST(bedrock_service, texts_get_vectors) {
    const auto titan =
        json_of(answered("amazon.titan-embed-text-v2%3A0/invoke", R"({"inputText":"a b","dimensions":256})"));
    EXPECT_EQ(titan.at("embedding").as_array().size(), 256U);
    EXPECT_EQ(titan.at("inputTextTokenCount"), 2);
    const std::string cohere =
        answered("cohere.embed-english-v3/invoke", R"({"texts":["a","b c"],"input_type":"search_query"})");
    EXPECT_EQ(json_of(cohere).at("embeddings").as_array().size(), 2U);
    EXPECT_TRUE(has(cohere, "x-amzn-bedrock-input-token-count: 3\r\n"));
}

std::string element(std::string_view xml, const std::string& name) {
    const std::size_t begin = xml.find("<" + name + ">") + name.size() + 2;
    return std::string(xml.substr(begin, xml.find("</" + name + ">") - begin));
}

asked sts(const std::string& role, const std::string& more = "") {
    asked a;
    a.target = "/";
    a.fields = {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}, {"host", "h"}};
    a.body = "Action=AssumeRole&Version=2011-06-15&RoleSessionName=gateway&RoleArn=" + role + more;
    return a;
}

TEST(aws_credentials, a_role_is_assumed_and_used) {
    asked a = sts("arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr", "&DurationSeconds=900");
    sign(a, "sts");
    const std::string out = body_of(ask(a));
    EXPECT_EQ(element(out, "Expiration"), "2026-01-15T12:49:56Z");
    asked use = bedrock(std::string(claude) + "/converse", hello);
    use.fields.emplace_back("x-amz-security-token", element(out, "SessionToken"));
    sign(use, "bedrock", element(out, "AccessKeyId"), element(out, "SecretAccessKey"));
    EXPECT_EQ(status_of(ask(use)), 200);
    for (const auto& [role, more] : {std::pair<std::string, std::string>{"x", ""},
                                     {"arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fforbidden", ""},
                                     {"arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr", "&DurationSeconds=899"}}) {
        asked refused = sts(role, more);
        sign(refused, "sts");
        EXPECT_GE(status_of(ask(refused)), 400) << role << more;
        EXPECT_TRUE(has(ask(refused), "<ErrorResponse"));
    }
    EXPECT_EQ(element(ask(sts("arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr")), "Code"), "SignatureDoesNotMatch");
}

TEST(aws_credentials, an_instance_knows_its_role) {
    asked a;
    a.method = "PUT";
    a.target = "/latest/api/token";
    EXPECT_EQ(status_of(ask(a)), 400);
    a.fields = {{"x-aws-ec2-metadata-token-ttl-seconds", "21600"}};
    const std::string token = body_of(ask(a));
    asked role;
    role.method = "GET";
    role.target = "/latest/meta-data/iam/security-credentials/";
    EXPECT_EQ(status_of(ask(role)), 401);
    role.fields = {{"x-aws-ec2-metadata-token", token}};
    role.target += body_of(ask(role));
    const auto given = json_of(ask(role));
    EXPECT_EQ(given.at("Code"), "Success");
    EXPECT_EQ(given.at("Expiration"), "2026-01-15T13:34:56Z");
    asked use = bedrock(std::string(claude) + "/converse", hello);
    use.fields.emplace_back("x-amz-security-token", given.at("Token").as_string().c_str());
    sign(use,
         "bedrock",
         given.at("AccessKeyId").as_string().c_str(),
         given.at("SecretAccessKey").as_string().c_str());
    EXPECT_EQ(status_of(ask(use)), 200);
}

} // namespace
} // namespace sluice::sim::bedrock_test
