// Probes: the smallest request to a provider, made on a shard with the connections and deadlines of queries,
// so that a config update knows whether its entities will answer.
#pragma once

#include "proxy/data/shard.hpp"
#include "proxy/model/prober.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

namespace sluice::data {

// A probe succeeds when the provider answers 2xx with what a query would get, or 429: then it is there and
// knows the key. It has the time to the first byte of a query for its whole answer.
class shard_prober final : public model::prober {
public:
    // The list must outlive the object, and be complete before the first probe.
    explicit shard_prober(const std::vector<std::unique_ptr<shard>>& shards)
        : shards_(shards) {}

    void probe(std::shared_ptr<const providers::target> to, std::function<void(result<void>)> done) override;

private:
    const std::vector<std::unique_ptr<shard>>& shards_;
    std::atomic<std::size_t> next_{0};
};

} // namespace sluice::data
