// Credentials that do not last: an access token of Microsoft Entra or Google, keys of an assumed role. A
// source says what is asked for one and reads what is answered; when, how often and over which connection is
// the shell's matter (proxy/data/credentials.hpp). No sockets, no clock.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/secret_string.hpp"
#include "providers/target.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers {

// Immutable once it is made; any thread may read it.
struct credential {
    secret_string token;   // the bearer token; of AWS the secret access key
    secret_string session; // of AWS: the session token; empty: none
    std::string key_id;    // of AWS: the access key id
    wall_ms expires = 0;   // when it stops being good; 0: never
    // What it was had with: a signed assertion, keys of the gateway itself.
    std::vector<secret_string> had_with;
};

// Adds what of it no text may show: all of it.
void append_secrets(std::vector<secret_string>& out, const credential& of);

// One request of an exchange, to be written as it stands.
struct credential_request {
    origin to;
    secret_string head; // request line and every field, each line ended, without the blank line
    secret_string body; // its Content-Length stands in the head
    // The instance's or the container's own metadata service: the operator's --upstream-allow does not apply.
    bool is_metadata = false;
    // Asked with the gateway's own identity, so what is answered is the operator's matter: it goes into the
    // log, and clients get a sentence.
    bool is_own = false;
};

// One exchange: one request after the other until the credential is there. Used by one coroutine.
class credential_exchange {
public:
    credential_exchange() = default;
    credential_exchange(const credential_exchange&) = delete;
    credential_exchange& operator=(const credential_exchange&) = delete;
    virtual ~credential_exchange() = default;

    // The next request; nullopt when take() has the credential. Error invalid_parameter_value or
    // unauthenticated with a plain sentence: there is no way to get one.
    [[nodiscard]] virtual result<std::optional<credential_request>> next(wall_ms now) = 0;

    // Reads a 2xx answer to the last request; other answers do not come here. Error bad_upstream with a plain
    // sentence that repeats nothing of `body`. json::padding bytes behind `body` must be readable.
    [[nodiscard]] virtual result<void> read(std::string_view body, wall_ms now) = 0;

    [[nodiscard]] virtual credential take() = 0;

    // What the requests so far have proved themselves with, beside the source's secrets(): no text may show
    // it. Before take().
    [[nodiscard]] virtual std::vector<secret_string> secrets() const = 0;
};

// A token service whose address a user has written, which has to be allowed as a provider's.
struct given_service {
    std::string_view field; // where it stands, for a sentence
    const origin* at = nullptr;
};

class credential_source {
public:
    credential_source() = default;
    credential_source(const credential_source&) = delete;
    credential_source& operator=(const credential_source&) = delete;
    virtual ~credential_source() = default;

    // The same for the same credential and scope, and for no others: a hash of them.
    [[nodiscard]] virtual const std::string& id() const noexcept = 0;

    // `this` must outlive the exchange.
    [[nodiscard]] virtual std::unique_ptr<credential_exchange> begin() const = 0;

    // What it is made of and no text may show.
    [[nodiscard]] virtual std::span<const secret_string> secrets() const noexcept = 0;

    // Where the endpoint's config itself has it ask; nothing: where the operator says, or at a fixed address.
    [[nodiscard]] virtual given_service service() const noexcept { return {}; }
};

// The target's credential comes from there, and what that is made of is among its keys.
void put_source(target& to, std::shared_ptr<const credential_source> from);

// Should the same request be sent once more after a pause? By the status, and by `error` in the answer of a
// token service (providers.md §13.2).
[[nodiscard]] bool is_passing_failure(int status, std::string_view body) noexcept;

// The word by which a service of AWS names what is wrong, "AccessDenied"; empty when there is none.
[[nodiscard]] std::string_view name_of_refusal(std::string_view body) noexcept;

} // namespace sluice::providers
