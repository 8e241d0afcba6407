// The real gateway in the test process: two shards on a free loopback port, data in a directory of its own,
// and short ways to talk to it.
#pragma once

#include "core/base/clock.hpp"
#include "proxy/config.hpp"
#include "proxy/data/ui_files.hpp"
#include "tests/support/http_text.hpp"
#include "tests/support/raw_client.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::proxy {
class gateway;
}

namespace sluice::support {

// Gone with its test. For data that more than one gateway uses; each has one of its own otherwise.
class data_directory {
public:
    data_directory();
    data_directory(const data_directory&) = delete;
    data_directory& operator=(const data_directory&) = delete;
    ~data_directory();
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

class gateway {
public:
    // `change` adjusts the settings: loopback upstreams allowed, two threads, the rest as shipped. `ui`: the
    // files of the Serving UI, whatever the build has.
    explicit gateway(const std::function<void(proxy::settings&)>& change = {},
                     std::span<const data::ui_file> ui = data::ui_files());
    gateway(const gateway&) = delete;
    gateway& operator=(const gateway&) = delete;
    ~gateway();

    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] raw_client connect() const { return raw_client(port()); }

    // A call on a connection of its own, as the admin. Any path.
    [[nodiscard]] answer
    call(std::string_view method, std::string_view path, std::string_view body = "") const;
    [[nodiscard]] answer post(std::string_view path, std::string_view body) const {
        return call("POST", path, body);
    }
    [[nodiscard]] answer get(std::string_view path) const { return call("GET", path); }

    // Fails the test when the endpoint is refused. `entities`: texts of entity(); `traffic`: a text of
    // split(); `rest`: more members of the body, each led by a comma.
    void make_endpoint(std::string_view name,
                       const std::vector<std::string>& entities,
                       std::string_view traffic = "",
                       std::string_view rest = "") const;
    void update_endpoint(std::string_view name,
                         const std::vector<std::string>& entities,
                         std::string_view traffic = "") const;

    // One number of GET /metrics. The upstream gauges are renewed once a second.
    [[nodiscard]] std::uint64_t metric(std::string_view name) const;
    // Waits until the number is that.
    [[nodiscard]] bool metric_becomes(std::string_view name, std::uint64_t value) const;

    [[nodiscard]] proxy::gateway& real() const { return *gateway_; }

private:
    data_directory data_;
    std::unique_ptr<clock> time_;
    std::unique_ptr<proxy::gateway> gateway_;
};

inline constexpr std::string_view admin_token = "dapi-test-admin";
inline constexpr std::string_view provider_key = "sk-0123456789abcdefghijklmnop";

// A served entity of the provider openai at `base_url`.
[[nodiscard]] std::string entity(std::string_view base_url,
                                 std::string_view name = "entity",
                                 std::string_view model = "gpt-4",
                                 std::string_view task = "llm/v1/chat");

// Percentages by the names of the entities.
[[nodiscard]] std::string split(const std::vector<std::pair<std::string, int>>& shares);

// A whole request with the admin's token. `fields`: more field lines.
[[nodiscard]] std::string request(std::string_view method,
                                  std::string_view path,
                                  std::string_view body = "",
                                  std::string_view fields = "");
[[nodiscard]] std::string chat_request(std::string_view endpoint,
                                       std::string_view content = "hello",
                                       bool stream = false,
                                       std::string_view fields = "");
[[nodiscard]] std::string chat_body(std::string_view content, bool stream = false);

// The message inside the error of a failed upstream (api.md §10.6); "(none)" when the body has another form.
[[nodiscard]] std::string upstream_message(const answer& failed);

} // namespace sluice::support
