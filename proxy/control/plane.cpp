#include "proxy/control/plane.hpp"

#include "core/base/log.hpp"
#include "core/base/string_map.hpp"
#include "proxy/control/plane_state.hpp"

#include <absl/base/thread_annotations.h>
#include <absl/synchronization/mutex.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

namespace sluice::control {

namespace asio = boost::asio;

// The thread and its queue. Everything but the post()s and stop() happens on the thread.
class plane::runner {
public:
    using opener = std::function<result<std::unique_ptr<plane_state>>()>;

    // `open` makes the state again from what is stored.
    runner(std::unique_ptr<plane_state> state,
           const clock& time,
           model::publisher& publisher,
           model::prober* prober,
           opener open)
        : time_(time)
        , publisher_(publisher)
        , prober_(prober)
        , open_(std::move(open))
        , state_(std::move(state)) {
        start_probing();
        // Nobody waits for the first snapshot: the shards may start later.
        publisher_.publish(state_->take_changed(), [] {});
        arm_timer();
        thread_ = std::thread([this] { io_.run(); });
    }
    runner(const runner&) = delete;
    runner& operator=(const runner&) = delete;
    ~runner() { stop(); }

    // False after stop(): the call was not taken.
    [[nodiscard]] bool post(model::management_request& request,
                            std::function<void(model::management_response)>& done) {
        const absl::MutexLock lock(&mutex_);
        if (!guard_) return false;
        asio::post(io_, [this, request = std::move(request), done = std::move(done)] {
            plane_state::answered answered = answer(request);
            guarded([this] {
                (void)reopened(); // at once, so that what failed is not published
                arm_timer();
            });
            if (answered.later) {
                publish_then([] {}); // an update may have ended before the call
                return answer_later(request, std::move(answered.later), done);
            }
            publish_then([done, response = std::move(answered.response)] { done(response); });
        });
        return true;
    }

    // Any thread. After stop() the report is dropped: the update goes on at the next start.
    void post(probe_report report) {
        const absl::MutexLock lock(&mutex_);
        if (!guard_) return;
        asio::post(io_, [this, report = std::move(report)] {
            guarded([this, &report] {
                if (reopened()) state_->probed(report);
            });
            settle();
        });
    }

    void stop() {
        {
            const absl::MutexLock lock(&mutex_);
            if (!guard_) return;
            asio::post(io_, [this] {
                stopping_ = true;
                timer_.cancel();
            });
            guard_.reset();
        }
        worker_refuses_ = true;
        // Ends when every answer that waits for the shards has gone out: each holds a guard of its own.
        thread_.join();
    }

    static model::management_response refusal(const error& why) {
        model::management_response response;
        response.status = status_of(why.code).http_status;
        response.body = error_body(why);
        response.retry_after_seconds = why.retry_after_seconds;
        return response;
    }

private:
    static constexpr int most_waiting = 32;
    static constexpr int most_waiting_of_one = 8;
    using work_guard = asio::executor_work_guard<asio::io_context::executor_type>;

    // After a write that failed half-way memory is made again from the disk; until that succeeds management
    // is closed, and queries go on with the last snapshot.
    [[nodiscard]] bool reopened() {
        if (state_ && !state_->must_reopen()) return true;
        state_.reset(); // gives the directory's lock back
        result<std::unique_ptr<plane_state>> again = open_();
        if (!again) {
            log::error("store_not_reopened", {{"cause", again.error().message}});
            return false;
        }
        log::warn("store_reopened");
        state_ = std::move(*again);
        start_probing();
        return true;
    }

    void start_probing() {
        if (prober_)
            state_->start_probing(*prober_, [this](probe_report report) { post(std::move(report)); });
    }

    // A stray exception is a bug, or a machine without memory or threads: it costs its call, not the process.
    template <class F>
    void guarded(F&& work) {
        try {
            work();
        } catch (const std::exception& e) {
            log::error("control_failed", {{"what", e.what()}});
            if (state_) state_->distrust();
        }
    }

    // After what was done without a call.
    void settle() {
        guarded([this] {
            if (!reopened()) return;
            publish_then([] {});
            arm_timer();
        });
    }

    static model::management_response bug() {
        return refusal({errc::internal_error, "The call failed inside the gateway.", 0});
    }

    plane_state::answered answer(const model::management_request& request) {
        try {
            if (reopened()) return answer_now(request);
            return {refusal({errc::temporarily_unavailable,
                             "The gateway's store cannot be used; its log says why.",
                             5}),
                    {}};
        } catch (const std::exception& e) {
            log::error("management_call_failed", {{"request_id", request.request_id}, {"what", e.what()}});
            return {bug(), {}};
        }
    }

