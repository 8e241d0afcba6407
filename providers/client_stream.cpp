#include "providers/client_stream.hpp"

#include "core/json/reader.hpp"

#include <string>
#include <utility>

namespace sluice::providers {

namespace {

class translated_decoder final : public decoder {
public:
    translated_decoder(std::unique_ptr<decoder> from, std::unique_ptr<event_translation> into)
        : from_(std::move(from))
        , into_(std::move(into)) {}

    // What came before an error goes out, then the error.
    [[nodiscard]] result<void> body(std::string_view in, std::string& out) override {
        chunks_.clear();
        auto read = from_->body(in, chunks_);
        if (auto written = translate(out); !written) return written;
        return read;
    }

    [[nodiscard]] result<void> end(std::string& out) override {
        chunks_.clear();
        auto read = from_->end(chunks_);
        if (auto written = translate(out); !written) return written;
        return read;
    }

    [[nodiscard]] bool finished() const noexcept override { return from_->finished(); }
    [[nodiscard]] usage used() const noexcept override { return from_->used(); }
    [[nodiscard]] const error* failure() const noexcept override { return from_->failure(); }

private:
    [[nodiscard]] result<void> translate(std::string& out) {
        if (chunks_.empty()) return {};
        chunks_.reserve(chunks_.size() + json::padding);
        return into_->chunks(chunks_, out);
    }

    std::unique_ptr<decoder> from_;
    std::unique_ptr<event_translation> into_;
    std::string chunks_; // reused
};

} // namespace

std::unique_ptr<decoder> translate_stream(std::unique_ptr<decoder> from,
                                          std::unique_ptr<event_translation> into) {
    return std::make_unique<translated_decoder>(std::move(from), std::move(into));
}

} // namespace sluice::providers
