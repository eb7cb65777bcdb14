#include "queue.h"

#include <algorithm>
#include <chrono>

namespace standin {
namespace {
constexpr int CAPTURE_UNSUPPORTED = 900, CAPTURE_INVALIDATED = 901, CAPTURE_UNMATCHED = 903, CAPTURE_UNJOINED = 904,
              CAPTURE_ISOLATION = 905, CAPTURE_IMPLICIT = 906, CAPTURE_WRONG_THREAD = 908, ILLEGAL_STATE = 401;
constexpr unsigned NON_BLOCKING = 1;
constexpr int GLOBAL = 0, THREAD_LOCAL = 1, RELAXED = 2;

double now() {
    using namespace std::chrono;
    return duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
}

int add_node(Stream *stream, Task task) {
    Capture &capture = *stream->capture;
    if (capture.broken) return CAPTURE_INVALIDATED;
    auto &nodes = *capture.graph.nodes;
    nodes.push_back({std::move(task), stream->frontier});
    for (int before : stream->frontier) capture.ends.erase(before);
    int number = (int)nodes.size() - 1;
    capture.ends.insert(number);
    stream->frontier = {number};
    return 0;
}
} // namespace

Queue::Queue(uint64_t seed) { start(seed); }

void Queue::start(uint64_t from) {
    seed = from;
    state = from * 2 + 1;
}

uint64_t Queue::random() {
    // Steele, Lea and Flood, 2014
    uint64_t x = state += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

Stream *Queue::create(unsigned flags) {
    auto *stream = new Stream{flags};
    streams.insert(stream);
    return stream;
}

void Queue::destroy(Stream *stream) {
    finish(stream);
    if (stream->capture) stream->capture->broken = true;
    streams.erase(stream);
    delete stream;
}

Stream *Queue::find(void *handle) {
    if (handle == nullptr || handle == reinterpret_cast<void *>(1)) return &legacy;
    auto *stream = static_cast<Stream *>(handle);
    return streams.count(stream) ? stream : nullptr;
}

bool Queue::can_run(const Stream &stream) const {
    if (stream.operations.empty()) return false;
    for (const Moment &moment : stream.operations.front().after)
        if (!moment.over()) return false;
    return true;
}

bool Queue::step() {
    Stream *chosen = nullptr;
    uint64_t total = 0;
    auto consider = [&](Stream &stream) {
        if (!can_run(stream)) return;
        total += stream.weight;
        if (random() % total < (uint64_t)stream.weight) chosen = &stream;
    };
    consider(legacy);
    for (Stream *stream : streams) consider(*stream);
    if (!chosen) return false;
    run(*chosen);
    return true;
}

// A whole operation, or one node of a graph, so that other streams come between its nodes.
void Queue::run(Stream &stream) {
    Operation &operation = stream.operations.front();
    const Task *task = &operation.task;
    if (operation.nodes) {
        const Nodes &nodes = *operation.nodes;
        std::vector<int> ready;
        for (size_t i = 0; i < nodes.size() && ready.size() < 8; i++) {
            auto ran = [&](int before) { return operation.done[before] != 0; };
            if (!operation.done[i] && std::all_of(nodes[i].after.begin(), nodes[i].after.end(), ran))
                ready.push_back((int)i);
        }
        int node = ready[random() % ready.size()];
        operation.done[node] = 1;
        task = &nodes[node].task;
    }
    before_operation();
    if (error == 0) error = (*task)(problem);
    if (error != 0) {
        forget();
        return;
    }
    if (--operation.left == 0) {
        stream.operations.pop_front();
        stream.progress->done++;
    }
}

// After an error nothing runs any more.
void Queue::forget() {
    auto drop = [](Stream &stream) {
        stream.operations.clear();
        stream.progress->done = stream.progress->queued;
    };
    drop(legacy);
    for (Stream *stream : streams) drop(*stream);
}

void Queue::finish(const Moment &moment) {
    // For a while some streams are quick and others slow.
    legacy.weight = 1 << 4 * (random() % 3);
    for (Stream *stream : streams) stream->weight = 1 << 4 * (random() % 3);
    while (!moment.over() && step()) {
    }
}

void Queue::finish_all() {
    while (step()) {
    }
}

void Queue::stir() {
    if (random() % 8 != 0) return;
    for (uint64_t i = random() % 4; i > 0 && step(); i--) {
    }
}

int Queue::add(Stream *stream, Operation operation) {
    // The legacy stream waits for all others that don't say they are apart from it, and they for it.
    if (stream == &legacy) {
        for (Stream *other : streams) {
            if (other->flags & NON_BLOCKING) continue;
            if (other->capture) {
                other->capture->broken = true;
                return CAPTURE_IMPLICIT;
            }
            operation.after.push_back({other->progress, other->progress->queued});
        }
    } else if (!(stream->flags & NON_BLOCKING)) operation.after.push_back({legacy.progress, legacy.progress->queued});
    stream->operations.push_back(std::move(operation));
    stream->progress->queued++;
    if (error != 0) forget();
    else stir();
    return 0;
}

int Queue::add(Stream *stream, Task task) {
    if (stream->capture) return add_node(stream, std::move(task));
    return add(stream, Operation{{}, std::move(task), nullptr, {}, 1});
}

int Queue::add_graph(Stream *stream, GraphExec *graph) {
    if (stream->capture) return CAPTURE_UNSUPPORTED;
    Operation operation{{}, nullptr, graph->nodes, std::vector<char>(graph->nodes->size()), graph->nodes->size()};
    if (graph->nodes->empty()) operation = {{}, [](std::string &) { return 0; }, nullptr, {}, 1};
    if (graph->last.stream) operation.after.push_back(graph->last);
    graph->last = {stream->progress, stream->progress->queued + 1};
    return add(stream, std::move(operation));
}

int Queue::record(Stream *stream, Event *event) {
    event->capture = stream->capture;
    event->frontier = stream->frontier;
    if (stream->capture) return stream->capture->broken ? CAPTURE_INVALIDATED : 0;
    event->recorded = true;
    event->moment = {stream->progress, stream->progress->queued + 1};
    event->time = std::make_shared<double>(0);
    return add(stream, [time = event->time](std::string &) {
        *time = now();
        return 0;
    });
}

int Queue::wait_for(Stream *stream, const Event *event) {
    if (event->capture) {
        if (stream->capture && stream->capture != event->capture) return CAPTURE_ISOLATION;
        if (event->capture->broken) return CAPTURE_INVALIDATED;
        stream->capture = event->capture;
        for (int node : event->frontier)
            if (std::find(stream->frontier.begin(), stream->frontier.end(), node) == stream->frontier.end())
                stream->frontier.push_back(node);
        return 0;
    }
    if (stream->capture) {
        stream->capture->broken = true;
        return CAPTURE_ISOLATION;
    }
    if (!event->recorded) return 0;
    return add(stream, Operation{{event->moment}, [](std::string &) { return 0; }, nullptr, {}, 1});
}

int Queue::begin_capture(Stream *stream, int mode, const void *thread) {
    if (stream == &legacy) return CAPTURE_UNSUPPORTED;
    if (stream->capture) return ILLEGAL_STATE;
    stream->capture = std::make_shared<Capture>(Capture{stream, mode, thread});
    stream->frontier.clear();
    return 0;
}

int Queue::end_capture(Stream *stream, const void *thread, Graph *&graph) {
    graph = nullptr;
    auto capture = stream->capture;
    if (!capture) return ILLEGAL_STATE;
    if (capture->origin != stream) return CAPTURE_UNMATCHED;
    if (capture->mode != RELAXED && capture->thread != thread) return CAPTURE_WRONG_THREAD;
    bool joined = std::all_of(capture->ends.begin(), capture->ends.end(), [&](int end) {
        return std::find(stream->frontier.begin(), stream->frontier.end(), end) != stream->frontier.end();
    });
    for (Stream *other : streams)
        if (other->capture == capture) {
            other->capture = nullptr;
            other->frontier.clear();
        }
    if (capture->broken) return CAPTURE_INVALIDATED;
    if (!joined) return CAPTURE_UNJOINED;
    graph = new Graph(capture->graph);
    return 0;
}

bool Queue::breaks_capture(const void *thread) {
    bool broken = false;
    for (Stream *stream : streams) {
        if (!stream->capture) continue;
        Capture &capture = *stream->capture;
        if (capture.mode == GLOBAL || (capture.mode == THREAD_LOCAL && capture.thread == thread)) {
            capture.broken = true;
            broken = true;
        }
    }
    return broken;
}

bool Queue::captures() const {
    return std::any_of(streams.begin(), streams.end(), [](Stream *stream) { return stream->capture != nullptr; });
}

void Queue::clear() {
    forget();
    for (Stream *stream : streams) delete stream;
    streams.clear();
    error = 0;
    problem.clear();
}
} // namespace standin
