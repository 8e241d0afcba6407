// The usage tables as control sees them (columns: api.md §9.4). Rows of requests come from the shards, by a
// way of their own (proxy/observe/usage_queue); control tells which served entities there are, and reads.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::model {

// One row of endpoint_usage. Empty texts and absent numbers are null in the API.
struct usage_record {
    std::int64_t id = 0; // order of writing
    wall_ms request_time = 0;
    std::string request_id;
    std::string client_request_id;
    std::string requester;
    std::string principal_id;
    std::string endpoint_id;
    std::string endpoint_name;
    std::string served_entity_id;
    std::string usage_context; // a JSON object of texts
    int status_code = 0;
    bool streaming = false;
    std::int64_t latency_ms = 0;
    std::optional<std::int64_t> first_byte_ms;
    std::optional<std::int64_t> input_tokens;
    std::optional<std::int64_t> output_tokens;
    std::optional<std::int64_t> cached_tokens;
    std::optional<std::int64_t> reasoning_tokens;
    std::optional<std::int64_t> input_characters;
};

// One row of served_entities: an entity in one version of its endpoint's config.
struct usage_entity {
    std::int64_t id = 0; // order of writing
    std::string served_entity_id;
    std::string created_by;
    std::string endpoint_id;
    std::string endpoint_name;
    std::string name;           // served_entity_name
    std::string external_model; // entity_name
    std::string provider;
    std::string task;
    int config_version = 0;
    wall_ms change_time = 0;
    std::optional<wall_ms> endpoint_delete_time;
};

// Where a page ends: the time of its last row, and its id.
struct usage_position {
    wall_ms time = 0;
    std::int64_t id = 0;
    friend bool operator==(const usage_position&, const usage_position&) = default;
};

// Empty and absent: any.
struct usage_filter {
    std::string request_id;
    std::string client_request_id;
    std::string requester;
    std::string principal_id;
    std::string endpoint_id;
    std::string endpoint_name;
    std::string served_entity_id;
    std::optional<std::int64_t> status_code;
    std::optional<bool> streaming;
    std::optional<wall_ms> start; // this and later
    std::optional<wall_ms> end;   // earlier than this
    bool ascending = false;       // by request_time; of entities: always in the order of writing
    std::size_t most = 1000;      // rows
    std::optional<usage_position> after;
};

template <class Row>
struct usage_page {
    std::vector<Row> rows;
    bool more = false; // behind the last one
};

enum class usage_group : std::uint8_t { requester, entity };

struct usage_summary_query {
    usage_filter filter; // endpoint, principal and times count
    usage_group group = usage_group::requester;
    std::size_t most = 100; // rows
};

struct usage_sum {
    std::string key; // the requester's or the entity's name; "(none)": no entity was asked
    std::int64_t requests = 0;
    std::int64_t errors = 0; // status 400 and more
    std::int64_t input_tokens = 0;
    std::int64_t output_tokens = 0;
};

struct usage_summary {
    std::vector<usage_sum> rows; // most requests first
    bool truncated = false;
};

// Any thread, unless said otherwise.
class usage_tables {
public:
    usage_tables() = default;
    usage_tables(const usage_tables&) = delete;
    usage_tables& operator=(const usage_tables&) = delete;
    virtual ~usage_tables() = default;

    // Opens or makes the file; called by the owner of the data directory, before anything is read. Again:
    // nothing. The error is for the operator.
    [[nodiscard]] virtual result<void> open() = 0;

    // These three only note what is to be written. The first: entities of a config that came into force.
    virtual void entities_in_force(std::vector<usage_entity> entities) = 0;
    virtual void endpoint_deleted(std::string_view endpoint_id, wall_ms when) = 0;
    // At the start: what is there; endpoints that are not among them have been deleted.
    virtual void only_these_are_left(std::vector<usage_entity> entities,
                                     std::vector<std::string> endpoint_ids,
                                     wall_ms when) = 0;

    // Wait for the disk: not on the control thread. What was finished before the call is seen. Error
    // deadline_exceeded: the query took too long.
    [[nodiscard]] virtual result<usage_page<usage_record>> requests(const usage_filter& wanted) = 0;
    [[nodiscard]] virtual result<usage_page<usage_entity>> entities(const usage_filter& wanted) = 0;
    [[nodiscard]] virtual result<usage_summary> summary(const usage_summary_query& wanted) = 0;
};

} // namespace sluice::model
