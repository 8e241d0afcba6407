#include "tests/support/gateway.hpp"

#include "proxy/gateway.hpp"

#include <gtest/gtest.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>

namespace sluice::support {

namespace {

std::string config_of(const std::vector<std::string>& entities, std::string_view traffic) {
    std::string out = R"({"served_entities":[)";
    for (std::size_t i = 0; i < entities.size(); ++i)
        out += (i > 0 ? "," : "") + entities[i];
    return out + "]" + std::string(traffic) + "}";
}

} // namespace

data_directory::data_directory()
    : path_((std::filesystem::temp_directory_path() / "sluice-test-XXXXXX").string()) {
    if (!::mkdtemp(path_.data())) ADD_FAILURE() << "no temporary directory";
}

data_directory::~data_directory() {
    std::error_code ignored; // a left-over directory harms nobody
    std::filesystem::remove_all(path_, ignored);
}

gateway::gateway(const std::function<void(proxy::settings&)>& change, std::span<const data::ui_file> ui)
    : time_(std::make_unique<system_clock>()) {
    proxy::settings config;
    config.listen = {"127.0.0.1:0"};
    config.data_dir = data_.path();
    config.threads = 2;
    config.upstream_allow = {"127.0.0.0/8"};
    config.admin_token = secret_string(admin_token);
    if (change) change(config);
    gateway_ = std::make_unique<proxy::gateway>(std::move(config), *time_, ui);
    const auto started = gateway_->start();
    if (!started) ADD_FAILURE() << started.error().message;
}

gateway::~gateway() = default;

std::uint16_t gateway::port() const {
    return gateway_->listening().empty() ? std::uint16_t{0} : gateway_->listening().front().port();
}

answer gateway::call(std::string_view method, std::string_view path, std::string_view body) const {
    raw_client client(port());
    client.send(request(method, path, body, "Connection: close\r\n"));
    return client.read_answer();
}

void gateway::make_endpoint(std::string_view name,
                            const std::vector<std::string>& entities,
                            std::string_view traffic,
                            std::string_view rest) const {
    const std::string body = R"({"name":")" + std::string(name) + R"(","config":)" +
                             config_of(entities, traffic) + std::string(rest) + "}";
    const answer made = post("/api/2.0/serving-endpoints", body);
    EXPECT_EQ(made.status, 200) << made.body;
}

void gateway::update_endpoint(std::string_view name,
                              const std::vector<std::string>& entities,
                              std::string_view traffic) const {
    const std::string path = "/api/2.0/serving-endpoints/" + std::string(name) + "/config";
    const answer updated = call("PUT", path, config_of(entities, traffic));
    EXPECT_EQ(updated.status, 200) << updated.body;
}

std::uint64_t gateway::metric(std::string_view name) const {
    const std::string text = "\n" + get("/metrics").body;
    const std::string mark = "\n" + std::string(name) + " ";
    const std::size_t at = text.find(mark);
    std::uint64_t value = 0;
    if (at == std::string::npos) {
        ADD_FAILURE() << "no metric " << name;
        return 0;
    }
    const char* begin = text.data() + at + mark.size();
    std::from_chars(begin, text.data() + text.size(), value);
    return value;
}

bool gateway::metric_becomes(std::string_view name, std::uint64_t value) const {
    return comes_true([&] { return metric(name) == value; });
}

std::string
entity(std::string_view base_url, std::string_view name, std::string_view model, std::string_view task) {
    std::string out =
        R"({"name":")" + std::string(name) + R"(","external_model":{"name":")" + std::string(model);
    out +=
        R"(","provider":"openai","task":")" + std::string(task) + R"(","openai_config":{"openai_api_base":")";
    out +=
        std::string(base_url) + R"(","openai_api_key_plaintext":")" + std::string(provider_key) + R"("}}})";
    return out;
}

std::string split(const std::vector<std::pair<std::string, int>>& shares) {
    std::string out = R"(,"traffic_config":{"routes":[)";
    for (std::size_t i = 0; i < shares.size(); ++i) {
        if (i > 0) out += ",";
        out += R"({"served_model_name":")" + shares[i].first + R"(","traffic_percentage":)";
        out += std::to_string(shares[i].second) + "}";
    }
    return out + "]}";
}

std::string
request(std::string_view method, std::string_view path, std::string_view body, std::string_view fields) {
    std::string out = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: gateway\r\n";
    out += "Authorization: Bearer " + std::string(admin_token) + "\r\n" + std::string(fields);
    if (!body.empty()) out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return out + "\r\n" + std::string(body);
}

std::string chat_body(std::string_view content, bool stream) {
    return R"({"messages":[{"role":"user","content":")" + std::string(content) + R"("}])" +
           (stream ? R"(,"stream":true})" : "}");
}

std::string
chat_request(std::string_view endpoint, std::string_view content, bool stream, std::string_view fields) {
    return request("POST",
                   "/serving-endpoints/" + std::string(endpoint) + "/invocations",
                   chat_body(content, stream),
                   fields);
}

std::string upstream_message(const answer& failed) {
    static constexpr std::string_view mark = R"(\"external_model_error\":)";
    const std::size_t at = failed.body.find(mark);
    return at == std::string::npos ? "(none)" : failed.body.substr(at + mark.size());
}

} // namespace sluice::support
