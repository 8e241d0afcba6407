// The seam between the planes: a management call and its answer as plain values. data hands calls over,
// control answers them on its own thread; neither includes the other.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/secret_string.hpp"
#include "proxy/model/identity.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice::model {

// The session that a call about sessions was made with.
struct session_in_use {
    std::string key;        // in the snapshot
    std::string csrf_token; // of its page
    wall_ms expires_ms = 0;
};

struct management_request {
    std::string method; // "GET"
    std::string path;   // as sent, percent-encoded, without the query
    std::string query;  // without '?'
    std::string body;
    std::string host;   // Host field: answers that hold URLs are built from it
    bool https = false; // and from this: a proxy in front says that the client came by https
    std::string remote; // client address, for logs and audit
    std::string request_id;
    std::string user_agent;      // for audit
    std::string accept;          // of metrics: which text format
    std::string content_type;    // of the OAuth token call, whose body is a form
    secret_string authorization; // the field's value; only for the OAuth calls, which authenticate themselves
    std::shared_ptr<const principal>
        who; // shared with the snapshot; the data plane has authenticated. Null only for calls that
             // authenticate themselves: OAuth's, and signing in
    std::optional<session_in_use> session; // of GET and DELETE /api/2.0/sluice/session
};

struct management_response {
    int status = 200;
    std::string body = "{}";
    std::string content_type = "application/json";
    int retry_after_seconds = 0;                              // > 0: send Retry-After
    std::vector<std::pair<std::string, std::string>> headers; // more fields, safe to write
};

class management {
public:
    management() = default;
    management(const management&) = delete;
    management& operator=(const management&) = delete;
    virtual ~management() = default;
    // From any thread. `done` is called exactly once, on the control thread.
    virtual void handle(management_request request, std::function<void(management_response)> done) = 0;
};

} // namespace sluice::model
