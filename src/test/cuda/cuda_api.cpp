// The calls of CUDA's driver API that are used, under the names that JCuda binds.
#include "driver.h"

#include <chrono>
#include <stdio.h>

using namespace standin;

namespace {
using Handle = void *;

std::unique_lock<std::mutex> locked() { return std::unique_lock<std::mutex>(driver().lock); }

// A call: waits for its turn, asks whether anything can be called at all, and does it.
template <typename F> int call(F f, bool needs_context = true) {
    auto guard = locked();
    Driver &d = driver();
    if (int error = d.ready(needs_context)) return error;
    return f(d);
}

// One that isn't allowed while a stream is captured, since it waits for the device or may.
template <typename F> int waiting(const char *name, F f) {
    return call([&](Driver &d) {
        if (d.queue.breaks_capture(&current_context))
            return d.refuse(CAPTURE_UNSUPPORTED, name + std::string(" while a stream is captured"));
        return f(d);
    });
}

// One that needs a stream.
template <typename F> int on(Handle handle, const char *name, F f) {
    return call([&](Driver &d) {
        Stream *stream = d.queue.find(handle);
        if (!stream) return d.refuse(INVALID_HANDLE, name + std::string(": the stream doesn't live"));
        return f(d, stream);
    });
}

template <typename T> T *alive(const std::set<T *> &all, Handle handle) {
    auto *object = static_cast<T *>(handle);
    return all.count(object) ? object : nullptr;
}

// Queues work on ranges of device memory, which are looked at now and when it runs.
int queued(Driver &d, Stream *stream, const char *name, std::vector<Bytes> ranges, std::function<void()> work) {
    std::string problem;
    if (d.missing(ranges, problem)) return d.refuse(INVALID_VALUE, name + (": " + problem));
    return d.queue.add(stream, [&d, name, ranges, work](std::string &problem) {
        if (d.missing(ranges, problem)) {
            problem = name + (": " + problem + " any more");
            return ILLEGAL_ADDRESS;
        }
        work();
        return SUCCESS;
    });
}

bool is_pinned(Driver &d, const void *host, size_t bytes) {
    const Area *area = d.memory.find(host, bytes);
    return area && area->host;
}

// Pinned memory is read when the copy runs, other memory at once.
int to_device(Driver &d, Stream *stream, const char *name, void *to, const void *from, size_t bytes) {
    Bytes target{"the target", to, bytes};
    if (is_pinned(d, from, bytes))
        return queued(d, stream, name, {target, {"the source", from, bytes}}, [=] { memcpy(to, from, bytes); });
    if (stream->capture) return d.refuse(CAPTURE_UNSUPPORTED, std::string(name) + " captured, from memory that isn't pinned");
    auto *begin = static_cast<const char *>(from);
    auto copy = std::make_shared<std::vector<char>>(begin, begin + bytes);
    return queued(d, stream, name, {target}, [=] { memcpy(to, copy->data(), bytes); });
}

int to_host(Driver &d, Stream *stream, const char *name, void *to, const void *from, size_t bytes) {
    d.counts["read"]++;
    Bytes source{"the source", from, bytes};
    if (is_pinned(d, to, bytes))
        return queued(d, stream, name, {source, {"the target", to, bytes}}, [=] { memcpy(to, from, bytes); });
    if (stream->capture) return d.refuse(CAPTURE_UNSUPPORTED, std::string(name) + " captured, to memory that isn't pinned");
    if (int error = queued(d, stream, name, {source}, [=] { memcpy(to, from, bytes); })) return error;
    d.queue.finish(stream);
    return d.outcome();
}

template <typename T> int set(Driver &d, Stream *stream, const char *name, void *to, T value, size_t count) {
    if (reinterpret_cast<uintptr_t>(to) % sizeof(T) != 0)
        return d.refuse(INVALID_VALUE, std::string(name) + ": the target isn't aligned");
    return queued(d, stream, name, {{"the target", to, count * sizeof(T)}}, [=] {
        for (size_t i = 0; i < count; i++) static_cast<T *>(to)[i] = value;
    });
}

// Does it on the legacy stream and waits.
template <typename F> int at_once(const char *name, F f) {
    return waiting(name, [&](Driver &d) {
        Stream *stream = d.queue.find(nullptr);
        if (int error = f(d, stream)) return error;
        d.counts["wait"]++;
        d.queue.finish(stream);
        return d.outcome();
    });
}

const char *name_of(int error) {
    switch (error) {
    case 0: return "CUDA_SUCCESS";
    case 1: return "CUDA_ERROR_INVALID_VALUE";
    case 2: return "CUDA_ERROR_OUT_OF_MEMORY";
    case 3: return "CUDA_ERROR_NOT_INITIALIZED";
    case 100: return "CUDA_ERROR_NO_DEVICE";
    case 101: return "CUDA_ERROR_INVALID_DEVICE";
    case 201: return "CUDA_ERROR_INVALID_CONTEXT";
    case 218: return "CUDA_ERROR_INVALID_PTX";
    case 222: return "CUDA_ERROR_UNSUPPORTED_PTX_VERSION";
    case 400: return "CUDA_ERROR_INVALID_HANDLE";
    case 401: return "CUDA_ERROR_ILLEGAL_STATE";
    case 500: return "CUDA_ERROR_NOT_FOUND";
    case 600: return "CUDA_ERROR_NOT_READY";
    case 700: return "CUDA_ERROR_ILLEGAL_ADDRESS";
    case 701: return "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES";
    case 719: return "CUDA_ERROR_LAUNCH_FAILED";
    case 900: return "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED";
    case 901: return "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED";
    case 903: return "CUDA_ERROR_STREAM_CAPTURE_UNMATCHED";
    case 904: return "CUDA_ERROR_STREAM_CAPTURE_UNJOINED";
    case 905: return "CUDA_ERROR_STREAM_CAPTURE_ISOLATION";
    case 906: return "CUDA_ERROR_STREAM_CAPTURE_IMPLICIT";
    case 908: return "CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD";
    default: return nullptr;
    }
}
} // namespace

