#include "proxy/control/endpoint_record.hpp"

#include "core/base/hex.hpp"
#include "core/base/sha256.hpp"

namespace sluice::control {

namespace {

constexpr std::size_t id_bytes = 16;

} // namespace

std::string
make_entity_id(std::string_view endpoint_id, int version, std::string_view name, wall_ms created_ms) {
    std::string text(endpoint_id);
    text.append("/").append(std::to_string(version)).append("/").append(name);
    text.append("/").append(std::to_string(created_ms));
    const sha256_digest digest = sha256().digest(text);
    return hex_encode(as_text(digest).substr(0, id_bytes));
}

void endpoint_record::unbind() {
    const auto forget = [](endpoint_config& config) {
        for (entity_spec& entity : config.entities) {
            for (block_value& value : entity.block)
                value.scope_id = 0;
        }
    };
    if (active) forget(*active);
    if (pending) forget(pending->config);
}

} // namespace sluice::control
