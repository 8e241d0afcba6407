// Queries of the usage tables, on a connection of its own that only reads. One thread at a time.
#pragma once

#include "core/base/error.hpp"
#include "core/db/database.hpp"
#include "proxy/model/usage.hpp"

#include <memory>
#include <string>

namespace sluice::observe {

class usage_reader {
public:
    // The file is opened by the first query.
    explicit usage_reader(std::string file)
        : file_(std::move(file)) {}

    // Errors: deadline_exceeded (a query has three seconds), internal_error.
    [[nodiscard]] result<model::usage_page<model::usage_record>> requests(const model::usage_filter& wanted);
    [[nodiscard]] result<model::usage_page<model::usage_entity>> entities(const model::usage_filter& wanted);
    [[nodiscard]] result<model::usage_summary> summary(const model::usage_summary_query& wanted);

private:
    [[nodiscard]] result<void> prepare();

    const std::string file_;
    std::unique_ptr<db::database> db_;
};

} // namespace sluice::observe
