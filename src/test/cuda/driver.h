// What the stand-ins of the driver and of cuBLAS share.
#pragma once

#include "memory.h"
#include "modules.h"
#include "queue.h"

#include <mutex>

#define EXPORT __attribute__((visibility("default")))

namespace standin {
// CUDA's error codes.
constexpr int SUCCESS = 0,
              INVALID_VALUE = 1,
              OUT_OF_MEMORY = 2,
              NOT_INITIALIZED = 3,
              NO_DEVICE = 100,
              INVALID_DEVICE = 101,
              INVALID_CONTEXT = 201,
              UNSUPPORTED_PTX_VERSION = 222,
              INVALID_PTX = 218,
              INVALID_HANDLE = 400,
              NOT_FOUND = 500,
              NOT_READY = 600,
              LAUNCH_OUT_OF_RESOURCES = 701,
              CAPTURE_UNSUPPORTED = 900;

// A range of device memory that an operation reads or writes.
struct Bytes {
    const char *what;
    const void *at;
    size_t size;
};

struct EXPORT Driver {
    std::mutex lock;
    Memory memory;
    Queue queue;
    std::set<Event *> events;
    std::set<Graph *> graphs;
    std::set<GraphExec *> execs;
    std::set<Module *> modules;
    std::map<std::string, long> failures, counts; // of what: in how many calls; how often
    bool initialised = false;
    int context = 0; // how often it is retained
    int generation = 0; // of the context
    size_t total; // bytes of the device
    std::string said; // the last problem

    Driver();
    // Whether this call is the one that was told to fail.
    bool fails(const std::string &what);
    // Says on standard error what is wrong, and answers the error.
    int refuse(int error, const std::string &problem);
    // What a queued operation does where memory isn't there any more.
    bool missing(const std::vector<Bytes> &ranges, std::string &problem) const;
    bool is_device(const void *at) const;
    // The context of the calling thread is the one that lives.
    bool is_current() const;
    void *handle() const { return reinterpret_cast<void *>(0x1000 + (uintptr_t)generation); }
    // What is wrong in general, before any call.
    int ready(bool context);
    // What came of what was waited for.
    int outcome();
    void destroy_context();
};

EXPORT Driver &driver();
// Queues an operation that reads and writes these ranges; for cuBLAS. Answers an error of CUDA's.
EXPORT int submit(void *stream, const char *name, std::vector<Bytes> ranges, Task task);
EXPORT void in_parallel(int n, void (*body)(int, void *), void *context);
} // namespace standin
