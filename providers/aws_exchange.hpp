// The requests by which the keys of a role are fetched; only aws_*.cpp use this.
#pragma once

#include "providers/aws_credentials.hpp"
#include "providers/credential.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace sluice::providers::aws {

// Where the keys to begin with come from.
enum class base : std::uint8_t { process, web_identity, container, instance };

// Everything that an exchange needs; nothing of it changes.
struct role_settings {
    std::string arn;
    std::string region;
    int duration_seconds = 0;
    base from = base::instance;
    credential given; // of the process, in its environment
    origin metadata;  // of the container or the instance
    std::string metadata_path;
    secret_string authorization; // of the container
    file_reader read_file;
    std::string token_file; // of the web identity, or instead of `authorization`
    std::string own_role;   // that the web identity stands for
    std::string session_name;
    origin sts;
    std::string sts_path;
};

// `of` must outlive it.
[[nodiscard]] std::unique_ptr<credential_exchange> make_role_exchange(const role_settings& of);

} // namespace sluice::providers::aws
