#include "providers/provider.hpp"

#include "core/json/writer.hpp"

namespace sluice::providers {

void upstream_request::clear() {
    head_tail.clear();
    body.clear();
    body_size = 0;
    storage.clear();
}

target provider::begin_target(std::string_view model, task kind) const {
    target to;
    to.via = this;
    to.provider_name = name();
    to.kind = kind;
    to.model = model;
    json::append_string(to.model_json, model);
    return to;
}

} // namespace sluice::providers
