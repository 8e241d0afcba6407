#include "proxy/config.hpp"
#include "tests/unit/proxy/control/store_support.hpp"

#include <cstdlib>

namespace sluice::proxy::config_test {
namespace {

using control::fails_with;
using control::succeeds;
using control::temporary_directory;
using control::write_all;
using std::chrono::milliseconds;

result<settings> read(std::string_view text, settings base = {}) {
    const temporary_directory temporary;
    write_all(temporary.file("sluice.yaml"), text);
    return read_config_file(temporary.file("sluice.yaml"), std::move(base));
}

// The message without the directory.
std::string message_of(std::string_view text) {
    const auto outcome = read(text);
    if (outcome) return "it succeeded";
    EXPECT_EQ(outcome.error().code, errc::invalid_parameter_value);
    return outcome.error().message.substr(outcome.error().message.find("sluice.yaml"));
}

TEST(config, every_setting_is_read) {
    const auto s = read(R"(
listen: ["127.0.0.1:0", '[::1]:8080']
data_dir: /var/lib/sluice
threads: 3
upstream_allow: [127.0.0.1/32, "::1"]
upstream_ca: [ca.pem]
provider_base_urls:
  openai: https://localhost:9443/v1
single_external_entity: true
update_delay_ms: 250
probe_updates: true
access_log: true
log_level: debug
limits:
  request_head: {bytes: 2000, fields: 20, target_bytes: 300}
  response_head: {bytes: 3000, fields: 30}
  body_bytes: 1
  answer_bytes: 2
  event_bytes: 3
  client_connections: 4
  upstream_connections: 5
  requests_per_connection: 6
timeouts:
  head: 1ms
  body: 2s
  body_min_rate: 7
  keep_alive: 3m
  connect: 4ms
  first_byte: 5ms
  first_byte_stream: 6ms
  stream_idle: 7ms
  total: 1h
  stream_keep_alive: 8ms
  pool_idle: 9ms
  drain: 10ms
)");
    ASSERT_TRUE(succeeds(s));
    EXPECT_EQ(s->listen, (std::vector<std::string>{"127.0.0.1:0", "[::1]:8080"}));
    EXPECT_EQ(s->data_dir, "/var/lib/sluice");
    EXPECT_EQ(s->threads, 3U);
    EXPECT_EQ(s->upstream_allow, (std::vector<std::string>{"127.0.0.1/32", "::1"}));
    EXPECT_EQ(s->upstream_ca, std::vector<std::string>{"ca.pem"});
    EXPECT_EQ(s->provider_base_urls.at("openai"), "https://localhost:9443/v1");
    EXPECT_TRUE(s->single_external_entity);
    EXPECT_EQ(s->update_delay, milliseconds(250));
    EXPECT_TRUE(s->probe_updates);
    EXPECT_TRUE(s->access_log);
    EXPECT_EQ(s->log_level, "debug");
    EXPECT_EQ(s->limits.request_head.bytes, 2000U);
    EXPECT_EQ(s->limits.request_head.fields, 20U);
    EXPECT_EQ(s->limits.request_head.target_bytes, 300U);
    EXPECT_EQ(s->limits.response_head.bytes, 3000U);
    EXPECT_EQ(s->limits.response_head.fields, 30U);
    EXPECT_EQ(s->limits.body_bytes, 1U);
    EXPECT_EQ(s->limits.answer_bytes, 2U);
    EXPECT_EQ(s->limits.event_bytes, 3U);
    EXPECT_EQ(s->limits.client_connections, 4U);
    EXPECT_EQ(s->limits.upstream_connections, 5U);
    EXPECT_EQ(s->limits.requests_per_connection, 6U);
    EXPECT_EQ(s->timeouts.head, milliseconds(1));
    EXPECT_EQ(s->timeouts.body, milliseconds(2000));
    EXPECT_EQ(s->timeouts.body_min_rate, 7U);
    EXPECT_EQ(s->timeouts.keep_alive, milliseconds(180'000));
    EXPECT_EQ(s->timeouts.connect, milliseconds(4));
    EXPECT_EQ(s->timeouts.first_byte, milliseconds(5));
    EXPECT_EQ(s->timeouts.first_byte_stream, milliseconds(6));
    EXPECT_EQ(s->timeouts.stream_idle, milliseconds(7));
    EXPECT_EQ(s->timeouts.total, milliseconds(3'600'000));
    EXPECT_EQ(s->timeouts.stream_keep_alive, milliseconds(8));
    EXPECT_EQ(s->timeouts.pool_idle, milliseconds(9));
    EXPECT_EQ(s->timeouts.drain, milliseconds(10));
}

TEST(config, what_the_file_does_not_say_stays_as_it_was) {
    settings base;
    base.threads = 7;
    base.data_dir = "elsewhere";
    for (const char* text :
         {"", "# nothing\n", "---\n", "threads:\nlisten: ~\n", "limits:\ntimeouts: {}\n"}) {
        const auto s = read(text, base);
        ASSERT_TRUE(succeeds(s)) << text;
        EXPECT_EQ(s->threads, 7U);
        EXPECT_EQ(s->data_dir, "elsewhere");
        EXPECT_EQ(s->listen, std::vector<std::string>{"127.0.0.1:8080"});
    }
}

TEST(config, an_unknown_key_is_named_with_file_and_line) {
    EXPECT_EQ(message_of("threads: 1\nlisten_on: x\n"), "sluice.yaml:2: listen_on: unknown key");
    EXPECT_EQ(message_of("limits:\n  body_bytes: 5\n  body_byte: 5\n"),
              "sluice.yaml:3: limits.body_byte: unknown key");
    EXPECT_EQ(message_of("limits:\n  response_head: {target_bytes: 5}\n"),
              "sluice.yaml:2: limits.response_head.target_bytes: unknown key");
    EXPECT_EQ(message_of("secrets:\n- scope: s\n  key: k\n  string_value: v\n  value: x\n"),
              "sluice.yaml:5: secrets[0].value: unknown key");
}

TEST(config, a_repeated_key_is_refused) {
    EXPECT_EQ(message_of("threads: 1\nthreads: 2\n"), "sluice.yaml:2: the key 'threads' is repeated");
}

TEST(config, wrong_types_are_named_with_their_place) {
    EXPECT_EQ(message_of("threads: many\n"), "sluice.yaml:1: threads: must be a whole number, 0 or more");
    EXPECT_EQ(message_of("threads: -1\n"), "sluice.yaml:1: threads: must be a whole number, 0 or more");
    EXPECT_EQ(message_of("threads: 99999999999\n"), "sluice.yaml:1: threads: is too large");
    EXPECT_EQ(message_of("access_log: yes\n"), "sluice.yaml:1: access_log: must be true or false");
    EXPECT_EQ(message_of("access_log: \"true\"\n"), "sluice.yaml:1: access_log: must be true or false");
    EXPECT_EQ(message_of("listen: 127.0.0.1:80\n"), "sluice.yaml:1: listen: must be a list");
    EXPECT_EQ(message_of("listen:\n- a:1\n- 8080\n"),
              "sluice.yaml:3: listen: every entry must be a text; put it in quotes");
    EXPECT_EQ(message_of("limits: 5\n"), "sluice.yaml:1: limits: must be a map");
    EXPECT_EQ(message_of("- a\n"), "sluice.yaml:1: must be a map");
    EXPECT_EQ(message_of("endpoints: {}\n"), "sluice.yaml:1: endpoints: must be a list");
    EXPECT_EQ(message_of("endpoints:\n-\n"), "sluice.yaml:2: endpoints[0]: is empty");
}

TEST(config, durations_have_a_unit) {
    const std::string wanted = "sluice.yaml:1: timeouts.head: must be a duration such as 300ms, 5s, 2m or 1h";
    for (const char* value : {"5", "5 s", "5.5s", "-5s", "s", "'5'", "5d", "99999999999999999h", "[5s]"}) {
        EXPECT_EQ(message_of("timeouts: {head: " + std::string(value) + "}\n"), wanted) << value;
    }
}

TEST(config, endpoints_are_the_bodies_of_the_rest_calls) {
    const auto s = read(R"(
endpoints:
- name: chat
  config:
    served_entities:
    - name: gpt
      external_model: {provider: openai, name: "4", task: llm/v1/chat}
    traffic_config: {routes: [{served_model_name: gpt, traffic_percentage: 100}]}
  route_optimized: false
  description: |
    two
    lines
  tags: [{key: a, value: 'true'}, {key: b, value: no}]
  odd: [0o17, 0x1F, -5, +7, 1.5, 1e3, .5, ~, null, "null", True, 1_000, 12:30, 2024-01-01, !!str 5]
)");
    ASSERT_TRUE(succeeds(s));
    ASSERT_EQ(s->endpoints.size(), 1U);
    const std::string wanted =
        R"({"name":"chat","config":{"served_entities":[{"name":"gpt","external_model":{"provider":"openai","name":"4",)"
        R"("task":"llm/v1/chat"}}],"traffic_config":{"routes":[{"served_model_name":"gpt","traffic_percentage":100}]}},)"
        R"("route_optimized":false,"description":"two\nlines\n","tags":[{"key":"a","value":"true"},)"
        R"({"key":"b","value":"no"}],"odd":[15,31,-5,7,1.5E0,1E3,5E-1,null,null,"null",true,"1_000","12:30",)"
        R"("2024-01-01","5"]})";
    EXPECT_EQ(control::text_of(s->endpoints[0]), wanted);
}

TEST(config, an_endpoint_without_a_name_is_refused) {
    EXPECT_EQ(message_of("endpoints:\n- config: {}\n"), "sluice.yaml:2: endpoints[0].name: is missing");
}

TEST(config, numbers_that_json_cannot_hold_are_refused) {
    EXPECT_EQ(message_of("endpoints:\n- name: a\n  n: 123456789012345678901234567890\n"),
              "sluice.yaml:3: the number is too large");
    EXPECT_EQ(message_of("endpoints:\n- name: a\n  n: 1e999\n"), "sluice.yaml:3: the number is too large");
    const auto s =
        read("endpoints:\n- {name: a, n: 18446744073709551615, m: -9223372036854775808, f: .inf}\n");
    ASSERT_TRUE(succeeds(s));
    EXPECT_EQ(control::text_of(s->endpoints[0]),
              R"({"name":"a","n":18446744073709551615,"m":-9223372036854775808,"f":".inf"})");
}

TEST(config, aliases_are_copied_and_cannot_grow_without_end) {
    const auto s = read("endpoints:\n- name: a\n  x: &x {k: v}\n  y: *x\n");
    ASSERT_TRUE(succeeds(s));
    EXPECT_EQ(control::text_of(s->endpoints[0]), R"({"name":"a","x":{"k":"v"},"y":{"k":"v"}})");
    EXPECT_NE(message_of("endpoints:\n- &a\n  name: a\n  self: *a\n").find("nested too deeply"),
              std::string::npos);
    std::string bomb = "endpoints:\n- name: a\n  a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 9; ++i) {
        const std::string last = "*a" + std::to_string(i - 1);
        bomb += "  a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
        for (int k = 0; k < 9; ++k) {
            bomb += ", " + last;
        }
        bomb += "]\n";
    }
    EXPECT_NE(message_of(bomb).find("too large"), std::string::npos);
}

TEST(config, secrets_come_as_text_bytes_variable_or_file) {
    const temporary_directory temporary;
    write_all(temporary.file("key.txt"), "sk-file\r\n");
    ASSERT_EQ(::setenv("SLUICE_TEST_SECRET", "sk-env", 1), 0);
    const auto s = read(R"(
secrets:
- {scope: s, key: text, string_value: sk-text}
- {scope: s, key: bytes, bytes_value: AP8=}
- {scope: s, key: variable, string_value_env: SLUICE_TEST_SECRET}
- {scope: s, key: file, string_value_file: ")" +
                        temporary.file("key.txt") + R"("}
- {scope: s, key: empty, string_value: ""}
)");
    ::unsetenv("SLUICE_TEST_SECRET");
    ASSERT_TRUE(succeeds(s));
    ASSERT_EQ(s->secrets.size(), 5U);
    EXPECT_EQ(s->secrets[0].scope, "s");
    EXPECT_EQ(s->secrets[0].key, "text");
    EXPECT_EQ(s->secrets[0].value.reveal(), "sk-text");
    EXPECT_EQ(s->secrets[1].value.reveal(), std::string_view("\0\xff", 2));
    EXPECT_EQ(s->secrets[2].value.reveal(), "sk-env");
    EXPECT_EQ(s->secrets[3].value.reveal(), "sk-file");
    EXPECT_TRUE(s->secrets[4].value.empty());
}

TEST(config, a_secret_without_exactly_one_value_is_refused) {
    const std::string wanted =
        "sluice.yaml:2: secrets[0].string_value: exactly one of string_value, bytes_value, "
        "string_value_env and string_value_file must be given";
    EXPECT_EQ(message_of("secrets:\n- {scope: s, key: k}\n"), wanted);
    EXPECT_EQ(message_of("secrets:\n- {scope: s, key: k, string_value: a, bytes_value: YQ==}\n"), wanted);
    EXPECT_EQ(message_of("secrets:\n- {key: k, string_value: a}\n"),
              "sluice.yaml:2: secrets[0].scope: is missing");
    EXPECT_EQ(message_of("secrets:\n- {scope: s, string_value: a}\n"),
              "sluice.yaml:2: secrets[0].key: is missing");
}

TEST(config, a_missing_variable_or_file_is_named) {
    EXPECT_EQ(message_of("secrets:\n- scope: s\n  key: k\n  string_value_env: SLUICE_TEST_UNSET\n"),
              "sluice.yaml:4: secrets[0].string_value_env: the environment variable SLUICE_TEST_UNSET is not "
              "set or empty");
    EXPECT_EQ(
        message_of("secrets:\n- scope: s\n  key: k\n  string_value_file: /no/such/file\n"),
        "sluice.yaml:4: secrets[0].string_value_file: the file /no/such/file cannot be read or is too large");
    EXPECT_NE(message_of("secrets:\n- {scope: s, key: k, string_value_env: ''}\n"), "it succeeded");
    EXPECT_NE(message_of("secrets:\n- {scope: s, key: k, string_value_file: ''}\n"), "it succeeded");
}

TEST(config, no_error_shows_a_secret) {
    for (const char* text : {
             "secrets:\n- {scope: s, key: k, string_value: 5432167}\n",
             "secrets:\n- {scope: s, key: k, bytes_value: '5432167!'}\n",
             "secrets:\n- {scope: s, key: k, string_value: [5432167]}\n",
             "secrets:\n- {scope: s, key: k, string_value: *5432167}\n",
             "secrets:\n- {scope: s, key: k, string_value: !5432167 x}\n",
             "secrets:\n- {scope: s, key: k, string_value: \"\\5432167\"}\n",
             "secrets:\n- {scope: s, key: k, string_value: \"5432167}\n",
             "secrets:\n- {scope: s, key: k, string_value: 54321675432167543216754321675432167}\n",
             "secrets:\n- scope: s\n  string_value: a: 5432167\n",
             "secrets:\n- scope: s\n  string_value: @5432167\n",
             "secrets:\n- scope: s\n  string_value: %5432167\n",
         }) {
        const std::string message = message_of(text);
        EXPECT_NE(message, "it succeeded") << text;
        EXPECT_EQ(message.find("5432167"), std::string::npos) << message;
    }
}

TEST(config, broken_yaml_is_named_with_its_line) {
    EXPECT_EQ(message_of("threads: 1\nlisten: [a\n").substr(0, 14), "sluice.yaml:3:");
    EXPECT_EQ(message_of("a: 1\n---\nb: 2\n"), "sluice.yaml: the file holds more than one YAML document");
    EXPECT_EQ(message_of("<<: {threads: 1}\n"), "sluice.yaml:1: merge keys (<<) are not supported");
    EXPECT_EQ(message_of("? [a]\n: 1\n"), "sluice.yaml:1: a key must be a text");
}

TEST(config, a_file_that_cannot_be_read_is_named) {
    const auto outcome = read_config_file("/no/such/sluice.yaml", {});
    ASSERT_TRUE(fails_with(outcome, errc::invalid_parameter_value));
    EXPECT_EQ(outcome.error().message, "/no/such/sluice.yaml: the file cannot be read or is too large");
    EXPECT_TRUE(fails_with(read_config_file("/", {}), errc::invalid_parameter_value));
}

TEST(check_settings, the_defaults_are_allowed) {
    EXPECT_TRUE(succeeds(check(settings{})));
}

TEST(check_settings, listen_addresses_are_host_and_port) {
    for (const char* address : {"127.0.0.1:8080", "[::1]:8080", "[::]:0", "localhost:80", "0.0.0.0:65535"}) {
        settings s;
        s.listen = {address};
        EXPECT_TRUE(succeeds(check(s))) << address;
    }
    for (const char* address : {"",
                                "8080",
                                "127.0.0.1",
                                ":8080",
                                "localhost:",
                                "localhost:65536",
                                "localhost:-1",
                                "localhost:8x",
                                "::1:8080",
                                "[::1]",
                                "[::1:8080",
                                "[localhost]:80",
                                "a b:80",
                                "-a:80"}) {
        settings s;
        s.listen = {"127.0.0.1:1", address};
        EXPECT_TRUE(fails_with(check(s), errc::invalid_parameter_value)) << address;
    }
    settings none;
    none.listen.clear();
    EXPECT_TRUE(fails_with(check(none), errc::invalid_parameter_value));
}

TEST(check_settings, networks_and_base_urls_are_checked) {
    settings s;
    s.upstream_allow = {"127.0.0.0/8", "::1"};
    s.provider_base_urls = {{"openai", "https://127.0.0.1:9443/v1"}};
    EXPECT_TRUE(succeeds(check(s)));
    s.upstream_allow = {"127.0.0.0/33"};
    EXPECT_TRUE(fails_with(check(s), errc::invalid_parameter_value));
    s.upstream_allow.clear();
    for (const char* url :
         {"", "localhost:9443", "ftp://host/v1", "https://user:sk-password@host/v1", "https://host/v1?a=b"}) {
        s.provider_base_urls = {{"openai", url}};
        const auto outcome = check(s);
        ASSERT_TRUE(fails_with(outcome, errc::invalid_parameter_value)) << url;
        EXPECT_EQ(outcome.error().message.find("sk-password"), std::string::npos);
    }
    s.provider_base_urls = {{"opanai", "https://host/v1"}};
    EXPECT_TRUE(fails_with(check(s), errc::invalid_parameter_value));
}

TEST(check_settings, values_out_of_range_are_named) {
    const auto refused = [](auto change) {
        settings s;
        change(s);
        const auto outcome = check(s);
        return outcome ? std::string("it succeeded") : outcome.error().message;
    };
    EXPECT_EQ(refused([](settings& s) { s.threads = 1025; }), "threads: must be from 0 to 1024");
    EXPECT_EQ(refused([](settings& s) { s.limits.body_bytes = 0; }),
              "limits.body_bytes: must be from 1024 to 1073741824");
    EXPECT_EQ(refused([](settings& s) { s.limits.client_connections = 0; }),
              "limits.client_connections: must be from 1 to 1000000");
    EXPECT_EQ(refused([](settings& s) { s.timeouts.connect = milliseconds(0); }),
              "timeouts.connect: must be from 1ms to 24h");
    EXPECT_EQ(refused([](settings& s) { s.timeouts.total = milliseconds(86'400'001); }),
              "timeouts.total: must be from 1ms to 24h");
    EXPECT_EQ(refused([](settings& s) { s.update_delay = milliseconds(3'600'001); }),
              "update_delay_ms: must be from 0 to 3600000");
    EXPECT_EQ(refused([](settings& s) { s.log_level = "loud"; }),
              "log_level: must be debug, info, warn or error");
    EXPECT_EQ(refused([](settings& s) { s.data_dir.clear(); }), "data_dir: must not be empty");
}

TEST(check_settings, one_name_cannot_have_two_entries) {
    settings s;
    s.secrets = {{"s", "k", secret_string("1")}, {"S", "k", secret_string("2")}};
    ASSERT_TRUE(fails_with(check(s), errc::invalid_parameter_value));
    EXPECT_EQ(check(s).error().message, "secrets: s/k is there twice");
    s.secrets.pop_back();
    s.endpoints = {boost::json::object{{"name", "a"}}, boost::json::object{{"name", "a"}}};
    ASSERT_TRUE(fails_with(check(s), errc::invalid_parameter_value));
    EXPECT_EQ(check(s).error().message, "endpoints: a is there twice");
    s.endpoints.pop_back();
    EXPECT_TRUE(succeeds(check(s)));
}

} // namespace
} // namespace sluice::proxy::config_test
