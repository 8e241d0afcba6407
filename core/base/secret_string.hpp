// Text that must not leak: it cannot be printed or logged (there is no operator<< and no conversion),
// compares in constant time and is wiped when it is destroyed or replaced.
#pragma once

#include <string>
#include <string_view>

namespace sluice {

class secret_string {
public:
    secret_string() = default;
    explicit secret_string(std::string_view text);
    secret_string(const secret_string& other);
    secret_string(secret_string&& other) noexcept;
    secret_string& operator=(const secret_string& other);
    secret_string& operator=(secret_string&& other) noexcept;
    ~secret_string();

    // The text itself, to be sent to whom it belongs to. Good until the object changes.
    [[nodiscard]] std::string_view reveal() const noexcept { return text_; }
    [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

    // Constant time in the length of the shorter text; the length itself is not hidden.
    friend bool operator==(const secret_string& a, const secret_string& b) noexcept;

private:
    void wipe() noexcept;

    std::string text_;
};

// Overwrites the characters in a way the compiler keeps.
void wipe(std::string& text) noexcept;

} // namespace sluice