    plane_state::answered answer_now(const model::management_request& request) {
        if (!request.who) return state_->answer(request);
        std::shared_ptr<const model::principal> who = state_->current(*request.who);
        if (!who) return {refusal({errc::unauthenticated, "The caller is not active any more.", 0}), {}};
        if (who == request.who) return state_->answer(request);
        model::management_request again = request;
        again.who = std::move(who);
        return state_->answer(again);
    }

    // On the worker thread; the answer goes out on this one. The guard keeps the loop until then. Few may
    // wait, and of one caller fewer, so that nobody waits long and a stop does not either.
    void answer_later(const model::management_request& request,
                      std::function<model::management_response()> later,
                      std::function<void(model::management_response)> done) {
        const std::string who = request.who ? request.who->id : std::string();
        if (waiting_ >= most_waiting || waiting_of_[who] >= most_waiting_of_one) {
            return done(refusal({errc::request_limit_exceeded,
                                 "Too many calls of this kind are being answered; wait for the others.",
                                 1}));
        }
        ++waiting_;
        ++waiting_of_[who];
        asio::post(worker_,
                   [this,
                    who,
                    later = std::move(later),
                    done = std::move(done),
                    guard = asio::make_work_guard(io_)] {
                       asio::post(io_, [this, who, done, response = worked(later)] {
                           --waiting_;
                           if (--waiting_of_[who] == 0) waiting_of_.erase(who);
                           done(response);
                       });
                   });
    }

    // On the worker thread.
    model::management_response worked(const std::function<model::management_response()>& later) const {
        if (worker_refuses_) {
            return refusal({errc::temporarily_unavailable, "The gateway is starting or stopping.", 1});
        }
        try {
            return later();
        } catch (const std::exception& e) {
            log::error("management_call_failed", {{"what", e.what()}});
            return bug();
        }
    }

    void publish_then(std::function<void()> then) {
        if (!state_) return then();
        std::shared_ptr<const model::snapshot> next = state_->take_changed();
        if (!next) return then();
        publisher_.publish(
            std::move(next),
            [this, then = std::move(then), guard = asio::make_work_guard(io_)] { asio::post(io_, then); });
    }

    void arm_timer() {
        const std::optional<steady_time> due = state_ ? state_->next_due() : std::nullopt;
        if (!due || stopping_) {
            timer_.cancel();
            return;
        }
        timer_.expires_after(std::max<steady_time::duration>(*due - time_.now(), milliseconds(1)));
        timer_.async_wait([this](const boost::system::error_code& ended) {
            if (ended || stopping_) return;
            guarded([this] {
                if (reopened()) state_->finish_due();
            });
            settle();
        });
    }

    const clock& time_;
    model::publisher& publisher_;
    model::prober* const prober_; // may be null
    opener open_;
    std::unique_ptr<plane_state> state_; // null while the store cannot be opened again
    asio::io_context io_{1};
    asio::steady_timer timer_{io_};
    asio::thread_pool worker_{1}; // for answers that would hold up the control thread
    int waiting_ = 0;             // for the worker or its answer
    string_map<int> waiting_of_;  // of them, by the caller's id; none that is 0
    std::atomic<bool> worker_refuses_{false};
    bool stopping_ = false;
    absl::Mutex mutex_;
    std::optional<work_guard> guard_ ABSL_GUARDED_BY(mutex_){asio::make_work_guard(io_)}; // empty: stopping
    std::thread thread_;
};

plane::plane(const proxy::settings& settings,
             const clock& time,
             model::publisher& publisher,
             const net::upstream_policy& policy,
             model::usage_tables* usage,
             model::prober* prober,
             model::metrics_history* history)
    : settings_(settings)
    , time_(time)
    , publisher_(publisher)
    , policy_(policy)
    , usage_(usage)
    , prober_(prober)
    , history_(history) {}

plane::~plane() {
    stop();
}

result<void> plane::start() {
    result<std::unique_ptr<plane_state>> state =
        plane_state::open(settings_, time_, policy_, admin_token_, usage_, history_);
    if (!state) return fail(state.error());
    runner_ = std::make_unique<runner>(std::move(*state), time_, publisher_, prober_, [this] {
        return plane_state::open(settings_, time_, policy_, usage_, history_);
    });
    return {};
}

secret_string plane::made_admin_token() {
    return std::exchange(admin_token_, {});
}

void plane::stop() {
    if (runner_) runner_->stop();
}

void plane::handle(model::management_request request, std::function<void(model::management_response)> done) {
    if (runner_ && runner_->post(request, done)) return;
    done(runner::refusal({errc::temporarily_unavailable, "The gateway is starting or stopping.", 1}));
}

} // namespace sluice::control
