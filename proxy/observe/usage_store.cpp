#include "proxy/observe/usage_store.hpp"

#include <utility>

namespace sluice::observe {

namespace {

std::string file_in(const std::string& data_dir) {
    return data_dir + "/usage.db";
}

} // namespace

usage_store::usage_store(const std::string& data_dir,
                         std::uint64_t keep_rows,
                         std::function<void()> shards_caught_up)
    : shards_caught_up_(std::move(shards_caught_up))
    , writer_(file_in(data_dir), keep_rows)
    , reader_(file_in(data_dir)) {}

void usage_store::entities_in_force(std::vector<model::usage_entity> entities) {
    writer_.tell({std::move(entities), {}, {}, 0});
}

void usage_store::endpoint_deleted(std::string_view endpoint_id, wall_ms when) {
    writer_.tell({{}, std::string(endpoint_id), {}, when});
}

void usage_store::only_these_are_left(std::vector<model::usage_entity> entities,
                                      std::vector<std::string> endpoint_ids,
                                      wall_ms when) {
    writer_.tell({std::move(entities), {}, std::move(endpoint_ids), when});
}

result<model::usage_page<model::usage_record>> usage_store::requests(const model::usage_filter& wanted) {
    shards_caught_up_();
    writer_.flush();
    const mutex_lock lock(mutex_);
    return reader_.requests(wanted);
}

result<model::usage_page<model::usage_entity>> usage_store::entities(const model::usage_filter& wanted) {
    writer_.flush();
    const mutex_lock lock(mutex_);
    return reader_.entities(wanted);
}

result<model::usage_summary> usage_store::summary(const model::usage_summary_query& wanted) {
    shards_caught_up_();
    writer_.flush();
    const mutex_lock lock(mutex_);
    return reader_.summary(wanted);
}

} // namespace sluice::observe
