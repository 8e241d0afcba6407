// Reads one HTTP/1.1 response and keeps only what a load test asks about: status, size, when the body began,
// and the events of a stream. No copy of the body, no allocation per header field.
#pragma once

#include "tools/loadgen/sse_counter.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <cstdint>

namespace sluice::load {

class response_reader final : public boost::beast::http::basic_parser<false> {
public:
    explicit response_reader(bool as_stream);
    ~response_reader() override;

    [[nodiscard]] int status() const noexcept { return status_; }
    [[nodiscard]] std::uint64_t body_bytes() const noexcept { return body_bytes_; }
    [[nodiscard]] const sse_counter& events() const noexcept { return events_; }

private:
    using error_code = boost::beast::error_code;
    using text = boost::beast::string_view;
    using size = boost::optional<std::uint64_t>;

    void on_request_impl(boost::beast::http::verb, text, text, int, error_code&) override {}
    void on_response_impl(int code, text, int, error_code&) override { status_ = code; }
    void on_field_impl(boost::beast::http::field, text, text, error_code&) override {}
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const size&, error_code&) override {}
    std::size_t on_body_impl(text body, error_code&) override;
    void on_chunk_header_impl(std::uint64_t, text, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, text body, error_code&) override;
    void on_finish_impl(error_code&) override {}

    sse_counter events_;
    std::uint64_t body_bytes_ = 0;
    int status_ = 0;
    bool as_stream_;
};

} // namespace sluice::load
