#include "proxy/observe/usage_schema.hpp"

#include <array>
#include <cstdint>

namespace sluice::observe {

namespace {

// Step n (from 1) is element n - 1. Times are milliseconds since 1970. NULL: unknown or absent.
constexpr std::array<const char*, 1> steps{
    R"sql(
CREATE TABLE endpoint_usage (
    id                           INTEGER PRIMARY KEY,
    request_time                 INTEGER NOT NULL,
    databricks_request_id        TEXT NOT NULL,
    client_request_id            TEXT,
    requester                    TEXT NOT NULL,
    principal_id                 TEXT NOT NULL,
    endpoint_id                  TEXT NOT NULL,
    endpoint_name                TEXT NOT NULL,
    served_entity_id             TEXT,
    status_code                  INTEGER NOT NULL,
    request_streaming            INTEGER NOT NULL,
    latency_ms                   INTEGER NOT NULL,
    time_to_first_byte_ms        INTEGER,
    input_token_count            INTEGER,
    output_token_count           INTEGER,
    cached_input_token_count     INTEGER,
    reasoning_output_token_count INTEGER,
    input_character_count        INTEGER,
    usage_context                TEXT
) STRICT;
CREATE INDEX usage_by_time ON endpoint_usage (request_time);
CREATE INDEX usage_by_endpoint ON endpoint_usage (endpoint_id, request_time);
CREATE INDEX usage_by_principal ON endpoint_usage (principal_id, request_time);
CREATE INDEX usage_by_request ON endpoint_usage (databricks_request_id);
CREATE INDEX usage_by_client_request ON endpoint_usage (client_request_id) WHERE client_request_id IS NOT NULL;

CREATE TABLE served_entities (
    id                      INTEGER PRIMARY KEY,
    served_entity_id        TEXT NOT NULL,
    endpoint_config_version INTEGER NOT NULL,
    created_by              TEXT NOT NULL,
    endpoint_id             TEXT NOT NULL,
    endpoint_name           TEXT NOT NULL,
    served_entity_name      TEXT NOT NULL,
    entity_name             TEXT NOT NULL,
    provider                TEXT NOT NULL,
    task                    TEXT NOT NULL,
    change_time             INTEGER NOT NULL,
    endpoint_delete_time    INTEGER,
    UNIQUE (served_entity_id, endpoint_config_version)
) STRICT;
CREATE INDEX served_entities_by_endpoint ON served_entities (endpoint_id);
)sql",
};

result<std::int64_t> current_version(db::database& db) {
    auto made = db.run("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT");
    if (!made) return fail(std::move(made).error());
    auto row = db::first_row(db.query("SELECT coalesce(max(version), 0) FROM schema_version"),
                             [](const db::statement& at) { return at.integer(0); });
    if (!row) return fail(std::move(row).error());
    return row->value_or(0);
}

result<void> take_step(db::database& db, std::int64_t version) {
    auto work = db.begin();
    if (!work) return fail(std::move(work).error());
    if (auto done = db.run(steps.at(static_cast<std::size_t>(version - 1))); !done) return done;
    if (auto done = db.change("INSERT INTO schema_version (version) VALUES (?)", version); !done) {
        return fail(std::move(done).error());
    }
    return work->commit();
}

result<void> migrate(db::database& db) {
    const auto version = current_version(db);
    if (!version) return fail(version.error());
    constexpr auto newest = static_cast<std::int64_t>(steps.size());
    if (*version > newest) {
        return fail(errc::internal_error,
                    "it has version " + std::to_string(*version) + ", but this program knows only up to " +
                        std::to_string(newest) + ": start the newer program that wrote it");
    }
    for (std::int64_t next = *version + 1; next <= newest; ++next) {
        if (auto done = take_step(db, next); !done) return done;
    }
    return {};
}

} // namespace

result<std::unique_ptr<db::database>> open_usage(const std::string& file) {
    auto opened = db::database::open(file, db::care::process);
    if (!opened) return opened;
    if (auto done = migrate(**opened); !done) {
        return fail(errc::internal_error, "The usage table " + file + ": " + done.error().message);
    }
    return opened;
}

} // namespace sluice::observe
