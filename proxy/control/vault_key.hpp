// Where the master key comes from: a setting, or the file `master.key` in the data directory.
#pragma once

#include "core/base/error.hpp"
#include "core/base/secret_string.hpp"

#include <string>
#include <string_view>

namespace sluice::control {

// The 32 bytes that `text` encodes as base64; `source` is named in the error, the text never is.
[[nodiscard]] result<secret_string> parse_master_key(const secret_string& text, std::string_view source);

// The key in <data_dir>/master.key, which only its owner may be able to read. When it is missing, `may_make`
// says whether a new key is made and written (durably, before this returns), or whether that is an error.
[[nodiscard]] result<secret_string> key_from_file(const std::string& data_dir, bool may_make);

} // namespace sluice::control
