#include "core/db/database.hpp"

#include "core/base/log.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace sluice::db {

namespace {

// The primary code decides; only the sentence leaves, never SQL or values.
std::string_view sentence_of(int code) {
    switch (code & 0xff) {
    case SQLITE_FULL: return "the disk is full";
    case SQLITE_IOERR: return "the disk reports an input/output error";
    case SQLITE_READONLY: return "it cannot be written";
    case SQLITE_CANTOPEN: return "a file of it cannot be opened";
    case SQLITE_CORRUPT: return "it is damaged";
    case SQLITE_NOTADB: return "the file is not a database";
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "another process uses it";
    case SQLITE_NOMEM: return "memory is exhausted";
    case SQLITE_CONSTRAINT: return "a constraint does not hold";
    default: return sqlite3_errstr(code);
    }
}

result<void> make_file(const std::string& file) {
    // SQLite gives its side files (-wal, -shm) the mode of the database file.
    const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (made < 0) {
        return fail(errc::internal_error, "cannot open the database " + file + ": " + errno_text());
    }
    const int kept_private = ::fchmod(made, 0600);
    ::close(made);
    if (kept_private != 0) return fail(errc::internal_error, "cannot make the database " + file + " private");
    return {};
}

} // namespace

void statement::finalize::operator()(sqlite3_stmt* raw) const noexcept {
    sqlite3_finalize(raw);
}

