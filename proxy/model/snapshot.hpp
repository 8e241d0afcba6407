// Everything the request path needs to know, as one immutable value. Control builds the next one from the
// last by copy-on-write and publishes it to each shard; a request holds the pointer it started with to its
// end.
#pragma once

#include "core/base/cow_map.hpp"
#include "core/base/secret_string.hpp"
#include "proxy/model/endpoint.hpp"
#include "proxy/model/identity.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace sluice::model {

struct snapshot {
    std::uint64_t version = 0;
    cow_map<std::shared_ptr<const endpoint>> endpoints;   // by name
    cow_map<token> tokens;                                // by SHA-256 of the token's text, 32 raw bytes
    cow_map<session> sessions;                            // by SHA-256 of the cookie's value, 32 raw bytes
    cow_map<std::shared_ptr<const principal>> principals; // active users and service principals, by id
    std::shared_ptr<const secret_string> signing_key;     // of OAuth access tokens; null: none is accepted
    std::string workspace_id;                             // digits; made at the first start
    std::string account_id;
};

// Where control puts a new snapshot. `stored` is called once every shard has it, on any thread: what is
// answered after that is seen by every later request (read your writes).
class publisher {
public:
    publisher() = default;
    publisher(const publisher&) = delete;
    publisher& operator=(const publisher&) = delete;
    virtual ~publisher() = default;
    virtual void publish(std::shared_ptr<const snapshot> next, std::function<void()> stored) = 0;
};

} // namespace sluice::model
