// What a browser's form does: asks which fields a provider's config block has, and makes an endpoint of them.
#include "tests/support/gateway.hpp"
#include "tests/support/service_account.hpp"
#include "tests/support/text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

namespace sluice::support::provider_form_test {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

// Nothing is asked there: endpoints are only made.
constexpr std::string_view nowhere = "http://127.0.0.1:9/v1";

std::string text_of(const value& from) {
    return {from.as_string().data(), from.as_string().size()};
}

class provider_form : public testing::Test {
protected:
    provider_form()
        : providers_(boost::json::parse(proxy_.get("/api/2.0/sluice/providers").body)) {}

    // Field → value: what the provider cannot do without, and the first option of each choice.
    static std::map<std::string, std::string> smallest(const object& provider) {
        std::map<std::string, std::string> out;
        const auto take = [&](const object& field) {
            const std::string name = text_of(field.at("name"));
            if (field.contains("choices")) {
                out[name] = text_of(field.at("choices").at(0));
            } else if (name == "private_key") {
                out[name] = test::service_account_json();
            } else {
                out[name] = text_of(field.at("kind")) == "url" ? std::string(nowhere) : "us-east-1";
            }
        };
        std::string group;
        if (const value* const choices = provider.if_contains("one_of"))
            group = text_of(choices->at(0).at("options").at(0).at("name"));
        for (const value& each : provider.at("fields").as_array()) {
            const object& field = each.as_object();
            const value* const of = field.if_contains("group");
            if (of != nullptr ? text_of(*of) == group : field.at("required").as_bool() && holds(field))
                take(field);
        }
        return out;
    }

    // Of the only condition that there is: with nothing given, the type is openai.
    static bool holds(const object& field) {
        const value* const conditions = field.if_contains("only_if");
        return conditions == nullptr || text_of(conditions->at(0).at("values").at(0)) == "openai";
    }

    answer make(const object& provider, const std::map<std::string, std::string>& fields) {
        object block;
        for (const auto& [name, text] : fields) {
            const bool secret =
                std::ranges::any_of(provider.at("fields").as_array(), [&name](const value& each) {
                    return text_of(each.at("name")) == name && each.at("secret").as_bool();
                });
            const std::size_t dot = name.find('.');
            const std::string own = name.substr(dot == std::string::npos ? 0 : dot + 1);
            object* in = &block;
            if (dot != std::string::npos) {
                value& inner = block[name.substr(0, dot)];
                if (!inner.is_object()) inner.emplace_object();
                in = &inner.as_object();
            }
            (*in)[secret ? own + "_plaintext" : own] = text;
        }
        object model{
            {"name", "gpt-4"}, {"provider", provider.at("name")}, {"task", provider.at("tasks").at(0)}};
        model[provider.at("config_block").as_string()] = block;
        const std::string body = joined({R"({"name":"e)",
                                         std::to_string(made_++),
                                         R"(","config":{"served_entities":[{"external_model":)",
                                         boost::json::serialize(model),
                                         "}]}}"});
        return proxy_.post("/api/2.0/serving-endpoints", body);
    }

    gateway proxy_{[](proxy::settings& s) {
        for (const std::string_view name : {"openai",
                                            "anthropic",
                                            "cohere",
                                            "ai21labs",
                                            "amazon-bedrock",
                                            "google-cloud-vertex-ai",
                                            "palm",
                                            "microsoft-entra"})
            s.provider_base_urls.emplace(name, nowhere);
    }};
    value providers_;
    int made_ = 0;
};

TEST_F(provider_form, an_endpoint_is_made_of_the_fields_that_are_asked_for) {
    ASSERT_EQ(providers_.at("providers").as_array().size(), 9U);
    for (const value& each : providers_.at("providers").as_array()) {
        const answer made = make(each.as_object(), smallest(each.as_object()));
        EXPECT_EQ(made.status, 200) << each.at("name") << made.body;
    }
}

TEST_F(provider_form, a_field_that_is_left_out_is_named) {
    for (const value& each : providers_.at("providers").as_array()) {
        const auto whole = smallest(each.as_object());
        for (const auto& [name, text] : whole) {
            auto fields = whole;
            fields.erase(name);
            const answer refused = make(each.as_object(), fields);
            EXPECT_EQ(refused.status, 400) << each.at("name") << " without " << name;
            EXPECT_THAT(refused.body, testing::HasSubstr(name.substr(name.find('.') + 1))) << name;
        }
    }
}

} // namespace
} // namespace sluice::support::provider_form_test
