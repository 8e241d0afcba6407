// The form of a provider's config block and the check of it come from one table. Here both ends of it are
// held against each other: what the form would send is accepted, and what it would not send is refused.
#include "providers/registry.hpp"
#include "proxy/control/provider_schema.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::control::provider_schema_test {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;
using testing::ElementsAre;
using testing::HasSubstr;

std::string text_of(const value& from) {
    return {from.as_string().data(), from.as_string().size()};
}

std::vector<std::string> texts_of(const value& from) {
    std::vector<std::string> out;
    for (const value& each : from.as_array())
        out.push_back(text_of(each));
    return out;
}

object schema_of(std::string_view name) {
    const value whole = boost::json::parse(provider_schema());
    for (const value& each : whole.at("providers").as_array()) {
        if (text_of(each.at("name")) == name) return each.as_object();
    }
    ADD_FAILURE() << "no provider " << name;
    return {};
}

bool is_empty_list(const object& of, std::string_view key) {
    const value* const found = of.if_contains({key.data(), key.size()});
    return found == nullptr || found->as_array().empty();
}

array list_of(const object& of, std::string_view key) {
    const value* const found = of.if_contains({key.data(), key.size()});
    return found == nullptr ? array() : found->as_array();
}

// A value that a person might type.
std::string sample_of(const object& field) {
    if (text_of(field.at("name")) == "instance_profile_arn") return "arn:aws:iam::123456789012:role/name";
    return text_of(field.at("kind")) == "url" ? "https://example.com/v1" : "us-east-1";
}

// What stands in the form: field → value. Secrets too.
using filled = std::map<std::string, std::string>;

// A form as the page fills it, from nothing but the schema.
class form {
public:
    explicit form(const object& schema)
        : fields_(list_of(schema, "fields"))
        , one_of_(list_of(schema, "one_of")) {
        fill({}, fields_.begin());
    }

    // One for each choice and each option, with nothing in it that could be left out.
    [[nodiscard]] std::vector<filled> smallest() const { return forms_; }

    [[nodiscard]] bool holds(const object& field, const filled& in) const {
        const array conditions = list_of(field, "only_if");
        return std::ranges::all_of(conditions, [&](const value& each) {
            const std::vector<std::string> values = texts_of(each.at("values"));
            return std::ranges::find(values, value_in(in, text_of(each.at("field")))) != values.end();
        });
    }

private:
    [[nodiscard]] std::string value_in(const filled& in, const std::string& name) const {
        if (const auto found = in.find(name); found != in.end()) return found->second;
        for (const value& each : fields_) {
            const object& field = each.as_object();
            if (text_of(field.at("name")) == name && field.contains("default"))
                return text_of(field.at("default"));
        }
        return "";
    }

    void fill(filled in, const value* at) {
        if (at == fields_.end()) {
            take_options(std::move(in), one_of_.begin());
            return;
        }
        const object& field = at->as_object();
        const std::string name = text_of(field.at("name"));
        const bool may_be_left_out = !field.at("required").as_bool() || !holds(field, in);
        if (may_be_left_out) fill(in, at + 1);
        if (!holds(field, in)) return;
        for (const value& choice : list_of(field, "choices")) {
            in[name] = text_of(choice);
            fill(in, at + 1);
        }
        if (may_be_left_out || !is_empty_list(field, "choices")) return;
        in[name] = sample_of(field);
        fill(std::move(in), at + 1);
    }

    void take_options(filled in, const value* at) {
        if (at == one_of_.end()) {
            forms_.push_back(std::move(in));
            return;
        }
        for (const value& option : at->at("options").as_array()) {
            filled with = in;
            for (const std::string& name : texts_of(option.at("fields")))
                with[name] = sample_of(field_of(name));
            take_options(std::move(with), at + 1);
        }
    }

    [[nodiscard]] object field_of(const std::string& name) const {
        for (const value& each : fields_) {
            if (text_of(each.at("name")) == name) return each.as_object();
        }
        ADD_FAILURE() << "an option of a field that is not there: " << name;
        return {};
    }

