// What the operations of Amazon Bedrock share.
#pragma once

#include "tools/provider/dialect.hpp"
#include "tools/provider/schema.hpp"

namespace sluice::sim::aws {

class bedrock_dialect : public dialect {
public:
    [[nodiscard]] std::optional<api_error> refuse(const exchange& of) const override;
    // {"message":…}; the name stands in the field x-amzn-errortype.
    [[nodiscard]] answer error(const api_error& e) const override;

protected:
    [[nodiscard]] static answer frames(std::unique_ptr<event_source> source);
};

// ValidationException.
[[nodiscard]] tl::unexpected<api_error> refuse_aws(std::string message);

// A body of Converse.
[[nodiscard]] api_result<void> read_converse(const json::object& body, call& out);

// Letters whose number depends on the seed: the padding of a frame's payload.
[[nodiscard]] std::string padding_of(std::uint64_t seed);

} // namespace sluice::sim::aws
