// Blocks of a grid, each by a thread of the system whose fibers are the block's threads.
//
// A thread of a kernel gets a stack when it starts and keeps it only where it waits; one that runs through hands its
// stack to the next, so that kernels without barriers cost a loop. The warps and the lanes in them run in ascending or
// descending order, by chance: what relies on either shows.
#include "runner.h"
#include "fibers.h"
#include "shared.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <signal.h>
#include <stdio.h>
#include <thread>
#include <ucontext.h>

asm(R"(
.text
.globl standin_switch
.hidden standin_switch
.type standin_switch,@function
standin_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
)");

namespace standin {
thread_local void *current_context;

namespace {
struct Wait {
    const char *what = nullptr, *file = nullptr;
    int line = 0;

    bool same(const Wait &o) const { return line == o.line && what == o.what; }
};

struct Warp {
    // A bit for each lane: not begun, can go on, not ended, at the block's barrier, at an exchange.
    unsigned fresh, ready, alive, at_barrier, at_exchange;
    unsigned mask; // whom the exchange waits for
    Wait wait; // what the lanes of the exchange do
    int turn; // which of the two exchanges is being filled; the other one may still be read
    Exchange exchange[2];
};

struct Runner {
    Stacks stacks;
    SharedMemory shared;
    const Launch *launch = nullptr;
    int threads = 0, warps = 0, alive = 0, waiting = 0;
    bool descending = false;
    Wait barrier; // where the block's threads wait
    Warp warp[MAX_THREADS / 32];
    void *place[MAX_THREADS]; // where a waiting thread goes on
    Wait waits[MAX_THREADS];
    Block block;
    void *scheduler = nullptr;
    bool running = false;
    int error = 0;
    std::string problem;
    uintptr_t fault = 0;
    int signal = 0;
};

// One for each thread of the system that runs blocks at a time; they are few, because launches don't overlap.
constexpr int MAX_RUNNERS = 8;
std::atomic<Runner *> runners[MAX_RUNNERS];
std::atomic<bool> taken[MAX_RUNNERS];

Runner &runner() { return *static_cast<Runner *>(own().runner); }

class Turn {
    int number = 0;

public:
    Runner *runner;

