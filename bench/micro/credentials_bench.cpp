// What the check of a credential costs each request.
#include "proxy/model/credentials.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace sluice;

constexpr wall_ms now = 1'700'000'000'000;

model::snapshot make_snapshot() {
    model::snapshot out;
    out.workspace_id = "7000000000000001";
    out.signing_key = std::make_shared<const secret_string>("0123456789abcdef0123456789abcdef");
    for (int i = 0; i < 1000; ++i) {
        auto who = std::make_shared<model::principal>();
        who->id = std::to_string(1000 + i);
        out.tokens = out.tokens.with(std::string(as_text(token_digest("dapi" + who->id))), {"", who->id, -1});
        out.principals = out.principals.with(who->id, who);
    }
    return out;
}

void check(benchmark::State& state, const model::snapshot& config, const std::string& token) {
    model::credential_checker checker;
    for (auto _ : state) {
        auto by = checker.check(token, config, now);
        if (!by) state.SkipWithError("refused");
        benchmark::DoNotOptimize(by);
    }
}

void credentials_personal_token(benchmark::State& state) {
    model::snapshot config = make_snapshot();
    const std::string token = "dapi" + std::string(64, '0');
    config.tokens = config.tokens.with(std::string(as_text(token_digest(token))), {"", "1500", -1});
    check(state, config, token);
}
BENCHMARK(credentials_personal_token);

void credentials_access_token(benchmark::State& state) {
    const model::snapshot config = make_snapshot();
    model::credential_checker checker;
    const model::access_claims claims{.subject = "1500",
                                      .audience = config.workspace_id,
                                      .client_id = "8d5a1f0e-0000-4000-8000-000000000001",
                                      .token_id = "00112233445566778899aabbccddeeff",
                                      .endpoint_id = state.range(0) ? "0123456789abcdef0123456789abcdef" : "",
                                      .issued = now / 1000,
                                      .expires = now / 1000 + 3600};
    check(state, config, model::issue_access_token(claims, *checker.signer(config)).value_or(""));
}
BENCHMARK(credentials_access_token)->Arg(0)->Arg(1);

} // namespace
