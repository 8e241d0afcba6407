// Who may ask the simulated provider: keys that are told to it, and tokens that it gives out itself and knows
// again. A token carries its own end and a proof, so nothing is stored and every thread knows it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::sim {

struct access {
    std::string api_key; // empty: any is good where the service asks for one

    std::string aws_key_id = "AKIDEXAMPLE";
    std::string aws_secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    std::string google_key;    // PEM, the public key of the service account; empty: any signature is good
    std::string google_issuer; // its e-mail address; empty: any

    std::string entra_client; // empty: any that is not empty
    std::string entra_secret;

    std::int64_t token_seconds = 3600; // how long tokens are good
};

enum class token_kind : std::uint8_t { google, entra, aws_session, instance };

[[nodiscard]] std::string make_token(token_kind kind, std::int64_t expires);

// Was it given out as such a token, and is it still good?
[[nodiscard]] bool is_good_token(token_kind kind, std::string_view token, std::int64_t now);

} // namespace sluice::sim
