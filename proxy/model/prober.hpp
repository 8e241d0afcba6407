// The seam for the one question that control asks the data plane: does a provider answer? data asks it on a
// shard, with the connections and deadlines that queries have.
#pragma once

#include "core/base/error.hpp"
#include "providers/target.hpp"

#include <functional>
#include <memory>

namespace sluice::model {

class prober {
public:
    prober() = default;
    prober(const prober&) = delete;
    prober& operator=(const prober&) = delete;
    virtual ~prober() = default;
    // Sends the smallest request of the target's task. From any thread; `done` is called at most once, on any
    // thread: with nothing when the provider answers, with an error whose text is for the endpoint's owner
    // and holds no key, or with `cancelled` when the gateway is ending. Not at all when the shards have ended
    // before.
    virtual void probe(std::shared_ptr<const providers::target> to,
                       std::function<void(result<void>)> done) = 0;
};

} // namespace sluice::model
