#include "proxy/control/vault_key.hpp"

#include "core/base/base64.hpp"
#include "proxy/control/vault.hpp"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <unistd.h>
#include <utility>

namespace sluice::control {

namespace {

constexpr std::size_t vault_key_bytes = 32;

class file_descriptor {
public:
    explicit file_descriptor(int fd)
        : fd_(fd) {}
    file_descriptor(const file_descriptor&) = delete;
    file_descriptor& operator=(const file_descriptor&) = delete;
    ~file_descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int get() const noexcept { return fd_; }

private:
    int fd_;
};

result<secret_string> read_key(int fd, const std::string& file) {
    struct stat found{};
    if (::fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) {
        return fail(errc::internal_error, file + " is not a file");
    }
    if ((found.st_mode & 077U) != 0) {
        return fail(
            errc::internal_error,
            file + " may be read by other users: make it private (chmod 600), and if they are not trusted, "
                   "replace the secrets");
    }
    std::string text(128, '\0'); // more than a key takes, so that a longer file is seen as malformed
    const ssize_t size = ::read(fd, text.data(), text.size());
    if (size < 0) return fail(errc::internal_error, "cannot read " + file + ": " + errno_text());
    text.resize(static_cast<std::size_t>(size));
    if (!text.empty() && text.back() == '\n') text.pop_back();
    const secret_string encoded(text);
    wipe(text);
    return parse_master_key(encoded, file);
}

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t size = ::write(fd, text.data(), text.size());
        if (size < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(size));
    }
    return ::fsync(fd) == 0;
}

// Writes beside the file and renames, so that a crash leaves no half a key.
result<secret_string> make_key(const std::string& data_dir, const std::string& file) {
    auto raw = random_bytes(vault_key_bytes);
    if (!raw) return fail(std::move(raw).error());
    secret_string key(*raw);
    std::string text = base64_encode(*raw) + '\n';
    wipe(*raw);
    const std::string fresh = file + ".new";
    ::unlink(fresh.c_str()); // of a start that was cut off
    const file_descriptor out(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    const bool written =
        out.get() >= 0 && write_all(out.get(), text) && ::rename(fresh.c_str(), file.c_str()) == 0;
    wipe(text);
    if (!written) return fail(errc::internal_error, "cannot write " + file + ": " + errno_text());
    const file_descriptor directory(::open(data_dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0 || ::fsync(directory.get()) != 0) {
        return fail(errc::internal_error, "cannot write " + file + ": " + errno_text());
    }
    return key;
}

} // namespace

result<secret_string> parse_master_key(const secret_string& text, std::string_view source) {
    auto bytes = base64_decode(text.reveal());
    if (!bytes || bytes->size() != vault_key_bytes) {
        if (bytes) wipe(*bytes);
        return fail(errc::invalid_parameter_value,
                    std::string(source) +
                        " must be base64 of exactly 32 bytes (make one with: openssl rand -base64 32)");
    }
    secret_string key(*bytes);
    wipe(*bytes);
    return key;
}

result<secret_string> key_from_file(const std::string& data_dir, bool may_make) {
    const std::string file = data_dir + "/master.key";
    const file_descriptor there(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (there.get() >= 0) return read_key(there.get(), file);
    if (errno != ENOENT) return fail(errc::internal_error, "cannot open " + file + ": " + errno_text());
    if (may_make) return make_key(data_dir, file);
    return fail(errc::internal_error,
                file + " is missing, and the database holds secrets that were encrypted with it or with "
                       "SLUICE_MASTER_KEY: put it back, or set that variable");
}

} // namespace sluice::control
