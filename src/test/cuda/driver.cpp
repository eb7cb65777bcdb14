// State of the stand-in driver, its failures on demand, and what tests ask of it.
#include "driver.h"

#include <random>
#include <stdlib.h>

namespace standin {
namespace {
uint64_t first_seed() {
    const char *given = getenv("PRAG_STANDIN_SEED");
    return given ? strtoull(given, nullptr, 10) : std::random_device()();
}
} // namespace

Driver::Driver() : queue(first_seed()) {
    const char *mebibytes = getenv("PRAG_STANDIN_MEMORY");
    total = (mebibytes ? strtoull(mebibytes, nullptr, 10) : 4096) << 20;
    // alloc:3,device-lost:100
    if (const char *given = getenv("PRAG_STANDIN_FAIL")) {
        std::string all = given;
        for (size_t at = 0; at < all.size();) {
            size_t colon = all.find(':', at), end = std::min(all.find(',', at), all.size());
            bool counted = colon < end;
            failures[all.substr(at, (counted ? colon : end) - at)] = counted ? atol(all.c_str() + colon + 1) : 1;
            at = end + 1;
        }
    }
    queue.before_operation = [this] {
        if (fails("device-lost")) {
            queue.error = LAUNCH_FAILED;
            queue.problem = "the device is lost, as was asked for";
        }
    };
}

bool Driver::fails(const std::string &what) {
    counts[what]++;
    auto found = failures.find(what);
    return found != failures.end() && --found->second == 0;
}

int Driver::refuse(int error, const std::string &problem) {
    said = problem;
    fprintf(stderr, "stand-in of CUDA: %s (error %d, seed %llu)\n", problem.c_str(), error,
        (unsigned long long)queue.seed);
    return error;
}

bool Driver::missing(const std::vector<Bytes> &ranges, std::string &problem) const {
    for (const Bytes &range : ranges) {
        if (range.size == 0 || memory.find(range.at, range.size)) continue;
        problem = std::string(range.what) + ", " + std::to_string(range.size) + " bytes, begins at " +
            memory.where(range.at) + " and isn't all in memory of the device";
        return true;
    }
    return false;
}

bool Driver::is_device(const void *at) const { return at == nullptr || memory.find(at, 0) != nullptr; }

bool Driver::is_current() const { return context > 0 && current_context == handle(); }

int Driver::ready(bool needs_context) {
    if (failures.count("no-device")) return NO_DEVICE;
    if (!initialised) return NOT_INITIALIZED;
    if (!needs_context) return SUCCESS;
    if (!is_current()) return refuse(INVALID_CONTEXT, "no context is current on the calling thread");
    return queue.error == 0 ? SUCCESS : outcome();
}

int Driver::outcome() {
    if (queue.error == 0) {
        queue.problem = memory.damage();
        if (!queue.problem.empty()) {
            queue.error = ILLEGAL_ADDRESS;
            queue.problem += " since the last time that somebody waited";
        }
    }
    if (queue.error != 0 && !queue.problem.empty()) {
        refuse(queue.error, queue.problem);
        queue.problem.clear();
    }
    return queue.error;
}

void Driver::destroy_context() {
    queue.finish_all();
    outcome();
    queue.clear();
    for (Event *event : events) delete event;
    for (Graph *graph : graphs) delete graph;
    for (GraphExec *exec : execs) delete exec;
    for (Module *module : modules) delete module;
    events.clear();
    graphs.clear();
    execs.clear();
    modules.clear();
    memory.release_all();
    context = 0;
    generation++;
}

Driver &driver() {
    static auto &only = *new Driver();
    return only;
}

int submit(void *handle, const char *name, std::vector<Bytes> ranges, Task task) {
    Driver &d = driver();
    std::lock_guard<std::mutex> guard(d.lock);
    if (int error = d.ready(true)) return error;
    Stream *stream = d.queue.find(handle);
    if (!stream) return d.refuse(INVALID_HANDLE, std::string(name) + ": the stream doesn't live");
    std::string problem;
    if (d.missing(ranges, problem)) return d.refuse(INVALID_VALUE, name + (": " + problem));
    d.counts[name]++;
    return d.queue.add(stream, [&d, name, ranges, task](std::string &problem) {
        if (d.missing(ranges, problem)) {
            problem = name + (": " + problem);
            return ILLEGAL_ADDRESS;
        }
        return task(problem);
    });
}

void in_parallel(int n, void (*body)(int, void *), void *context) { parallel(n, body, context); }
} // namespace standin

using namespace standin;

extern "C" {
// Lets the n-th call from now on fail: alloc, pinned, launch, graph; or the n-th queued operation lose the device
// (device-lost); or, whatever n is, there be no device (no-device) or an old driver (old-driver). none: nothing fails any
// more, and a device that was lost is as new.
EXPORT void standin_fail(const char *what, long n) {
    Driver &d = driver();
    std::lock_guard<std::mutex> guard(d.lock);
    if (std::string(what) != "none") d.failures[what] = n;
    else {
        d.failures.clear();
        d.queue.error = 0;
        d.queue.problem.clear();
    }
}

// From here on the order is that of the seed.
EXPORT void standin_seed(uint64_t seed) {
    Driver &d = driver();
    std::lock_guard<std::mutex> guard(d.lock);
    d.queue.start(seed);
}

EXPORT uint64_t standin_current_seed() { return driver().queue.seed; }

// allocations, pinned, bytes (of the device), streams, events, graphs (that can be launched), modules: what lives.
// Else: how often a call was made: alloc, launch, wait, read, graph, graph-launch, cublasGemmEx, ...
EXPORT long standin_count(const char *of) {
    Driver &d = driver();
    std::lock_guard<std::mutex> guard(d.lock);
    std::string what = of;
    if (what == "allocations") return d.memory.count(false);
    if (what == "pinned") return d.memory.count(true);
    if (what == "bytes") return d.memory.device_bytes();
    if (what == "streams") return d.queue.stream_count();
    if (what == "events") return d.events.size();
    if (what == "graphs") return d.execs.size();
    if (what == "modules") return d.modules.size();
    return d.counts[what];
}

// Copies what was said last, as far as it fits.
EXPORT void standin_problem(char *to, int size) {
    Driver &d = driver();
    std::lock_guard<std::mutex> guard(d.lock);
    snprintf(to, size, "%s", d.said.c_str());
}
}
