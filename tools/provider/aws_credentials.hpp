// Where credentials of AWS come from: STS, and the metadata service of an instance (version 2).
#pragma once

#include "tools/provider/dialect.hpp"

namespace sluice::sim::aws {

[[nodiscard]] answer assume_role(const exchange& of);
[[nodiscard]] answer instance_token(const exchange& of);
[[nodiscard]] answer instance_role(const exchange& of);
[[nodiscard]] answer instance_credentials(const exchange& of);

} // namespace sluice::sim::aws