    Turn() {
        while (taken[number].exchange(true)) number = (number + 1) % MAX_RUNNERS;
        if (!runners[number]) runners[number] = new Runner();
        runner = runners[number];
        runner->shared.find(&current_context);
    }
    ~Turn() { taken[number] = false; }
};

std::string at(const Runner &r, int thread) {
    char text[200];
    uint3 i = r.block.index;
    dim3 b = r.block.threads;
    snprintf(text, sizeof text, "kernel %s, block (%u, %u, %u), thread (%u, %u, %u)", r.launch->kernel->name,
        i.x, i.y, i.z, thread % b.x, thread / b.x % b.y, thread / b.x / b.y);
    return text;
}

std::string said(const Wait &wait) { return std::string(wait.what) + " of line " + std::to_string(wait.line); }

int pick(const Runner &r, unsigned lanes) { return r.descending ? 31 - __builtin_clz(lanes) : __builtin_ctz(lanes); }

void identify(const Runner &r, Own &own, int thread) {
    dim3 b = r.block.threads;
    own.number = thread;
    if (b.y == 1 && b.z == 1) own.index = {(unsigned)thread, 0, 0};
    else own.index = {thread % b.x, thread / b.x % b.y, thread / b.x / b.y};
}

void carry();

// Where to go on in a warp: a thread that waited, or one that hasn't begun, on a stack of its own.
void *onward(Runner &r, int warp) {
    Warp &w = r.warp[warp];
    unsigned can = w.fresh | w.ready;
    if (can == 0 || r.error != 0) return r.scheduler;
    int lane = pick(r, can);
    unsigned bit = 1u << lane;
    if (w.ready & bit) {
        w.ready &= ~bit;
        return r.place[warp * 32 + lane];
    }
    w.fresh &= ~bit;
    int stack = r.stacks.take();
    Own &own = r.stacks.own(stack);
    own.stack = stack;
    own.block = &r.block;
    own.runner = &r;
    identify(r, own, warp * 32 + lane);
    return r.stacks.start(stack, carry);
}

// To other threads; returns when this one may go on.
void leave(Runner &r, int thread) { standin_switch(&r.place[thread], onward(r, thread / 32)); }

[[noreturn]] void fail(Runner &r, int error, const std::string &problem) {
    r.error = error;
    r.problem = problem;
    void *nowhere;
    standin_switch(&nowhere, r.scheduler);
    __builtin_unreachable();
}

void open_barrier(Runner &r) {
    if (r.waiting == 0 || r.waiting < r.alive) return;
    r.waiting = 0;
    for (int w = 0; w < r.warps; w++) {
        r.warp[w].ready |= r.warp[w].at_barrier;
        r.warp[w].at_barrier = 0;
    }
}

bool all_came(const Warp &w) { return w.at_exchange != 0 && (w.at_exchange & w.mask & w.alive) == (w.mask & w.alive); }

void open_exchange(Warp &w) {
    w.ready |= w.at_exchange;
    w.at_exchange = 0;
    w.turn ^= 1;
    w.exchange[w.turn].present = 0;
}

// What a fiber does: threads that haven't begun, one after the other, until one waits or its warp has no more.
void carry() {
    Own &me = own();
    Runner &r = runner();
    int warp = me.number / 32;
    Warp &w = r.warp[warp];
    while (true) {
        r.launch->kernel->call(r.launch->arguments);
        w.alive &= ~(1u << me.number % 32);
        r.alive--;
        if (all_came(w)) open_exchange(w);
        open_barrier(r);
        if (w.fresh == 0) break;
        int lane = pick(r, w.fresh);
        w.fresh &= ~(1u << lane);
        identify(r, me, warp * 32 + lane);
    }
    r.stacks.give(me.stack);
    void *nowhere;
    standin_switch(&nowhere, onward(r, warp));
}

void deadlock(Runner &r) {
    std::string text = "the threads of a block wait for each other at different places:";
    int told = 0;
    Wait last;
    for (int t = 0; t < r.threads && told < 4; t++) {
        if (!(r.warp[t / 32].alive >> t % 32 & 1) || r.waits[t].same(last)) continue;
        last = r.waits[t];
        text += (told++ ? "; " : " ") + at(r, t) + " at " + said(last);
    }
    r.error = LAUNCH_FAILED;
    r.problem = text;
}

bool run_block(Runner &r, bool descending) {
    r.descending = descending;
    r.alive = r.threads;
    r.waiting = 0;
    for (int w = 0; w < r.warps; w++) {
        int lanes = r.threads - w * 32 < 32 ? r.threads - w * 32 : 32;
        unsigned all = lanes == 32 ? ~0u : (1u << lanes) - 1;
        Warp &warp = r.warp[w];
        warp.fresh = warp.alive = all;
        warp.ready = warp.at_barrier = warp.at_exchange = 0;
        warp.turn = 0;
        warp.exchange[0].present = 0;
    }
    r.running = true;
    while (r.alive > 0 && r.error == 0) {
        bool moved = false;
        for (int i = 0; i < r.warps && r.error == 0; i++) {
            int at = descending ? r.warps - 1 - i : i;
            Warp &w = r.warp[at];
            if ((w.fresh | w.ready) == 0) continue;
            moved = true;
            standin_switch(&r.scheduler, onward(r, at));
        }
        if (!moved) deadlock(r);
    }
    r.running = false;
    return r.error == 0;
}

uint64_t mix(uint64_t x) {
    x += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

struct Grid {
    const Launch &launch;
    long long blocks = (long long)launch.grid.x * launch.grid.y * launch.grid.z;
    std::atomic<long long> next = 0;
    std::mutex lock = {};
    int error = 0;
    std::string problem = {};
    uintptr_t fault = 0;
};

void run_blocks(int, void *context) {
    Grid &grid = *static_cast<Grid *>(context);
    const Launch &launch = grid.launch;
    Turn turn;
    Runner &r = *turn.runner;
    r.launch = &launch;
    r.block = {{}, launch.block, launch.grid, r.shared.dynamic(launch.dynamic)};
    r.threads = launch.block.x * launch.block.y * launch.block.z;
    r.warps = (r.threads + 31) / 32;
    r.error = 0;
    bool backwards = mix(launch.seed) & 1;
    long long i;
    while ((i = grid.next++) < grid.blocks) {
        long long block = backwards ? grid.blocks - 1 - i : i;
        r.block.index = {unsigned(block % launch.grid.x), unsigned(block / launch.grid.x % launch.grid.y),
            unsigned(block / launch.grid.x / launch.grid.y)};
        uint64_t chance = mix(launch.seed + block);
        r.shared.fill(launch.kernel, launch.dynamic, chance >> 1);
        if (!run_block(r, chance & 1)) {
            r.stacks.reset();
            grid.next = grid.blocks;
            std::lock_guard<std::mutex> guard(grid.lock);
            grid.error = r.error;
            grid.problem = r.problem;
            grid.fault = r.fault;
            break;
        }
        r.shared.learn(launch.kernel);
    }
}

// The second thread of the system.
class Helper {
    std::mutex lock;
    std::condition_variable work, done;
    void (*body)(int, void *) = nullptr;
    void *context = nullptr;
    bool started = false, busy = false;

    void loop() {
        std::unique_lock<std::mutex> guard(lock);
        while (true) {
            work.wait(guard, [&] { return body != nullptr; });
            auto b = body;
            guard.unlock();
            b(1, context);
            guard.lock();
            body = nullptr;
            busy = false;
            done.notify_one();
        }
    }

public:
    // Calls b(0) here and b(1) on the helper.
    void both(void (*b)(int, void *), void *c) {
        {
            std::lock_guard<std::mutex> guard(lock);
            if (!started) {
                started = true;
                // A signal that is meant for the program doesn't belong here.
                sigset_t all, old;
                sigfillset(&all);
                for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigdelset(&all, fault);
                pthread_sigmask(SIG_BLOCK, &all, &old);
                std::thread([this] { loop(); }).detach();
                pthread_sigmask(SIG_SETMASK, &old, nullptr);
            }
            body = b;
            context = c;
            busy = true;
        }
        work.notify_one();
        b(0, c);
        std::unique_lock<std::mutex> guard(lock);
        done.wait(guard, [&] { return !busy; });
    }
};

Helper &helper = *new Helper(); // never destroyed, its thread waits until the process ends

// Where a thread of a kernel goes on after a fault.
void faulted() {
    Runner &r = runner();
    char text[64];
    if (r.signal == SIGFPE) fail(r, LAUNCH_FAILED, at(r, own().number) + " divides by zero");
    snprintf(text, sizeof text, " reads or writes at 0x%llx, which is ", (unsigned long long)r.fault);
    fail(r, ILLEGAL_ADDRESS, at(r, own().number) + text);
}

struct sigaction before[NSIG];

void on_fault(int signal, siginfo_t *info, void *context) {
    auto *registers = static_cast<ucontext_t *>(context)->uc_mcontext.gregs;
    uintptr_t stack = registers[REG_RSP];
    for (auto &known : runners) {
        Runner *r = known;
        if (r && r->running && r->stacks.contains(stack)) {
            r->fault = reinterpret_cast<uintptr_t>(info->si_addr);
            r->signal = signal;
            registers[REG_RIP] = reinterpret_cast<greg_t>(faulted);
            registers[REG_RSP] = (stack & ~15ul) - 256 - 8;
            return;
        }
    }
    const struct sigaction &old = before[signal];
    if (old.sa_flags & SA_SIGINFO) old.sa_sigaction(signal, info, context);
    else if (old.sa_handler != SIG_DFL && old.sa_handler != SIG_IGN) old.sa_handler(signal);
    else sigaction(signal, &old, nullptr); // comes again, to the system's own
}
} // namespace

void barrier(int line, const char *file) {
    Runner &r = runner();
    int thread = own().number;
    Wait wait{"__syncthreads", file, line};
    Warp &w = r.warp[thread / 32];
    if (r.waiting == 0) r.barrier = wait;
    else if (!wait.same(r.barrier))
        fail(r, LAUNCH_FAILED, at(r, thread) + " is at " + said(wait) + ", others of its block at that of line " +
            std::to_string(r.barrier.line));
    r.waits[thread] = wait;
    r.waiting++;
    w.at_barrier |= 1u << thread % 32;
    if (r.waiting == r.alive) {
        open_barrier(r);
        w.ready &= ~(1u << thread % 32); // goes on at once
        return;
    }
    leave(r, thread);
}

const Exchange &exchange(uint64_t mine, unsigned mask, const char *what, int line, void (*last)(Exchange &)) {
    Runner &r = runner();
    int thread = own().number, lane = thread % 32;
    Wait wait{what, nullptr, line};
    Warp &w = r.warp[thread / 32];
    if (!(mask >> lane & 1)) misuse("calls a primitive of its warp and isn't in the mask", line);
    if (w.at_exchange == 0) {
        w.wait = wait;
        w.mask = mask;
    } else if (!wait.same(w.wait) || mask != w.mask)
        fail(r, LAUNCH_FAILED, at(r, thread) + " is at " + said(wait) + ", others of its warp at " + said(w.wait) +
            (mask == w.mask ? "" : " with another mask"));
    Exchange &all = w.exchange[w.turn];
    all.value[lane] = mine;
    all.present |= 1u << lane;
    r.waits[thread] = wait;
    w.at_exchange |= 1u << lane;
    if (all_came(w)) {
        if (last) last(all);
        open_exchange(w);
        w.ready &= ~(1u << lane);
        return all;
    }
    leave(r, thread);
    return all;
}

void misuse(const char *what, int line) {
    Runner &r = runner();
    fail(r, LAUNCH_FAILED, at(r, own().number) + ", line " + std::to_string(line) + ": " + what);
}

int run(const Launch &launch, std::string &problem, uintptr_t &fault) {
    Grid grid{launch};
    long long threads = grid.blocks * launch.block.x * launch.block.y * launch.block.z;
    // A small grid is done before the helper wakes.
    if (grid.blocks == 1 || threads < 2048) run_blocks(0, &grid);
    else helper.both(run_blocks, &grid);
    problem = grid.problem;
    fault = grid.fault;
    return grid.error;
}

void parallel(int n, void (*body)(int, void *), void *context) {
    struct Loop {
        std::atomic<int> next{0};
        int n;
        void (*body)(int, void *);
        void *context;
    } loop;
    loop.n = n;
    loop.body = body;
    loop.context = context;
    auto part = [](int, void *l) {
        Loop &loop = *static_cast<Loop *>(l);
        for (int i; (i = loop.next++) < loop.n;) loop.body(i, loop.context);
    };
    if (n < 2) part(0, &loop);
    else helper.both(part, &loop);
}

void catch_faults() {
    static std::once_flag once;
    std::call_once(once, [] {
        for (int signal : {SIGSEGV, SIGBUS, SIGFPE}) {
            struct sigaction mine = {};
            mine.sa_sigaction = on_fault;
            mine.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
            sigaction(signal, nullptr, &before[signal]);
            mine.sa_mask = before[signal].sa_mask;
            sigaction(signal, &mine, nullptr);
        }
    });
}
} // namespace standin
