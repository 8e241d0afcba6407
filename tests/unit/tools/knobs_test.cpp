#include "tools/provider/knobs.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice::sim::knobs_test {
namespace {

using std::chrono::milliseconds;

TEST(knobs, words_with_numbers_set_sizes_and_times) {
    const auto k = parse_knobs("b4k-l60-n50-d20-f8-big2-drip5-stale100");
    ASSERT_TRUE(k.has_value());
    knobs wanted;
    wanted.body_bytes = 4096;
    wanted.latency = milliseconds(60);
    wanted.chunks = 50;
    wanted.pace = milliseconds(20);
    wanted.floats = 8;
    wanted.big_kib = 2;
    wanted.drip = milliseconds(5);
    wanted.stale = milliseconds(100);
    EXPECT_EQ(*k, wanted);
}

TEST(knobs, a_word_that_begins_like_a_shorter_one_is_itself) {
    const auto k = parse_knobs("err3-e503-ra7-s103-stall2-cut9");
    ASSERT_TRUE(k.has_value());
    EXPECT_EQ(k->error_after, 3U);
    EXPECT_EQ(k->error_status, 503);
    EXPECT_EQ(k->retry_after_seconds, 7U);
    EXPECT_EQ(k->status, 103);
    EXPECT_EQ(k->stall_after, 2U);
    EXPECT_EQ(k->cut_after, 9U);
}

TEST(knobs, a_cut_without_a_number_is_before_the_head) {
    const auto k = parse_knobs("cut");
    ASSERT_TRUE(k.has_value());
    EXPECT_TRUE(k->cut_before_head);
    EXPECT_FALSE(k->cut_after.has_value());
}

TEST(knobs, numbers_that_may_be_left_out_have_defaults) {
    const auto k = parse_knobs("drip-stall-stale-err");
    ASSERT_TRUE(k.has_value());
    EXPECT_EQ(k->drip, milliseconds(1));
    EXPECT_EQ(k->stall_after, 0U);
    EXPECT_EQ(k->stale, milliseconds(0));
    EXPECT_EQ(k->error_after, 0U);
}

TEST(knobs, an_unknown_word_is_refused_by_name) {
    for (const std::string spec : {"b500-nope", "b5oo", "b", "b-1x", "e", "n99999999999999999999", "CUT"}) {
        const auto k = parse_knobs(spec);
        ASSERT_FALSE(k.has_value()) << spec;
        EXPECT_EQ(k.error().code, errc::bad_request);
        EXPECT_NE(k.error().message.find('\''), std::string::npos) << k.error().message;
    }
}

TEST(knobs, a_number_out_of_range_is_refused) {
    for (const std::string spec :
         {"e200", "e600", "s99", "s300", "big0", "f0", "b65k-l3600001", "b99999999k"})
        EXPECT_FALSE(parse_knobs(spec).has_value()) << spec;
}

TEST(knobs, empty_words_between_dashes_are_passed_over) {
    const auto k = parse_knobs("-n2--crlf-");
    ASSERT_TRUE(k.has_value());
    EXPECT_EQ(k->chunks, 2U);
    EXPECT_TRUE(k->crlf);
}

TEST(knobs, every_word_of_the_help_is_known) {
    for (const std::string word :
         {"b1",      "l1",     "n1",       "d1",   "f1",       "big1",     "drip",   "stale1", "e400",
          "s204",    "echo",   "echoreq",  "cut",  "cuthead",  "cut1",     "stall",  "rst",    "badchunk",
          "badjson", "html",   "array",    "gzip", "redirect", "extra",    "close",  "noclen", "chunked",
          "err1",    "nodone", "nofinish", "crlf", "comments", "echohead", "nousage"}) {
        EXPECT_TRUE(parse_knobs(word).has_value()) << word;
        const std::string name = word.substr(0, word.find_first_of("0123456789"));
        EXPECT_NE(knob_help().find(name), std::string_view::npos) << name;
    }
}

TEST(knobs, a_plain_model_name_has_none) {
    for (const std::string model : {"gpt-4o", "simple", "mkx", "", "my-simulation"}) {
        const auto k = knobs_of_model(model);
        ASSERT_TRUE(k.has_value()) << model;
        EXPECT_EQ(*k, knobs{}) << model;
    }
}

TEST(knobs, a_model_name_may_carry_a_spec) {
    for (const std::string model : {"gpt-4o-sim-n7-crlf", "sim-n7-crlf"}) {
        const auto k = knobs_of_model(model);
        ASSERT_TRUE(k.has_value()) << model;
        EXPECT_EQ(k->chunks, 7U);
        EXPECT_TRUE(k->crlf);
    }
    EXPECT_FALSE(knobs_of_model("gpt-4o-sim-what").has_value());
}

TEST(knobs, mk_names_have_the_defaults_of_a_benchmark) {
    const auto k = knobs_of_model("mk-n3");
    ASSERT_TRUE(k.has_value());
    EXPECT_EQ(k->body_bytes, 500U);
    EXPECT_EQ(k->chunks, 3U);
    EXPECT_EQ(k->floats, 1536U);
}

TEST(knobs, names_that_begin_with_echo_repeat_what_they_are_sent) {
    EXPECT_EQ(knobs_of_model("echo")->echo, echo_kind::input);
    EXPECT_EQ(knobs_of_model("echo-4o-sim-n2")->echo, echo_kind::input);
    EXPECT_EQ(knobs_of_model("echo-request")->echo, echo_kind::request);
    EXPECT_EQ(knobs_of_model("echo-head")->echo, echo_kind::head);
}

} // namespace
} // namespace sluice::sim::knobs_test
