// A test CA and a server certificate for localhost, made once and kept in a directory: TLS without any
// set-up.
#pragma once

#include "core/base/error.hpp"

#include <string>

namespace sluice::sim {

struct certificate_files {
    std::string ca;          // what clients trust
    std::string certificate; // of the server
    std::string key;         // of the server, mode 0600
};

// Files ca.pem, server.pem and server-key.pem in `directory`, which is made if need be. What is there already
// is kept; if any of the three is missing all are made anew. The CA's key is never written: it signs one
// certificate.
[[nodiscard]] result<certificate_files> make_test_ca(const std::string& directory);

} // namespace sluice::sim
