#include "tools/provider/dialect.hpp"

#include <utility>

namespace sluice::sim {

answer dialect::json(std::string body) {
    return json(200, std::move(body));
}

answer dialect::json(int status, std::string body) {
    answer a;
    a.status = status;
    a.body = std::move(body);
    return a;
}

answer dialect::events(std::unique_ptr<event_source> source) {
    answer a;
    a.content_type = "text/event-stream; charset=utf-8";
    a.fields = "Cache-Control: no-cache\r\n";
    a.events = std::move(source);
    return a;
}

} // namespace sluice::sim