    array fields_;
    array one_of_;
    std::vector<filled> forms_;
};

result<void> check(const providers::provider& by, const object& schema, const filled& in) {
    const array fields = list_of(schema, "fields");
    providers::resolved_config config;
    for (const auto& [name, text] : in) {
        const bool secret = std::ranges::any_of(fields, [&](const value& each) {
            return text_of(each.at("name")) == name && each.at("secret").as_bool();
        });
        if (secret) {
            config.secrets.emplace(name, secret_string(text));
        } else {
            config.plain.emplace(name, text);
        }
    }
    return by.check(config);
}

std::string shown(const filled& in) {
    std::string out;
    for (const auto& [name, text] : in)
        out.append(name).append("=").append(text).append(" ");
    return out;
}

TEST(provider_schema, has_every_provider_that_is_built) {
    const value whole = boost::json::parse(provider_schema());
    std::vector<std::string> names;
    for (const value& each : whole.at("providers").as_array())
        names.push_back(text_of(each.at("name")));
    std::vector<std::string> built;
    for (const providers::entry& each : providers::all_providers()) {
        if (each.built != nullptr) built.emplace_back(each.name);
    }
    EXPECT_EQ(names, built);
    EXPECT_EQ(names.size(), 9U);
}

TEST(provider_schema, what_a_form_sends_is_accepted) {
    std::map<std::string_view, std::size_t> forms;
    for (const providers::entry& each : providers::all_providers()) {
        const object schema = schema_of(each.name);
        for (const filled& in : form(schema).smallest()) {
            const auto good = check(*each.built, schema, in);
            EXPECT_TRUE(good) << each.name << ": " << shown(in) << (good ? "" : good.error().message);
            ++forms[each.name];
        }
    }
    EXPECT_EQ(forms["openai"], 4U) << "the type left out, openai, azure, azuread";
    EXPECT_EQ(forms["amazon-bedrock"], 8U) << "four families, two kinds of credential";
    EXPECT_EQ(forms["custom"], 2U);
    EXPECT_EQ(forms["anthropic"], 1U);
}

TEST(provider_schema, a_form_that_lacks_something_is_refused_by_its_name) {
    for (const providers::entry& each : providers::all_providers()) {
        const object schema = schema_of(each.name);
        for (const filled& whole : form(schema).smallest()) {
            for (const auto& [name, text] : whole) {
                if (name == "openai_api_type") continue; // has a default
                filled in = whole;
                in.erase(name);
                const auto checked = check(*each.built, schema, in);
                ASSERT_FALSE(checked) << each.name << " without " << name << ": " << shown(in);
                EXPECT_EQ(checked.error().code, errc::invalid_parameter_value);
                EXPECT_THAT(checked.error().message, HasSubstr("'" + name + "'")) << shown(in);
            }
        }
    }
}

TEST(provider_schema, two_options_at_once_are_refused) {
    for (const providers::entry& each : providers::all_providers()) {
        const object schema = schema_of(each.name);
        if (is_empty_list(schema, "one_of")) continue;
        filled both;
        for (const filled& in : form(schema).smallest())
            both.insert(in.begin(), in.end());
        const auto checked = check(*each.built, schema, both);
        ASSERT_FALSE(checked) << each.name;
        EXPECT_THAT(checked.error().message, HasSubstr("exactly one of"));
    }
}

TEST(provider_schema, every_field_that_is_offered_may_be_given) {
    for (const providers::entry& each : providers::all_providers()) {
        const object schema = schema_of(each.name);
        const form of(schema);
        for (const filled& smallest : of.smallest()) {
            for (const value& one : list_of(schema, "fields")) {
                const object& field = one.as_object();
                const std::string name = text_of(field.at("name"));
                if (smallest.contains(name) || field.contains("group") || field.contains("choices") ||
                    !of.holds(field, smallest))
                    continue;
                filled in = smallest;
                in[name] = sample_of(field);
                EXPECT_TRUE(check(*each.built, schema, in)) << each.name << ": " << shown(in);
            }
        }
    }
}

