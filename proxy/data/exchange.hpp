// One request and its answer on a client connection. Lives on the connection's coroutine and is reused from
// request to request.
#pragma once

#include "core/base/error.hpp"
#include "core/http/message.hpp"
#include "core/net/http_server.hpp"
#include "providers/client_dialect.hpp"
#include "providers/provider.hpp"
#include "proxy/data/credential_table.hpp"
#include "proxy/data/routes.hpp"
#include "proxy/data/shard.hpp"
#include "proxy/model/snapshot.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace sluice::data {

enum class stream_end : std::uint8_t { more, clean, broken };

class exchange {
public:
    exchange(shard& where, net::server_connection& connection)
        : here(where)
        , client(connection) {}
    exchange(const exchange&) = delete;
    exchange& operator=(const exchange&) = delete;

    // A new request begins: head is filled.
    void begin(bool last_on_connection);

    // The answer is out: lets go of the snapshot and of memory that a large request took.
    void end();

    // Reads the body (once). Errors as server_connection::read_body.
    [[nodiscard]] net::asio::awaitable<result<void>> read_body();

    // Sends a whole answer. `extra` is whole field lines, each ended. A 304 has neither type nor text. `text`
    // is not copied and must stay until the answer is out; to a HEAD only its length goes.
    [[nodiscard]] net::asio::awaitable<void>
    send(int status, std::string_view content_type, std::string_view text, std::string_view extra);
    // Sends the API's error body; nothing when the client is gone.
    [[nodiscard]] net::asio::awaitable<void> fail(error e, std::string_view more_fields = {});

    // A streamed answer, piece by piece; its head goes out with the first. False: the client is gone. A
    // broken end closes the connection.
    [[nodiscard]] net::asio::awaitable<bool>
    stream(std::string_view piece, std::string_view extra, stream_end end);
    // A blank line, if nothing is being written.
    void keep_stream_alive();

    [[nodiscard]] bool answered() const noexcept { return status != 0; }

    shard& here;
    net::server_connection& client;
    http::request_head head;
    std::string_view body;
    route to;
    std::shared_ptr<const model::snapshot> config; // what this request started with
    std::string id;
    steady_time started;
    wall_ms wall = 0;           // when it started, by the calendar
    steady_time deadline;       // of the whole request
    bool keep_alive = true;     // the connection goes on after this answer
    bool streaming = false;     // the head of a streamed answer is out
    bool asked = false;         // a provider has been asked, or was about to be
    bool usage_refused = false; // it will not be asked for a stream's usage, which the client has not
    int status = 0;             // answered with; 0: not yet
    std::uint64_t bytes_out = 0;
    // For a client of another dialect whose provider speaks OpenAI's; null: nothing is translated.
    const providers::client_translator* translator = nullptr;
    std::string translated; // its body, as a chat
    // Reused by invoke: no allocation in steady state.
    providers::unified::call call;
    providers::upstream_request upstream;
    credential_ptr proved_by; // the short-lived credential that was sent last; null: none

private:
    void append_head(int code, std::string_view content_type, std::string_view extra);
    [[nodiscard]] net::asio::awaitable<bool> write(net::pieces data);

    std::string out_; // heads and chunk sizes
    bool body_read_ = false;
};

// Whole field lines for a name and a value that is safe to write.
[[nodiscard]] std::string field_line(std::string_view name, std::string_view value);

} // namespace sluice::data
