// The file `usage.db`: its tables and the steps that lead to them. A step that has shipped is never changed.
#pragma once

#include "core/base/error.hpp"
#include "core/db/database.hpp"

#include <memory>
#include <string>

namespace sluice::observe {

// Opens the file for writing, made with mode 0600 when it is missing, and brings it to the newest version.
// Error, for the operator: it cannot be used, or a newer program wrote it.
[[nodiscard]] result<std::unique_ptr<db::database>> open_usage(const std::string& file);

} // namespace sluice::observe