TEST(provider_schema, rows_of_one_field_never_hold_at_once) {
    for (const providers::entry& each : providers::all_providers()) {
        const object schema = schema_of(each.name);
        const form of(schema);
        for (const filled& in : of.smallest()) {
            std::map<std::string, int> rows;
            for (const value& one : list_of(schema, "fields")) {
                if (of.holds(one.as_object(), in)) {
                    EXPECT_EQ(++rows[text_of(one.at("name"))], 1) << each.name << ": " << shown(in);
                }
            }
        }
    }
}

TEST(provider_schema, a_value_that_is_no_choice_is_refused_and_capitals_do_not_matter) {
    for (const providers::entry& each : providers::all_providers()) {
        for (const providers::config_field& field : each.built->fields()) {
            if (field.choices.empty()) continue;
            const object schema = schema_of(each.name);
            for (filled in : form(schema).smallest()) {
                const std::string name(field.name);
                std::string& choice = in[name];
                if (choice.empty()) choice = std::string(field.default_value);
                std::ranges::transform(choice, choice.begin(), [](char c) {
                    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
                });
                EXPECT_TRUE(check(*each.built, schema, in)) << shown(in);
                choice = "none of them";
                const auto checked = check(*each.built, schema, in);
                ASSERT_FALSE(checked) << shown(in);
                EXPECT_THAT(checked.error().message, HasSubstr("'" + name + "' must be one of"));
            }
        }
    }
}

TEST(provider_schema, what_is_always_refused_is_not_offered) {
    for (const value& each : list_of(schema_of("amazon-bedrock"), "fields"))
        EXPECT_NE(text_of(each.at("name")), "uc_service_credential_name");
}

TEST(provider_schema, is_written_as_forms_read_it) {
    std::string bedrock;
    append_provider(bedrock, providers::bedrock_provider());
    EXPECT_EQ(
        boost::json::parse(bedrock),
        boost::json::parse(
            R"({"name":"amazon-bedrock","config_block":"amazon_bedrock_config",)"
            R"("tasks":["llm/v1/chat","llm/v1/completions","llm/v1/embeddings"],"fields":[)"
            R"({"name":"aws_region","required":true,"secret":false,"kind":"text"},)"
            R"({"name":"bedrock_provider","required":true,"secret":false,"kind":"text",)"
            R"("choices":["anthropic","cohere","ai21labs","amazon"]},)"
            R"({"name":"aws_access_key_id","required":false,"secret":true,"kind":"text","group":"keys"},)"
            R"({"name":"aws_secret_access_key","required":false,"secret":true,"kind":"text","group":"keys"},)"
            R"({"name":"instance_profile_arn","required":false,"secret":false,"kind":"text","group":"role"}],)"
            R"("one_of":[{"name":"authentication","options":[)"
            R"({"name":"keys","fields":["aws_access_key_id","aws_secret_access_key"]},)"
            R"({"name":"role","fields":["instance_profile_arn"]}]}]})"));
    const object openai = schema_of("openai");
    EXPECT_FALSE(openai.contains("one_of"));
    const array& fields = openai.at("fields").as_array();
    EXPECT_EQ(fields.at(0),
              boost::json::parse(R"({"name":"openai_api_type","required":false,"secret":false,"kind":"text",)"
                                 R"("choices":["openai","azure","azuread"],"default":"openai"})"));
    EXPECT_EQ(fields.at(3),
              boost::json::parse(R"({"name":"openai_api_base","required":true,"secret":false,"kind":"url",)"
                                 R"("only_if":[{"field":"openai_api_type","values":["azure","azuread"]}]})"));
    EXPECT_EQ(text_of(list_of(schema_of("google-cloud-vertex-ai"), "fields").at(2).at("kind")), "multiline");
    EXPECT_THAT(texts_of(schema_of("anthropic").at("tasks")),
                ElementsAre("llm/v1/chat", "llm/v1/completions"));
}

} // namespace
} // namespace sluice::control::provider_schema_test
