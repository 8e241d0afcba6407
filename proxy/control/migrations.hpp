// The shape of the database, as numbered steps. A step that has shipped is never changed: a new one is added
// after it.
#pragma once

#include "core/base/error.hpp"
#include "core/db/database.hpp"

namespace sluice::control {

// Brings the database to the newest version, each step one transaction. Error: it was written by a newer
// program.
[[nodiscard]] result<void> migrate(db::database& db);

// The version after migrate.
[[nodiscard]] int newest_version() noexcept;

} // namespace sluice::control
