// Streams, events and graphs. What is queued runs when somebody waits for it, or by chance before, in a random one of the
// orders that CUDA allows.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace standin {
// What a queued operation does: 0, or an error of CUDA's with what to say of it.
using Task = std::function<int(std::string &problem)>;

// How far a stream has come; operations are numbered from 1.
struct Progress {
    uint64_t queued = 0, done = 0;
};

struct Moment {
    std::shared_ptr<Progress> stream;
    uint64_t number;

    bool over() const { return stream->done >= number; }
};

struct Node {
    Task task;
    std::vector<int> after; // indices of nodes
};

using Nodes = std::vector<Node>;

struct Operation {
    std::vector<Moment> after;
    Task task;
    std::shared_ptr<const Nodes> nodes; // of a graph, instead of a task
    std::vector<char> done; // nodes that have run
    size_t left; // steps that haven't
};

struct Capture;

struct Stream {
    unsigned flags = 0;
    std::shared_ptr<Progress> progress = std::make_shared<Progress>();
    std::deque<Operation> operations = {};
    int weight = 1; // how readily it is chosen
    std::shared_ptr<Capture> capture = nullptr;
    std::vector<int> frontier = {}; // the captured nodes that the next one comes after
};

struct Event {
    unsigned flags = 0;
    bool recorded = false;
    Moment moment = {};
    std::shared_ptr<double> time = nullptr; // when it happened, in milliseconds
    std::shared_ptr<Capture> capture = nullptr;
    std::vector<int> frontier = {};
};

struct Graph {
    std::shared_ptr<Nodes> nodes = std::make_shared<Nodes>();
};

struct GraphExec {
    std::shared_ptr<const Nodes> nodes;
    Moment last = {}; // it never runs beside itself
};

struct Capture {
    Stream *origin;
    int mode;
    const void *thread;
    Graph graph = {};
    bool broken = false;
    std::set<int> ends = {}; // nodes that no other one comes after
};

class Queue {
    Stream legacy;
    std::set<Stream *> streams;
    uint64_t state; // of the random numbers

    uint64_t random();
    bool can_run(const Stream &stream) const;
    // Runs one step of one stream; false where nothing is left.
    bool step();
    void run(Stream &stream);
    void forget();

public:
    uint64_t seed = 0;
    // The first error of a queued operation; nothing runs after it.
    int error = 0;
    std::string problem;
    std::function<void()> before_operation = [] {};

    explicit Queue(uint64_t seed);
    void start(uint64_t seed);

    Stream *create(unsigned flags);
    void destroy(Stream *stream);
    // The stream of a handle of CUDA's, or null where there is none.
    Stream *find(void *handle);

    // 0, or the error of CUDA's for what can't be queued there.
    int add(Stream *stream, Task task);
    int add_graph(Stream *stream, GraphExec *graph);
    int record(Stream *stream, Event *event);
    int wait_for(Stream *stream, const Event *event);

    void finish(const Moment &moment);
    void finish(const Stream *stream) { finish({stream->progress, stream->progress->queued}); }
    void finish_all();
    // Perhaps something happens.
    void stir();

    int begin_capture(Stream *stream, int mode, const void *thread);
    int end_capture(Stream *stream, const void *thread, Graph *&graph);
    // Whether a call that isn't allowed while a stream is captured has just broken a capture.
    bool breaks_capture(const void *thread);
    bool captures() const;

    long stream_count() const { return streams.size(); }
    void clear();

private:
    int add(Stream *stream, Operation operation);
};
} // namespace standin
