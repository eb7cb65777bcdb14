// Runs the blocks of a grid on the CPU.
#pragma once

#include "standin_kernel.h"
#include "standin_threads.h"

#include <string>

namespace standin {
// The context that is current on this thread of the system.
extern thread_local void *current_context;

struct Launch {
    const Kernel *kernel;
    dim3 grid, block;
    unsigned dynamic; // bytes of dynamic shared memory
    void *const *arguments;
    uint64_t seed; // of the order of threads and blocks
};

// CUDA's codes for what can go wrong inside a kernel.
constexpr int ILLEGAL_ADDRESS = 700, LAUNCH_FAILED = 719;

// Runs all blocks, on two threads of the system. Answers 0, or an error of CUDA's, what to say of it, and the
// address where that was the trouble.
int run(const Launch &launch, std::string &problem, uintptr_t &fault);

// Calls body(0) to body(n - 1), on two threads of the system.
void parallel(int n, void (*body)(int, void *), void *context);

// Makes a fault in a kernel an error of its launch; everything else goes on to who handled it before.
void catch_faults();

constexpr unsigned MAX_DYNAMIC = 101376; // what a block may have of shared memory on devices of capability 8.6 and 8.9
} // namespace standin
