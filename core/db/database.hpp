// SQLite as values: a connection, statements that free themselves, and transactions that roll back unless
// they are committed. Nothing of SQLite's C API leaves these classes. One thread at a time.
#pragma once

#include "core/base/error.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace sluice::db {

class database;

// Bytes that are bound as a BLOB, not as text. Borrowed until the statement is gone.
struct blob {
    std::string_view bytes;
};

// A parameter of a statement that is put together at run time.
using parameter = std::variant<std::int64_t, std::string_view>;

// How careful a database is with what it is given.
enum class care : std::uint8_t {
    full,    // a commit survives a power cut; what is deleted is overwritten
    process, // a commit survives the death of the process; a power cut may take the last ones
};

// One prepared statement. Errors of bind are kept and returned by step. Ends before its database does.
class statement {
public:
    statement(statement&& other) noexcept = default;
    statement& operator=(statement&& other) = delete;

    // Runs a statement that gives no rows, with these parameters: text, integers, std::optional of integers,
    // blobs. As often as wanted.
    template <class... Values>
    [[nodiscard]] result<void> run(const Values&... values) {
        restart();
        int index = 0;
        (bind(++index, values), ...);
        const auto done = step();
        restart();
        if (!done) return fail(done.error());
        return {};
    }

    // True: a row is there. False: done.
    [[nodiscard]] result<bool> step();

    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::optional<std::int64_t> integer_or_null(int column) const;
    [[nodiscard]] std::string text(int column) const; // also of a BLOB; of NULL: empty

private:
    friend class database;
    struct finalize {
        void operator()(sqlite3_stmt* raw) const noexcept;
    };

    statement(database& owner, sqlite3_stmt* raw)
        : owner_(&owner)
        , raw_(raw) {}
    void bind(int index, std::string_view text);
    void bind(int index, std::int64_t number);
    void bind(int index, std::optional<std::int64_t> number);
    void bind(int index, blob bytes);
    // As it was before its first step, without parameters.
    void restart();

    database* owner_; // never null
    std::unique_ptr<sqlite3_stmt, finalize> raw_;
    int failed_ = 0; // SQLite's code of the first bind that failed
};

// A write that happens as a whole or not at all. They nest: an inner one that is rolled back leaves the outer
// one as it was before. Ends before its database does, the inner one before the outer one.
class transaction {
public:
    transaction(transaction&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)) {}
    transaction& operator=(transaction&& other) = delete;
    ~transaction();

    // After success of the outermost one everything is on the disk.
    [[nodiscard]] result<void> commit();

private:
    friend class database;
    explicit transaction(database& owner)
        : owner_(&owner) {}

    database* owner_; // null once it is committed, rolled back or moved from
};

class database {
public:
    // Creates the file with mode 0600 when it is missing.
    [[nodiscard]] static result<std::unique_ptr<database>> open(const std::string& file,
                                                                care how = care::full);
    // For queries beside the connection that writes. The file must be there.
    [[nodiscard]] static result<std::unique_ptr<database>> open_reader(const std::string& file);

    database(const database&) = delete;
    database& operator=(const database&) = delete;
    ~database();

    // Any number of statements without parameters; rows are dropped.
    [[nodiscard]] result<void> run(const std::string& sql);

    // A statement with its parameters: text, integers or blobs. Text and blobs must outlive the statement's
    // last step.
    template <class... Values>
    [[nodiscard]] result<statement> query(std::string_view sql, const Values&... values) {
        auto prepared = prepare(sql);
        if (!prepared) return prepared;
        int index = 0;
        (prepared->bind(++index, values), ...);
        return prepared;
    }

    // The same with parameters that were put together at run time.
    [[nodiscard]] result<statement> query_list(std::string_view sql, std::span<const parameter> values);

    // What runs from now on ends with the error deadline_exceeded when it is not done after this time.
    void limit_time(std::chrono::milliseconds most);

    // Runs a statement that gives no rows. The number of rows it changed.
    template <class... Values>
    [[nodiscard]] result<std::int64_t> change(std::string_view sql, const Values&... values) {
        auto prepared = query(sql, values...);
        if (!prepared) return fail(std::move(prepared).error());
        return finish(*prepared);
    }

    [[nodiscard]] result<transaction> begin();
    [[nodiscard]] std::int64_t last_insert_id() const;

private:
    friend class statement;
    friend class transaction;

    explicit database(sqlite3* raw)
        : raw_(raw) {}
    [[nodiscard]] result<statement> prepare(std::string_view sql);
    [[nodiscard]] result<std::int64_t> finish(statement& prepared);
    [[nodiscard]] result<void> end(bool keep);
    // SQLite ends a transaction by itself when the disk is full; what follows must then fail, not write by
    // its own.
    [[nodiscard]] bool lost_transaction() const;
    [[nodiscard]] tl::unexpected<error> failed(int code) const;

    [[nodiscard]] static result<std::unique_ptr<database>>
    connect(const std::string& file, int flags, const std::string& settings);

    sqlite3* raw_;
    int depth_ = 0;                                  // open transactions
    std::chrono::steady_clock::time_point deadline_; // of limit_time
};

// The row's first column, for all_rows and first_row.
[[nodiscard]] inline std::string first_text(const statement& row) {
    return row.text(0);
}

// Of a change whose number of rows says nothing.
[[nodiscard]] inline result<void> without_count(result<std::int64_t> changed) {
    if (!changed) return fail(std::move(changed).error());
    return {};
}

// read(row) of every row of a query, which may have failed.
template <class Read>
[[nodiscard]] auto all_rows(result<statement> query, Read read)
    -> result<std::vector<decltype(read(std::declval<const statement&>()))>> {
    if (!query) return fail(std::move(query).error());
    std::vector<decltype(read(std::declval<const statement&>()))> out;
    for (;;) {
        const auto there = query->step();
        if (!there) return fail(there.error());
        if (!*there) return out;
        out.push_back(read(std::as_const(*query)));
    }
}

// read(row) of the first row, if there is one.
template <class Read>
[[nodiscard]] auto first_row(result<statement> query, Read read)
    -> result<std::optional<decltype(read(std::declval<const statement&>()))>> {
    if (!query) return fail(std::move(query).error());
    const auto there = query->step();
    if (!there) return fail(there.error());
    if (!*there) return std::nullopt;
    return read(std::as_const(*query));
}

} // namespace sluice::db
