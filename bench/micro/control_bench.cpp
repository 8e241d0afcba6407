// Management calls beside many endpoints: what one costs must not grow with their number, and a list of
// 10,000 must stay quick. The database lies in memory where the system has such a place, so that the figures
// are the gateway's and not the disk's.
#include "proxy/control/plane_state.hpp"

#include <benchmark/benchmark.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>

namespace sluice::control {
namespace {

class plane_with_endpoints {
public:
    explicit plane_with_endpoints(std::int64_t count) {
        const std::filesystem::path memory = "/dev/shm";
        const std::filesystem::path base =
            std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
        directory_ = base / ("sluice-control-bench-" + std::to_string(::getpid()));
        std::filesystem::remove_all(directory_);
        settings_.data_dir = directory_.string();
        settings_.admin_token = secret_string("dapi-bench");
        auto opened = plane_state::open(settings_, clock_, policy_);
        if (!opened) throw std::runtime_error(opened.error().message);
        state_ = std::move(*opened);
        auto admin = std::make_shared<model::principal>();
        admin->id = "1001";
        admin->user_name = "admin";
        admin->is_admin = true;
        admin->may_create = true;
        admin_ = std::move(admin);
        call("POST", "/api/2.0/secrets/scopes/create", R"({"scope":"s"})");
        call("POST", "/api/2.0/secrets/put", R"({"scope":"s","key":"k","string_value":"sk-bench"})");
        for (std::int64_t i = 0; i < count; ++i)
            create("endpoint-" + std::to_string(i));
    }
    plane_with_endpoints(const plane_with_endpoints&) = delete;
    plane_with_endpoints& operator=(const plane_with_endpoints&) = delete;
    ~plane_with_endpoints() {
        state_.reset();
        std::filesystem::remove_all(directory_);
    }

    // The call, and the snapshot that comes of it: what the control thread does for it.
    std::string call(std::string method, std::string path, std::string body = "") {
        model::management_request request;
        request.method = std::move(method);
        request.path = std::move(path);
        request.body = std::move(body);
        request.host = "bench";
        request.who = admin_;
        plane_state::answered answered = state_->answer(request);
        benchmark::DoNotOptimize(state_->take_changed());
        if (answered.response.status != 200) throw std::runtime_error(answered.response.body);
        return std::move(answered.response.body);
    }
    void create(const std::string& name) {
        call(
            "POST",
            "/api/2.0/serving-endpoints",
            R"({"name":")" + name +
                R"(","config":{"served_entities":[{"name":"one","external_model":{"name":"gpt-4","provider":"openai",)"
                R"("task":"llm/v1/chat","openai_config":{"openai_api_key":"{{secrets/s/k}}"}}}]}})");
    }

private:
    std::filesystem::path directory_;
    system_clock clock_;
    proxy::settings settings_;
    net::upstream_policy policy_{{}};
    std::unique_ptr<plane_state> state_;
    std::shared_ptr<const model::principal> admin_;
};

// Creates one more endpoint and deletes it, so that the number stays.
void create_and_delete(benchmark::State& state) {
    plane_with_endpoints plane(state.range(0));
    for (auto _ : state) {
        plane.create("one-more");
        plane.call("DELETE", "/api/2.0/serving-endpoints/one-more");
    }
}
BENCHMARK(create_and_delete)->Arg(10)->Arg(10'000)->Unit(benchmark::kMicrosecond);

void list_endpoints(benchmark::State& state) {
    plane_with_endpoints plane(state.range(0));
    std::size_t bytes = 0;
    for (auto _ : state)
        bytes = plane.call("GET", "/api/2.0/serving-endpoints").size();
    state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(list_endpoints)->Arg(10)->Arg(10'000)->Unit(benchmark::kMicrosecond);

} // namespace
} // namespace sluice::control
