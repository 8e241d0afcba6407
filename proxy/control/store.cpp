#include "proxy/control/store.hpp"

#include "proxy/control/migrations.hpp"
#include "proxy/control/vault.hpp"

#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace sluice::control {

namespace {

// Makes the directory and those above it; all that it makes are the gateway's alone.
result<void> make_directory(const std::string& path) {
    for (std::size_t end = 0; end != std::string::npos;) {
        end = path.find('/', end + 1);
        const std::string part = path.substr(0, end);
        if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
            return fail(errc::internal_error, "cannot make the data directory " + path + ": " + errno_text());
        }
    }
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0 || !S_ISDIR(found.st_mode)) {
        return fail(errc::internal_error, "the data directory " + path + " is not a directory");
    }
    return {};
}

// Sixteen digits, the first not 0, made from hex digits.
std::string digits_of(std::string_view hex) {
    std::string out;
    for (const char c : hex.substr(0, 16)) {
        const int value = c <= '9' ? c - '0' : c - 'a' + 10;
        out += static_cast<char>('0' + value % 10);
    }
    if (out.front() == '0') out.front() = '7';
    return out;
}

// A version 4 UUID from 32 hex digits.
std::string uuid_of(std::string hex) {
    hex[12] = '4';
    hex[16] = "89ab"[static_cast<unsigned char>(hex[16]) % 4];
    return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' + hex.substr(16, 4) +
           '-' + hex.substr(20, 12);
}

stored_endpoint endpoint_of(const db::statement& row) {
    return {row.text(0), row.text(1), row.text(2)};
}

} // namespace

class store::directory_lock {
public:
    static result<std::unique_ptr<directory_lock>> take(const std::string& data_dir) {
        const std::string file = data_dir + "/sluice.lock";
        const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0) return fail(errc::internal_error, "cannot open " + file + ": " + errno_text());
        std::unique_ptr<directory_lock> lock(new directory_lock(fd));
        if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return lock;
        if (errno != EWOULDBLOCK)
            return fail(errc::internal_error, "cannot lock " + file + ": " + errno_text());
        return fail(errc::internal_error,
                    "another gateway already runs on the data directory " + data_dir +
                        ": stop it, or choose another directory with --data");
    }

    directory_lock(const directory_lock&) = delete;
    directory_lock& operator=(const directory_lock&) = delete;
    ~directory_lock() { ::close(fd_); }

private:
    explicit directory_lock(int fd)
        : fd_(fd) {}

    int fd_;
};

store::store(std::string data_dir, std::unique_ptr<directory_lock> lock, std::unique_ptr<db::database> db)
    : data_dir_(std::move(data_dir))
    , lock_(std::move(lock))
    , db_(std::move(db)) {}

store::~store() = default;

result<std::unique_ptr<store>> store::open(const std::string& data_dir) {
    if (data_dir.empty()) return fail(errc::internal_error, "the data directory has no name");
    if (auto made = make_directory(data_dir); !made) return fail(std::move(made).error());
    auto lock = directory_lock::take(data_dir);
    if (!lock) return fail(std::move(lock).error());
    auto db = db::database::open(data_dir + "/sluice.db");
    if (!db) return fail(std::move(db).error());
    if (auto migrated = migrate(**db); !migrated) return fail(std::move(migrated).error());
    std::unique_ptr<store> opened(new store(data_dir, std::move(*lock), std::move(*db)));
    if (auto loaded = opened->load_ids(); !loaded) return fail(std::move(loaded).error());
    return opened;
}

result<void> store::load_ids() {
    const auto workspace = meta("workspace_id");
    if (!workspace) return fail(workspace.error());
    const auto account = meta("account_id");
    if (!account) return fail(account.error());
    workspace_id_ = workspace->value_or("");
    account_id_ = account->value_or("");
    if (!workspace_id_.empty() && !account_id_.empty()) return {};
    auto random = random_hex(32);
    if (!random) return fail(std::move(random).error());
    workspace_id_ = digits_of(random->substr(0, 16));
    account_id_ = uuid_of(random->substr(32));
    auto work = begin();
    if (!work) return fail(std::move(work).error());
    if (auto set = set_meta("workspace_id", workspace_id_); !set) return set;
    if (auto set = set_meta("account_id", account_id_); !set) return set;
    return work->commit();
}

result<std::optional<std::string>> store::meta(std::string_view key) {
    return first_row(db_->query("SELECT value FROM meta WHERE key = ?", key), db::first_text);
}

result<void> store::set_meta(std::string_view key, std::string_view value) {
    auto done = db_->change("INSERT INTO meta (key, value) VALUES (?, ?)"
                            " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                            key,
                            value);
    if (!done) return fail(std::move(done).error());
    return {};
}

result<bool> store::has_sealed_data() {
    auto row = db_->query("SELECT EXISTS (SELECT 1 FROM secrets) OR EXISTS (SELECT 1 FROM endpoints)");
    if (!row) return fail(std::move(row).error());
    const auto there = row->step();
    if (!there) return fail(there.error());
    return row->integer(0) != 0;
}

result<void> store::put_endpoint(const stored_endpoint& endpoint) {
    auto done =
        db_->change("INSERT INTO endpoints (id, name, document) VALUES (?, ?, ?)"
                    " ON CONFLICT (id) DO UPDATE SET name = excluded.name, document = excluded.document",
                    endpoint.id,
                    endpoint.name,
                    endpoint.document);
    if (!done) return fail(std::move(done).error());
    return {};
}

result<void> store::delete_endpoint(std::string_view id) {
    auto done = db_->change("DELETE FROM endpoints WHERE id = ?", id);
    if (!done) return fail(std::move(done).error());
    return {};
}

result<std::vector<stored_endpoint>> store::endpoints() {
    return all_rows(db_->query("SELECT id, name, document FROM endpoints ORDER BY name"), endpoint_of);
}

result<std::optional<std::string>> store::config_entry(std::string_view kind, std::string_view name) {
    return first_row(db_->query("SELECT digest FROM config_entries WHERE kind = ? AND name = ?", kind, name),
                     db::first_text);
}

result<void> store::set_config_entry(std::string_view kind, std::string_view name, std::string_view digest) {
    auto done = db_->change("INSERT INTO config_entries (kind, name, digest) VALUES (?, ?, ?)"
                            " ON CONFLICT (kind, name) DO UPDATE SET digest = excluded.digest",
                            kind,
                            name,
                            digest);
    if (!done) return fail(std::move(done).error());
    return {};
}

result<void> store::keep_config_entries(std::string_view kind, const std::vector<std::string>& names) {
    auto work = begin();
    if (!work) return fail(std::move(work).error());
    auto listed =
        db_->run("CREATE TEMP TABLE IF NOT EXISTS kept (name TEXT NOT NULL) STRICT; DELETE FROM temp.kept");
    if (!listed) return listed;
    for (const auto& name : names) {
        auto added = db_->change("INSERT INTO temp.kept (name) VALUES (?)", name);
        if (!added) return fail(std::move(added).error());
    }
    auto done = db_->change(
        "DELETE FROM config_entries WHERE kind = ? AND name NOT IN (SELECT name FROM temp.kept)", kind);
    if (!done) return fail(std::move(done).error());
    return work->commit();
}

} // namespace sluice::control
