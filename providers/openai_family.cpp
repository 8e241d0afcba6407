#include "providers/openai.hpp"

namespace sluice::providers::openai {

result<void> family::encode(const unified::call& call, const target& to, upstream_request& out) const {
    splice_body(call, to, out);
    return {};
}

std::unique_ptr<decoder>
family::make_decoder(const unified::call& call, const target& to, const answer_context& context) const {
    return make_stream_decoder(call, to, context.max_event_bytes);
}

result<answer> family::read_answer(const unified::call& call,
                                   const target& to,
                                   const answer_context& context,
                                   std::string_view body) const {
    return read_json_answer(call, to, context, body);
}

} // namespace sluice::providers::openai
