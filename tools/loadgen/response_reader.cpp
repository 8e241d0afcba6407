#include "tools/loadgen/response_reader.hpp"

namespace sluice::load {

response_reader::response_reader(bool as_stream)
    : as_stream_(as_stream) {
    eager(true);
    body_limit(boost::none);
    header_limit(64 * 1024);
}

response_reader::~response_reader() = default;

std::size_t response_reader::on_body_impl(text body, error_code&) {
    body_bytes_ += body.size();
    if (as_stream_) events_.feed({body.data(), body.size()});
    return body.size();
}

std::size_t response_reader::on_chunk_body_impl(std::uint64_t, text body, error_code& ec) {
    return on_body_impl(body, ec);
}

} // namespace sluice::load
