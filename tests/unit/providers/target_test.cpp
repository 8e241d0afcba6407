#include "providers/registry.hpp"
#include "providers/target.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers::target_test {

namespace {

// "https://host:port|path", or "!" for an error.
std::string parsed(std::string_view url) {
    std::string path = "old";
    const auto out = parse_url(url, path);
    if (!out) {
        EXPECT_EQ(out.error().code, errc::invalid_parameter_value);
        return "!";
    }
    return out->text() + "|" + path;
}

TEST(target, good_urls_are_split) {
    EXPECT_EQ(parsed("https://api.openai.com/v1"), "https://api.openai.com:443|/v1");
    EXPECT_EQ(parsed("HTTPS://API.OpenAI.com/V1///"), "https://api.openai.com:443|/V1");
    EXPECT_EQ(parsed("http://localhost:8080"), "http://localhost:8080|");
    EXPECT_EQ(parsed("http://h/"), "http://h:80|");
    EXPECT_EQ(parsed("http://10.0.0.1:1/x?a=b&c=%20"), "http://10.0.0.1:1|/x?a=b&c=%20");
    EXPECT_EQ(parsed("https://h?x=1"), "https://h:443|/?x=1");
    EXPECT_EQ(parsed("https://[2001:DB8::1]:65535/p"), "https://[2001:db8::1]:65535|/p");
    EXPECT_EQ(parsed("https://[::1]"), "https://[::1]:443|");
    EXPECT_EQ(parsed("https://my_host-1.example.com."), "https://my_host-1.example.com.:443|");
}

TEST(target, anything_else_is_refused) {
    for (const std::string_view url : {"",
                                       "h",
                                       "api.openai.com/v1",
                                       "ftp://h",
                                       "https:/h",
                                       "https:h",
                                       "https://",
                                       "https:///p",
                                       "//h",
                                       "https://u@h",
                                       "https://u:p@h",
                                       "https://h#f",
                                       "https://h/p#f",
                                       "https://h /",
                                       "https://h/a b",
                                       " https://h",
                                       "https://h\t",
                                       "https://h\r\nX: y",
                                       "https://h\x7f",
                                       "https://h/\x01",
                                       "https://h\xc3\xa9/",
                                       "https://h/\xc3\xa9",
                                       "https://h:0",
                                       "https://h:",
                                       "https://h:65536",
                                       "https://h:99999999999",
                                       "https://h:+1",
                                       "https://h:1x",
                                       "https://h:80:80",
                                       "https://[::1",
                                       "https://[::1]x",
                                       "https://[::1]:",
                                       "https://[h]",
                                       "https://[]",
                                       "https://::1",
                                       "https://[fe80::1%eth0]",
                                       "https://.h",
                                       "https://-h",
                                       "https://a..b",
                                       "https://h\\p",
                                       "https://h/<x>",
                                       "https://h/%",
                                       "https://h/%zz",
                                       "https://h/%00",
                                       "https://h/\"",
                                       "https://h/{x}",
                                       "https://h,g"}) {
        EXPECT_EQ(parsed(url), "!") << url;
    }
    EXPECT_EQ(parsed("https://h/" + std::string(3000, 'a')), "!");
    EXPECT_EQ(parsed("https://" + std::string(300, 'a')), "!");
    EXPECT_EQ(parsed(std::string_view("https://h\0/x", 12)), "!");
}

TEST(target, an_error_does_not_repeat_the_url) {
    std::string path;
    const auto out = parse_url("https://user:sk-secret@host", path);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().message.find("sk-secret"), std::string::npos);
}

TEST(registry, it_knows_the_nine_providers_of_the_api) {
    std::set<std::string_view> names;
    for (const entry& each : all_providers()) {
        names.insert(each.name);
        EXPECT_EQ(find_provider(each.name), &each);
        if (each.built == nullptr) continue;
        EXPECT_EQ(each.built->name(), each.name);
        EXPECT_EQ(each.built->config_block(), each.config_block);
    }
    EXPECT_EQ(names,
              (std::set<std::string_view>{"openai",
                                          "anthropic",
                                          "cohere",
                                          "ai21labs",
                                          "amazon-bedrock",
                                          "google-cloud-vertex-ai",
                                          "databricks-model-serving",
                                          "palm",
                                          "custom"}));
    EXPECT_EQ(find_provider("custom")->config_block, "custom_provider_config");
    EXPECT_EQ(find_provider("OpenAI"), nullptr);
    EXPECT_EQ(find_provider(""), nullptr);
    EXPECT_NE(find_provider("openai")->built, nullptr);
    EXPECT_NE(find_provider("anthropic")->built, nullptr);
}

} // namespace
} // namespace sluice::providers::target_test
