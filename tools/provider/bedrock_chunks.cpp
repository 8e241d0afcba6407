#include "tools/provider/bedrock_chunks.hpp"

#include "tools/provider/aws_frames.hpp"
#include "tools/provider/bedrock.hpp"
#include "tools/provider/text.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::sim::aws {

namespace {

// One event is held back, because the last one has the counts.
class framed final : public event_source {
public:
    framed(std::unique_ptr<event_source> inside, const call& c, const knobs& k, std::size_t output)
        : inside_(std::move(inside))
        , call_(c)
        , knobs_(k)
        , output_(output) {}

    [[nodiscard]] event_kind next(std::string& out) override {
        if (!begun_) held_kind_ = take(held_);
        begun_ = true;
        if (held_kind_ == event_kind::none) return event_kind::none;
        if (knobs_.error_after && contents_ >= *knobs_.error_after) {
            held_kind_ = event_kind::none;
            append_exception_frame(out, "modelStreamErrorException", "The model has failed.");
            return event_kind::other;
        }
        std::string following;
        const event_kind following_kind = take(following);
        if (following_kind == event_kind::none && !knobs_.no_usage) append_metrics(held_);
        if (knobs_.bad_json && contents_ == 0 && held_kind_ == event_kind::content) held_.pop_back();
        std::string payload = R"({"bytes":")";
        append_base64(payload, held_);
        payload += R"(","p":")" + padding_of(call_.seed + number_++) + "\"}";
        append_event_frame(out, "chunk", payload);
        const event_kind kind = held_kind_;
        contents_ += kind == event_kind::content ? 1 : 0;
        held_ = std::move(following);
        held_kind_ = following_kind;
        return kind;
    }

private:
    // The JSON of the next event, whatever stands around it.
    event_kind take(std::string& json_text) {
        std::string event;
        const event_kind kind = inside_->next(event);
        constexpr std::string_view mark = "data: ";
        const std::size_t at = event.find(mark);
        json_text = at == std::string::npos || event.front() == '{' ? event : event.substr(at + mark.size());
        json_text.resize(json_text.find_last_not_of("\r\n") + 1);
        return kind;
    }
    void append_metrics(std::string& json_text) const {
        if (!json_text.ends_with('}')) return;
        json_text.pop_back();
        json_text += R"(,"amazon-bedrock-invocationMetrics":{"inputTokenCount":)";
        append_number(json_text, call_.prompt_tokens);
        json_text += R"(,"outputTokenCount":)";
        append_number(json_text, output_);
        json_text += R"(,"invocationLatency":12,"firstByteLatency":3}})";
    }

    std::unique_ptr<event_source> inside_;
    call call_;
    knobs knobs_;
    std::size_t output_;
    std::string held_;
    event_kind held_kind_ = event_kind::none;
    bool begun_ = false;
    std::size_t contents_ = 0;
    std::uint64_t number_ = 0;
};

} // namespace

std::unique_ptr<event_source>
chunk_frames(std::unique_ptr<event_source> inside, const call& c, const knobs& k, std::size_t output) {
    return std::make_unique<framed>(std::move(inside), c, k, output);
}

} // namespace sluice::sim::aws