void statement::bind(int index, std::string_view text) {
    // A null pointer would bind NULL.
    const char* data = text.data() ? text.data() : "";
    const int code = sqlite3_bind_text64(raw_.get(), index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
    if (code != SQLITE_OK && failed_ == 0) failed_ = code;
}

void statement::bind(int index, std::int64_t number) {
    const int code = sqlite3_bind_int64(raw_.get(), index, number);
    if (code != SQLITE_OK && failed_ == 0) failed_ = code;
}

void statement::bind(int index, std::optional<std::int64_t> number) {
    if (number) return bind(index, *number);
    const int code = sqlite3_bind_null(raw_.get(), index);
    if (code != SQLITE_OK && failed_ == 0) failed_ = code;
}

void statement::bind(int index, blob bytes) {
    const char* data = bytes.bytes.data() ? bytes.bytes.data() : "";
    const int code = sqlite3_bind_blob64(raw_.get(), index, data, bytes.bytes.size(), SQLITE_STATIC);
    if (code != SQLITE_OK && failed_ == 0) failed_ = code;
}

void statement::restart() {
    sqlite3_reset(raw_.get()); // its code is that of the last step, which has been told
    sqlite3_clear_bindings(raw_.get());
    failed_ = 0;
}

result<bool> statement::step() {
    if (failed_ != 0) return owner_->failed(failed_);
    if (owner_->lost_transaction()) return owner_->failed(SQLITE_ABORT);
    const int code = sqlite3_step(raw_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return owner_->failed(code);
}

std::int64_t statement::integer(int column) const {
    return sqlite3_column_int64(raw_.get(), column);
}

std::optional<std::int64_t> statement::integer_or_null(int column) const {
    if (sqlite3_column_type(raw_.get(), column) == SQLITE_NULL) return std::nullopt;
    return integer(column);
}

std::string statement::text(int column) const {
    const void* data = sqlite3_column_blob(raw_.get(), column);
    const int size = sqlite3_column_bytes(raw_.get(), column);
    if (!data || size <= 0) return {};
    return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

transaction::~transaction() {
    if (!owner_) return;
    if (auto undone = owner_->end(false); !undone) {
        log::error("store_rollback_failed", {{"message", std::string_view(undone.error().message)}});
    }
}

result<void> transaction::commit() {
    database* owner = std::exchange(owner_, nullptr);
    return owner->end(true);
}

result<std::unique_ptr<database>> database::open(const std::string& file, care how) {
    if (auto made = make_file(file); !made) return fail(std::move(made).error());
    std::string settings =
        "PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;";
    // secure_delete: a deleted blob is overwritten, though it is sealed.
    settings += how == care::full ? "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
                                  : "PRAGMA synchronous = NORMAL; PRAGMA secure_delete = OFF;";
    return connect(file, SQLITE_OPEN_READWRITE, settings);
}

result<std::unique_ptr<database>> database::open_reader(const std::string& file) {
    return connect(file, SQLITE_OPEN_READONLY, "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;");
}

result<std::unique_ptr<database>>
database::connect(const std::string& file, int flags, const std::string& settings) {
    sqlite3* raw = nullptr;
    const int code =
        sqlite3_open_v2(file.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    std::unique_ptr<database> opened(new database(raw)); // owns `raw` after a failure too
    if (code != SQLITE_OK) return opened->failed(code);
    sqlite3_busy_timeout(raw, 5000);
    auto set = opened->run(settings);
    if (!set) return fail(std::move(set).error());
    return opened;
}

result<statement> database::query_list(std::string_view sql, std::span<const parameter> values) {
    auto prepared = prepare(sql);
    if (!prepared) return prepared;
    int index = 0;
    for (const parameter& one : values) {
        ++index;
        std::visit([&](const auto& value) { prepared->bind(index, value); }, one);
    }
    return prepared;
}

void database::limit_time(std::chrono::milliseconds most) {
    constexpr int steps_between_looks = 10'000; // of SQLite's machine, well under a millisecond
    deadline_ = std::chrono::steady_clock::now() + most;
    const auto is_over = [](void* self) {
        return std::chrono::steady_clock::now() >= static_cast<database*>(self)->deadline_ ? 1 : 0;
    };
    sqlite3_progress_handler(raw_, steps_between_looks, is_over, this);
}

database::~database() {
    sqlite3_close(raw_);
}

result<void> database::run(const std::string& sql) {
    if (lost_transaction()) return failed(SQLITE_ABORT);
    const int code = sqlite3_exec(raw_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return failed(code);
    return {};
}

result<statement> database::prepare(std::string_view sql) {
    sqlite3_stmt* raw = nullptr;
    const int code = sqlite3_prepare_v2(raw_, sql.data(), static_cast<int>(sql.size()), &raw, nullptr);
    if (code != SQLITE_OK) return failed(code);
    return statement(*this, raw);
}

result<std::int64_t> database::finish(statement& prepared) {
    const auto row = prepared.step();
    if (!row) return fail(row.error());
    return sqlite3_changes64(raw_);
}

result<transaction> database::begin() {
    if (lost_transaction()) return failed(SQLITE_ABORT);
    // Outside of any transaction a savepoint is one; inside it nests.
    const int code = sqlite3_exec(raw_, "SAVEPOINT step", nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return failed(code);
    ++depth_;
    return transaction(*this);
}

result<void> database::end(bool keep) {
    const bool lost = lost_transaction();
    --depth_;
    if (lost) return keep ? result<void>(failed(SQLITE_ABORT)) : result<void>();
    int code = SQLITE_OK;
    if (keep) {
        code = sqlite3_exec(raw_, "RELEASE step", nullptr, nullptr, nullptr);
        if (code == SQLITE_OK) return {};
    }
    const bool still_open = sqlite3_get_autocommit(raw_) == 0;
    if (still_open) {
        const char* undo = depth_ == 0 ? "ROLLBACK" : "ROLLBACK TO step; RELEASE step";
        const int undone = sqlite3_exec(raw_, undo, nullptr, nullptr, nullptr);
        if (code == SQLITE_OK) code = undone;
    }
    if (code != SQLITE_OK) return failed(code);
    return {};
}

std::int64_t database::last_insert_id() const {
    return sqlite3_last_insert_rowid(raw_);
}

bool database::lost_transaction() const {
    return depth_ > 0 && sqlite3_get_autocommit(raw_) != 0;
}

tl::unexpected<error> database::failed(int code) const {
    if ((code & 0xff) == SQLITE_INTERRUPT) {
        return fail(errc::deadline_exceeded, "The database needed too long for the query.");
    }
    std::string text = "The gateway's database failed: ";
    text += sentence_of(code);
    text += '.';
    log::error("store_failed", {{"code", code}, {"message", std::string_view(text)}});
    return fail(errc::internal_error, std::move(text));
}

} // namespace sluice::db
