#include "proxy/control/scim_patch.hpp"
#include "tests/unit/proxy/control/store_support.hpp"

#include <gtest/gtest.h>

namespace sluice::control::scim_patch_test {
namespace {

const char* const group = R"({"id":"7","displayName":"g","active":true,"entitlements":[],
    "members":[{"value":"1001","display":"a"},{"value":"1002","display":"b"}]})";

// One member of the group after these operations, or the error's sentence.
std::string after(std::string_view operations, std::string_view member = "members") {
    const auto patched =
        apply_scim_patch(body(group), body(R"({"Operations":)" + std::string(operations) + "}"));
    if (!patched) return patched.error().message;
    const auto* found = patched->if_contains(boost::json::string_view(member.data(), member.size()));
    return found ? text_of(*found) : "(none)";
}

TEST(scim_patch, a_list_gains_what_it_does_not_have_yet) {
    EXPECT_EQ(after(R"([{"op":"add","path":"members","value":[{"value":"1002"},{"value":"1003"}]}])"),
              R"([{"value":"1001","display":"a"},{"value":"1002","display":"b"},{"value":"1003"}])");
    EXPECT_EQ(after(R"([{"op":"Add","value":{"members":[{"value":"1003"}]}}])"),
              R"([{"value":"1001","display":"a"},{"value":"1002","display":"b"},{"value":"1003"}])");
    EXPECT_EQ(after(R"([{"op":"add","path":"entitlements","value":{"value":"x"}}])", "entitlements"),
              R"([{"value":"x"}])");
}

TEST(scim_patch, elements_leave_by_filter_by_value_or_all) {
    EXPECT_EQ(after(R"([{"op":"remove","path":"members[value eq \"1001\"]"}])"),
              R"([{"value":"1002","display":"b"}])");
    EXPECT_EQ(after(R"([{"op":"remove","path":"members","value":[{"value":"1002"}]}])"),
              R"([{"value":"1001","display":"a"}])");
    EXPECT_EQ(after(R"([{"op":"remove","path":"members"}])"), "[]");
    EXPECT_EQ(after(R"([{"op":"remove","path":"members[value eq \"9\"]"}])"),
              R"([{"value":"1001","display":"a"},{"value":"1002","display":"b"}])");
}

TEST(scim_patch, a_value_names_an_element_in_any_case_and_of_its_own_type_only) {
    EXPECT_EQ(after(R"([{"op":"add","path":"members","value":[{"VALUE":"1002"},{"value":1001}]}])"),
              R"([{"value":"1001","display":"a"},{"value":"1002","display":"b"},{"value":1001}])");
    EXPECT_EQ(after(R"([{"op":"add","path":"members","value":[{"value":"1"},{"value":"1"}]}])"),
              R"([{"value":"1001","display":"a"},{"value":"1002","display":"b"},{"value":"1"}])");
}

TEST(scim_patch, values_are_replaced_and_removed) {
    EXPECT_EQ(after(R"([{"op":"replace","path":"displayName","value":"h"}])", "displayName"), R"("h")");
    EXPECT_EQ(after(R"([{"op":"REPLACE","path":"DISPLAYNAME","value":"h"}])", "displayName"), R"("h")");
    EXPECT_EQ(after(R"([{"op":"replace","value":{"displayName":"h","id":"9"}}])", "displayName"), R"("h")");
    EXPECT_EQ(after(R"([{"op":"remove","path":"displayName"}])", "displayName"), "(none)");
    EXPECT_EQ(after(R"([{"op":"replace","path":"members","value":[]}])"), "[]");
    EXPECT_EQ(after(R"([{"op":"replace","path":"members[value eq \"1001\"].display","value":"z"}])"),
              R"([{"value":"1001","display":"z"},{"value":"1002","display":"b"}])");
    EXPECT_EQ(after(R"([{"op":"add","path":"name.familyName","value":"L"}])", "name"),
              R"({"familyName":"L"})");
    EXPECT_EQ(
        after(
            R"([{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User:displayName","value":"h"}])",
            "displayName"),
        R"("h")");
}

TEST(scim_patch, a_replaced_active_without_a_value_is_false_for_the_sdk_leaves_false_out) {
    EXPECT_EQ(after(R"([{"op":"replace","path":"active"}])", "active"), "false");
    EXPECT_EQ(after(R"([{"op":"replace","path":"active","value":true}])", "active"), "true");
}

TEST(scim_patch, operations_apply_in_order) {
    EXPECT_EQ(
        after(R"([{"op":"remove","path":"members"},{"op":"add","path":"members","value":{"value":"5"}}])"),
        R"([{"value":"5"}])");
}

TEST(scim_patch, malformed_operations_are_refused) {
    for (const std::string_view bad : {R"([])",
                                       R"([{"op":"move","path":"members"}])",
                                       R"([{"path":"members"}])",
                                       R"([{"op":"remove"}])",
                                       R"([{"op":"add","value":"x"}])",
                                       R"([{"op":"add","path":"unknown","value":1}])",
                                       R"([{"op":"add","value":{"unknown":1}}])",
                                       R"([{"op":"remove","path":"members["}])",
                                       R"([{"op":"remove","path":"members[value eq]"}])",
                                       R"([{"op":"remove","path":"displayName[value pr]"}])",
                                       R"([{"op":"remove","path":"members[value pr].a.b"}])",
                                       R"([{"op":"remove","path":"members."}])",
                                       R"([1])",
                                       R"("x")",
                                       R"([{"op":"add","path":7,"value":1}])"}) {
        const auto patched =
            apply_scim_patch(body(group), body(R"({"Operations":)" + std::string(bad) + "}"));
        EXPECT_TRUE(fails_with(patched, errc::invalid_parameter_value)) << bad;
    }
    std::string many = "[";
    for (std::size_t i = 0; i <= max_patch_operations; ++i)
        many += std::string(i > 0 ? "," : "") + R"({"op":"remove","path":"members"})";
    EXPECT_TRUE(fails_with(apply_scim_patch(body(group), body(R"({"Operations":)" + many + "]}")),
                           errc::invalid_parameter_value));
}

} // namespace
} // namespace sluice::control::scim_patch_test
