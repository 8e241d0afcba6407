#include "tests/support/fake_upstream.hpp"
#include "tests/support/http_text.hpp"

#include <utility>

namespace sluice::support {

namespace {

constexpr std::string_view event_stream_head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                                               "Transfer-Encoding: chunked\r\n\r\n";
constexpr std::string_view last_chunk = "0\r\n\r\n";

} // namespace

std::string received::field(std::string_view name) const {
    return find_field(head, name).value_or("");
}

script& script::times(std::size_t n) {
    left_ = n;
    return *this;
}

script& script::run(step what) {
    steps_.push_back(std::move(what));
    return *this;
}

script& script::send(std::string bytes) {
    return run([bytes = std::move(bytes)](upstream_link& link, const received&) { return link.send(bytes); });
}

script& script::send_together(std::vector<std::string> all) {
    return run([all = std::move(all)](upstream_link& link, const received&) {
        link.cork(true);
        for (const std::string& one : all) {
            if (!link.send(one)) return false;
        }
        link.cork(false);
        return true;
    });
}

script& script::answer(int status, std::string_view fields, std::string_view body) {
    std::string text = "HTTP/1.1 " + std::to_string(status) + " Whatever\r\n" + std::string(fields);
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
    return send(std::move(text));
}

script& script::answer_json(std::string_view body, int status) {
    return answer(status, "Content-Type: application/json\r\n", body);
}

script& script::stream_head() {
    return send(std::string(event_stream_head));
}

script& script::send_chunk(std::string_view data) {
    return send(chunk(data));
}

script& script::end_chunks() {
    return send(std::string(last_chunk));
}

script& script::stream(std::vector<std::string> events, std::chrono::milliseconds between) {
    stream_head();
    if (events.empty()) return end_chunks();
    for (std::size_t i = 0; i + 1 < events.size(); ++i) {
        send_chunk(events[i]);
        if (between.count() > 0) pause(between);
    }
    return send(chunk(events.back()) + std::string(last_chunk));
}

script& script::pause(std::chrono::milliseconds time) {
    return run([time](upstream_link& link, const received&) { return link.pause(time); });
}

script& script::hold() {
    return run([](upstream_link& link, const received&) { return link.hold(); });
}

script& script::stall() {
    return run([](upstream_link& link, const received&) {
        link.wait_gone();
        return false;
    });
}

script& script::close() {
    return run([](upstream_link& link, const received&) {
        link.finish();
        return false;
    });
}

script& script::reset() {
    return run([](upstream_link& link, const received&) {
        link.reset();
        return false;
    });
}

std::string chat_answer(std::string_view content) {
    return R"({"id":"c1","object":"chat.completion","created":1,"model":"gpt-4","choices":[{"index":0,"message":)"
           R"({"role":"assistant","content":")" +
           std::string(content) +
           R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}})";
}

std::string event(std::string_view content) {
    return R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4","choices":[{"index":0,)"
           R"("delta":{"content":")" +
           std::string(content) + "\"},\"finish_reason\":null}]}\n\n";
}

std::string last_event() {
    return R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4","choices":[{"index":0,)"
           "\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
}

std::vector<std::string> chat_stream(const std::vector<std::string>& contents) {
    std::vector<std::string> out;
    for (const std::string& one : contents)
        out.push_back(event(one));
    out.push_back(last_event());
    out.emplace_back(done_event);
    return out;
}

} // namespace sluice::support
