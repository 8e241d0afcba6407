#include "tools/provider/events.hpp"

namespace sluice::sim {

void append_event(std::string& out, std::string_view data, event_style style) {
    append_named_event(out, {}, data, style);
}

void append_named_event(std::string& out, std::string_view type, std::string_view data, event_style style) {
    const std::string_view line_end = style.crlf ? "\r\n" : "\n";
    if (style.comments) {
        out += ": still here";
        out += line_end;
    }
    if (!type.empty()) {
        out += "event: ";
        out += type;
        out += line_end;
    }
    out += "data: ";
    out += data;
    out += line_end;
    out += line_end;
}

} // namespace sluice::sim