extern "C" {
#define CU EXPORT int

// ---- the driver and its device ----

CU cuInit(unsigned) {
    auto guard = locked();
    Driver &d = driver();
    if (d.failures.count("no-device")) return NO_DEVICE;
    d.initialised = true;
    catch_faults();
    return SUCCESS;
}

CU cuDriverGetVersion(int *version) {
    auto guard = locked();
    *version = driver().failures.count("old-driver") ? 11040 : 12060;
    return SUCCESS;
}

CU cuDeviceGetCount(int *count) {
    return call([&](Driver &) { return *count = 1, SUCCESS; }, false);
}

CU cuDeviceGet(int *device, int ordinal) {
    return call([&](Driver &) { return *device = ordinal, ordinal == 0 ? SUCCESS : INVALID_DEVICE; }, false);
}

CU cuDeviceGetName(char *name, int size, int) {
    return call([&](Driver &) { return snprintf(name, size, "Stand-in"), SUCCESS; }, false);
}

CU cuDeviceTotalMem_v2(size_t *bytes, int) {
    return call([&](Driver &d) { return *bytes = d.total, SUCCESS; }, false);
}

CU cuDeviceGetAttribute(int *value, int attribute, int) {
    static const std::map<int, int> values = {
        {1, 1024}, {2, 1024}, {3, 1024}, {4, 64}, {5, 2147483647}, {6, 65535}, {7, 65535}, // threads, blocks
        {8, 49152}, {9, 65536}, {10, 32}, {12, 65536}, {13, 1000000}, {14, 512}, // memory of blocks, warp, registers, kHz
        {15, 1}, {16, 4}, {17, 0}, {18, 0}, {19, 1}, {20, 0}, {31, 1}, {32, 0}, {33, 1}, {34, 0}, {35, 0},
        {36, 1000000}, {37, 128}, {38, 4194304}, {39, 1536}, {40, 2}, {41, 1}, {50, 0}, // memory, L2, copies
        {75, 8}, {76, 6}, {81, 102400}, {82, 65536}, {83, 1}, {97, (int)MAX_DYNAMIC}, {106, 16}};
    return call(
        [&](Driver &d) {
            auto found = values.find(attribute);
            if (found == values.end())
                return d.refuse(INVALID_VALUE, "cuDeviceGetAttribute: no answer for " + std::to_string(attribute));
            *value = found->second;
            return SUCCESS;
        },
        false);
}

CU cuDeviceGetPCIBusId(char *id, int size, int) {
    return call([&](Driver &) { return snprintf(id, size, "0000:01:00.0"), SUCCESS; }, false);
}

CU cuGetErrorName(int error, const char **name) {
    *name = name_of(error);
    return *name ? SUCCESS : INVALID_VALUE;
}

CU cuGetErrorString(int error, const char **text) { return cuGetErrorName(error, text); }

// ---- contexts ----

CU cuDevicePrimaryCtxRetain(Handle *context, int device) {
    return call(
        [&](Driver &d) {
            if (device != 0) return INVALID_DEVICE;
            d.context++;
            *context = d.handle();
            return SUCCESS;
        },
        false);
}

CU cuDevicePrimaryCtxRelease_v2(int) {
    return call(
        [&](Driver &d) {
            if (d.context == 0) return INVALID_CONTEXT;
            if (--d.context == 0) d.destroy_context();
            return SUCCESS;
        },
        false);
}

CU cuDevicePrimaryCtxReset_v2(int) {
    return call([&](Driver &d) { return d.destroy_context(), SUCCESS; }, false);
}

CU cuCtxSetCurrent(Handle context) {
    return call(
        [&](Driver &d) {
            if (context && (d.context == 0 || context != d.handle())) return INVALID_CONTEXT;
            current_context = context;
            return SUCCESS;
        },
        false);
}

CU cuCtxGetCurrent(Handle *context) {
    return call([&](Driver &) { return *context = current_context, SUCCESS; }, false);
}

CU cuCtxGetDevice(int *device) {
    return call([&](Driver &) { return *device = 0, SUCCESS; });
}

CU cuCtxGetStreamPriorityRange(int *least, int *greatest) {
    return call([&](Driver &) { return *least = 0, *greatest = -5, SUCCESS; });
}

CU cuCtxSynchronize() {
    return call([&](Driver &d) {
        if (d.queue.captures()) {
            d.queue.breaks_capture(&current_context);
            return d.refuse(CAPTURE_UNSUPPORTED, "cuCtxSynchronize while a stream is captured");
        }
        d.counts["wait"]++;
        d.queue.finish_all();
        return d.outcome();
    });
}

// ---- memory ----

CU cuMemGetInfo_v2(size_t *free, size_t *total) {
    return call([&](Driver &d) {
        *total = d.total;
        *free = d.total - d.memory.device_bytes();
        return SUCCESS;
    });
}

CU cuMemAlloc_v2(Handle *to, size_t bytes) {
    return waiting("cuMemAlloc", [&](Driver &d) {
        if (bytes == 0) return INVALID_VALUE;
        if (d.fails("alloc") || d.memory.device_bytes() + bytes > d.total) return OUT_OF_MEMORY;
        *to = d.memory.allocate(bytes, false);
        return (*to ? SUCCESS : OUT_OF_MEMORY);
    });
}

CU cuMemFree_v2(Handle at) {
    return waiting("cuMemFree", [&](Driver &d) {
        if (at == nullptr) return SUCCESS;
        d.queue.finish_all();
        if (int error = d.outcome()) return error;
        return d.memory.release(at, false) ? SUCCESS : d.refuse(INVALID_VALUE, "cuMemFree: not the begin of an allocation");
    });
}

CU cuMemHostAlloc(Handle *to, size_t bytes, unsigned) {
    return waiting("cuMemHostAlloc", [&](Driver &d) {
        if (bytes == 0) return INVALID_VALUE;
        if (d.fails("pinned")) return OUT_OF_MEMORY;
        *to = d.memory.allocate(bytes, true);
        return (*to ? SUCCESS : OUT_OF_MEMORY);
    });
}

CU cuMemAllocHost_v2(Handle *to, size_t bytes) { return cuMemHostAlloc(to, bytes, 0); }

CU cuMemFreeHost(Handle at) {
    return waiting("cuMemFreeHost", [&](Driver &d) {
        d.queue.finish_all();
        if (int error = d.outcome()) return error;
        return d.memory.release(at, true) ? SUCCESS : d.refuse(INVALID_VALUE, "cuMemFreeHost: not pinned memory");
    });
}

CU cuMemcpyHtoD_v2(Handle to, const void *from, size_t bytes) {
    return at_once("cuMemcpyHtoD", [&](Driver &d, Stream *s) { return to_device(d, s, "cuMemcpyHtoD", to, from, bytes); });
}

CU cuMemcpyDtoH_v2(Handle to, Handle from, size_t bytes) {
    return at_once("cuMemcpyDtoH", [&](Driver &d, Stream *s) { return to_host(d, s, "cuMemcpyDtoH", to, from, bytes); });
}

CU cuMemcpyHtoDAsync_v2(Handle to, const void *from, size_t bytes, Handle stream) {
    return on(stream, "cuMemcpyHtoDAsync",
        [&](Driver &d, Stream *s) { return to_device(d, s, "cuMemcpyHtoDAsync", to, from, bytes); });
}

CU cuMemcpyDtoHAsync_v2(Handle to, Handle from, size_t bytes, Handle stream) {
    return on(stream, "cuMemcpyDtoHAsync",
        [&](Driver &d, Stream *s) { return to_host(d, s, "cuMemcpyDtoHAsync", to, from, bytes); });
}

CU cuMemcpyDtoDAsync_v2(Handle to, Handle from, size_t bytes, Handle stream) {
    return on(stream, "cuMemcpyDtoDAsync", [&](Driver &d, Stream *s) {
        return queued(d, s, "cuMemcpyDtoDAsync", {{"the target", to, bytes}, {"the source", from, bytes}},
            [=] { memmove(to, from, bytes); });
    });
}

CU cuMemcpyDtoD_v2(Handle to, Handle from, size_t bytes) { return cuMemcpyDtoDAsync_v2(to, from, bytes, nullptr); }

CU cuMemsetD8Async(Handle to, unsigned char value, size_t count, Handle stream) {
    return on(stream, "cuMemsetD8Async", [&](Driver &d, Stream *s) { return set(d, s, "cuMemsetD8Async", to, value, count); });
}

CU cuMemsetD16Async(Handle to, unsigned short value, size_t count, Handle stream) {
    return on(stream, "cuMemsetD16Async",
        [&](Driver &d, Stream *s) { return set(d, s, "cuMemsetD16Async", to, value, count); });
}

CU cuMemsetD32Async(Handle to, unsigned value, size_t count, Handle stream) {
    return on(stream, "cuMemsetD32Async",
        [&](Driver &d, Stream *s) { return set(d, s, "cuMemsetD32Async", to, value, count); });
}

CU cuMemsetD8_v2(Handle to, unsigned char value, size_t count) { return cuMemsetD8Async(to, value, count, nullptr); }
CU cuMemsetD16_v2(Handle to, unsigned short value, size_t count) { return cuMemsetD16Async(to, value, count, nullptr); }
CU cuMemsetD32_v2(Handle to, unsigned value, size_t count) { return cuMemsetD32Async(to, value, count, nullptr); }

// ---- streams and events ----

CU cuStreamCreate(Handle *stream, unsigned flags) {
    return call([&](Driver &d) { return *stream = d.queue.create(flags), SUCCESS; });
}

CU cuStreamCreateWithPriority(Handle *stream, unsigned flags, int) { return cuStreamCreate(stream, flags); }

CU cuStreamDestroy_v2(Handle stream) {
    return on(stream, "cuStreamDestroy", [&](Driver &d, Stream *s) {
        if (s == d.queue.find(nullptr)) return INVALID_HANDLE;
        d.queue.destroy(s);
        return SUCCESS;
    });
}

CU cuStreamSynchronize(Handle stream) {
    return on(stream, "cuStreamSynchronize", [&](Driver &d, Stream *s) {
        if (s->capture) {
            s->capture->broken = true;
            return d.refuse(CAPTURE_UNSUPPORTED, "cuStreamSynchronize of a stream that is captured");
        }
        d.counts["wait"]++;
        d.queue.finish(s);
        return d.outcome();
    });
}

CU cuStreamQuery(Handle stream) {
    return on(stream, "cuStreamQuery", [&](Driver &d, Stream *s) {
        if (s->capture) {
            s->capture->broken = true;
            return d.refuse(CAPTURE_UNSUPPORTED, "cuStreamQuery of a stream that is captured");
        }
        d.queue.stir();
        if (d.queue.error != 0) return d.outcome();
        return (s->operations.empty() ? SUCCESS : NOT_READY);
    });
}

CU cuStreamWaitEvent(Handle stream, Handle event, unsigned) {
    return on(stream, "cuStreamWaitEvent", [&](Driver &d, Stream *s) {
        Event *e = alive(d.events, event);
        if (!e) return d.refuse(INVALID_HANDLE, "cuStreamWaitEvent: the event doesn't live");
        return d.queue.wait_for(s, e);
    });
}

CU cuEventCreate(Handle *event, unsigned flags) {
    return call([&](Driver &d) { return *event = *d.events.insert(new Event{flags}).first, SUCCESS; });
}

CU cuEventDestroy_v2(Handle event) {
    return call([&](Driver &d) {
        Event *e = alive(d.events, event);
        if (!e) return d.refuse(INVALID_HANDLE, "cuEventDestroy: the event doesn't live");
        d.events.erase(e);
        delete e;
        return SUCCESS;
    });
}

CU cuEventRecord(Handle event, Handle stream) {
    return on(stream, "cuEventRecord", [&](Driver &d, Stream *s) {
        Event *e = alive(d.events, event);
        if (!e) return d.refuse(INVALID_HANDLE, "cuEventRecord: the event doesn't live");
        return d.queue.record(s, e);
    });
}

CU cuEventQuery(Handle event) {
    return call([&](Driver &d) {
        Event *e = alive(d.events, event);
        if (!e) return d.refuse(INVALID_HANDLE, "cuEventQuery: the event doesn't live");
        if (e->capture) return d.refuse(CAPTURE_UNSUPPORTED, "cuEventQuery of an event that was captured");
        if (!e->recorded) return SUCCESS;
        d.queue.stir();
        if (d.queue.error != 0) return d.outcome();
        return (e->moment.over() ? SUCCESS : NOT_READY);
    });
}

CU cuEventSynchronize(Handle event) {
    return call([&](Driver &d) {
        Event *e = alive(d.events, event);
        if (!e) return d.refuse(INVALID_HANDLE, "cuEventSynchronize: the event doesn't live");
        if (e->capture) return d.refuse(CAPTURE_UNSUPPORTED, "cuEventSynchronize of an event that was captured");
        if (!e->recorded) return SUCCESS;
        d.counts["wait"]++;
        d.queue.finish(e->moment);
        return d.outcome();
    });
}

CU cuEventElapsedTime(float *milliseconds, Handle from, Handle to) {
    return call([&](Driver &d) {
        Event *a = alive(d.events, from), *b = alive(d.events, to);
        constexpr unsigned DISABLE_TIMING = 2;
        if (!a || !b || !a->recorded || !b->recorded || ((a->flags | b->flags) & DISABLE_TIMING)) return INVALID_HANDLE;
        if (!a->moment.over() || !b->moment.over()) return NOT_READY;
        *milliseconds = (float)(*b->time - *a->time);
        return SUCCESS;
    });
}

// ---- graphs ----

CU cuStreamBeginCapture_v2(Handle stream, int mode) {
    return on(stream, "cuStreamBeginCapture", [&](Driver &d, Stream *s) { return d.queue.begin_capture(s, mode, &current_context); });
}

CU cuStreamIsCapturing(Handle stream, int *status) {
    return on(stream, "cuStreamIsCapturing",
        [&](Driver &, Stream *s) { return *status = !s->capture ? 0 : s->capture->broken ? 2 : 1, SUCCESS; });
}

CU cuStreamEndCapture(Handle stream, Handle *graph) {
    return on(stream, "cuStreamEndCapture", [&](Driver &d, Stream *s) {
        Graph *made;
        int error = d.queue.end_capture(s, &current_context, made);
        if (made) d.graphs.insert(made);
        *graph = made;
        return error;
    });
}

CU cuGraphInstantiateWithFlags(Handle *exec, Handle graph, unsigned long long) {
    return call([&](Driver &d) {
        Graph *g = alive(d.graphs, graph);
        if (!g) return d.refuse(INVALID_HANDLE, "cuGraphInstantiate: the graph doesn't live");
        if (d.fails("graph")) return OUT_OF_MEMORY;
        *exec = *d.execs.insert(new GraphExec{g->nodes}).first;
        return SUCCESS;
    });
}

CU cuGraphLaunch(Handle exec, Handle stream) {
    return on(stream, "cuGraphLaunch", [&](Driver &d, Stream *s) {
        GraphExec *e = alive(d.execs, exec);
        if (!e) return d.refuse(INVALID_HANDLE, "cuGraphLaunch: the graph doesn't live");
        d.counts["graph-launch"]++;
        return d.queue.add_graph(s, e);
    });
}

CU cuGraphUpload(Handle, Handle stream) {
    return on(stream, "cuGraphUpload", [&](Driver &, Stream *) { return SUCCESS; });
}

CU cuGraphExecDestroy(Handle exec) {
    return call([&](Driver &d) {
        GraphExec *e = alive(d.execs, exec);
        if (!e) return d.refuse(INVALID_HANDLE, "cuGraphExecDestroy: the graph doesn't live");
        d.execs.erase(e);
        delete e;
        return SUCCESS;
    });
}

CU cuGraphDestroy(Handle graph) {
    return call([&](Driver &d) {
        Graph *g = alive(d.graphs, graph);
        if (!g) return d.refuse(INVALID_HANDLE, "cuGraphDestroy: the graph doesn't live");
        d.graphs.erase(g);
        delete g;
        return SUCCESS;
    });
}

// ---- modules and kernels ----

CU cuModuleLoadData(Handle *module, const void *image) {
    return call([&](Driver &d) {
        if (d.failures.count("old-driver")) return UNSUPPORTED_PTX_VERSION;
        std::string problem;
        Module *made = load_module(static_cast<const char *>(image), problem);
        if (!made) return d.refuse(INVALID_PTX, "cuModuleLoadData: " + problem);
        d.modules.insert(made);
        *module = made;
        return SUCCESS;
    });
}

CU cuModuleLoadDataEx(Handle *module, const void *image, unsigned, void *, void **) {
    return cuModuleLoadData(module, image);
}

CU cuModuleUnload(Handle module) {
    return call([&](Driver &d) {
        Module *m = alive(d.modules, module);
        if (!m) return d.refuse(INVALID_HANDLE, "cuModuleUnload: the module doesn't live");
        d.modules.erase(m);
        delete m;
        return SUCCESS;
    });
}

CU cuModuleGetFunction(Handle *function, Handle module, const char *name) {
    return call([&](Driver &d) {
        Module *m = alive(d.modules, module);
        if (!m) return d.refuse(INVALID_HANDLE, "cuModuleGetFunction: the module doesn't live");
        auto found = m->functions.find(name);
        if (found == m->functions.end())
            return d.refuse(NOT_FOUND, "cuModuleGetFunction: the module has no kernel " + std::string(name));
        *function = &found->second;
        return SUCCESS;
    });
}

CU cuFuncGetAttribute(int *value, int attribute, Handle function) {
    return call([&](Driver &) {
        auto *f = static_cast<Function *>(function);
        switch (attribute) {
        case 0: *value = f->most_threads; break;
        case 1: *value = f->shared; break;
        case 2: case 3: *value = 0; break; // constants, local memory
        case 4: *value = 32; break; // registers
        case 5: case 6: *value = 80; break;
        case 8: *value = f->most_dynamic; break;
        default: return INVALID_VALUE;
        }
        return SUCCESS;
    });
}

CU cuFuncSetAttribute(Handle function, int attribute, int value) {
    return call([&](Driver &d) {
        auto *f = static_cast<Function *>(function);
        if (attribute == 9) return SUCCESS; // how shared memory and the cache share
        if (attribute != 8) return INVALID_VALUE;
        if (value < 0 || value + f->shared > (int)MAX_DYNAMIC)
            return d.refuse(INVALID_VALUE, "cuFuncSetAttribute: " + std::string(f->kernel->name) + " can't have " +
                std::to_string(value) + " bytes of dynamic shared memory beside its " + std::to_string(f->shared));
        f->most_dynamic = value;
        return SUCCESS;
    });
}

CU cuFuncSetCacheConfig(Handle, int) {
    return call([&](Driver &) { return SUCCESS; });
}

CU cuLaunchKernel(Handle function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
    unsigned dynamic, Handle stream, void **parameters, void **extra) {
    return on(stream, "cuLaunchKernel", [&](Driver &d, Stream *s) {
        auto *f = static_cast<Function *>(function);
        const Kernel *kernel = f->kernel;
        auto refused = [&](const std::string &why) {
            return d.refuse(INVALID_VALUE, "cuLaunchKernel of " + std::string(kernel->name) + ": " + why);
        };
        auto size = [](unsigned x, unsigned y, unsigned z) {
            return "(" + std::to_string(x) + ", " + std::to_string(y) + ", " + std::to_string(z) + ")";
        };
        if (gx == 0 || gx > 2147483647 || gy == 0 || gy > 65535 || gz == 0 || gz > 65535)
            return refused("no grid has " + size(gx, gy, gz) + " blocks");
        uint64_t threads = (uint64_t)bx * by * bz;
        if (threads == 0 || bx > 1024 || by > 1024 || bz > 64 || threads > (uint64_t)f->most_threads)
            return refused("its blocks don't have " + size(bx, by, bz) + " threads");
        if (dynamic > (unsigned)f->most_dynamic || dynamic + f->shared > (f->most_dynamic > 48 * 1024 ? MAX_DYNAMIC : 48 * 1024))
            return refused(std::to_string(dynamic) + " bytes of dynamic shared memory beside " +
                std::to_string(f->shared) + " are more than it may have");
        if (extra || (kernel->count > 0 && !parameters)) return refused("no parameters");
        if (d.fails("launch")) return LAUNCH_OUT_OF_RESOURCES;
        auto values = std::make_shared<std::vector<uint64_t>>(kernel->count + 1);
        for (int i = 0; i < kernel->count; i++) {
            const Parameter &p = kernel->parameters[i];
            memcpy(&(*values)[i], parameters[i], p.size);
            if (p.kind != 'p') continue;
            auto *at = reinterpret_cast<void *>((*values)[i]);
            if (!d.is_device(at)) return refused("parameter " + std::to_string(i) + " points to " + d.memory.where(at));
            if ((*values)[i] % p.alignment != 0) return refused("parameter " + std::to_string(i) + " isn't aligned");
        }
        uint64_t seed = d.queue.seed * 1000003 + d.counts["launch"];
        return d.queue.add(s, [=, &d](std::string &problem) {
            std::vector<void *> arguments;
            for (int i = 0; i < kernel->count; i++) arguments.push_back(&(*values)[i]);
            Launch launch{kernel, {gx, gy, gz}, {bx, by, bz}, dynamic, arguments.data(), seed};
            uintptr_t fault = 0;
            int error = run(launch, problem, fault);
            if (error == ILLEGAL_ADDRESS) problem += d.memory.where(reinterpret_cast<void *>(fault));
            return error;
        });
    });
}

CU cuProfilerStart() { return SUCCESS; }
CU cuProfilerStop() { return SUCCESS; }
}
