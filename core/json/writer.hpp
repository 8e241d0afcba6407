// Append-only JSON into a std::string: the caller writes the punctuation of objects and arrays that it knows,
// these write values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::json {

// Appends "text" with quotes, escaping what RFC 8259 asks for. Bytes that are not UTF-8 become U+FFFD.
void append_string(std::string& out, std::string_view text);
void append_number(std::string& out, std::int64_t number);

// Writes one object: puts the commas, not the braces of nested values.
//   object_writer w(out); w.text("name", n); w.number("calls", 5); w.raw("tags", tags_json); w.close();
class object_writer {
public:
    explicit object_writer(std::string& out)
        : out_(out) {
        out_ += '{';
    }
    object_writer(const object_writer&) = delete;
    object_writer& operator=(const object_writer&) = delete;

    void text(std::string_view key, std::string_view value);
    void number(std::string_view key, std::int64_t value);
    void boolean(std::string_view key, bool value);
    void raw(std::string_view key, std::string_view json); // json is a whole JSON value
    void key(std::string_view key);                        // the caller appends the value itself
    void close() { out_ += '}'; }

private:
    std::string& out_;
    bool first_ = true;
};

} // namespace sluice::json
