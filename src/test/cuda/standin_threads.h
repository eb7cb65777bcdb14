// What kernels, and who runs them, know of the threads of a kernel.
#pragma once

#include <stdint.h>
#include <string.h>

struct uint3 {
    unsigned x, y, z;
};
struct dim3 {
    unsigned x = 1, y = 1, z = 1;
};

namespace standin {
// What the running thread of a kernel knows of itself, and what the driver keeps for each thread of the system.
struct Self {
    uint3 thread, block;
    dim3 block_dim, grid_dim;
    char *dynamic;
    void *runner, *context;
};
extern thread_local Self self;

// What the lanes of a warp gave to an exchange; present has a bit for each lane that did.
struct Exchange {
    uint64_t value[32];
    unsigned present;
};

// Where a thread waits is told by line and file, which are those of the kernel's source.
void barrier(int line, const char *file);
// Waits for all lanes of the warp in mask. The last one to come calls last, if given, before any goes on.
const Exchange &exchange(
    uint64_t mine, unsigned mask, const char *what, int line, void (*last)(Exchange &) = nullptr);
int lane();
// Ends the launch with an error: what the running thread does is nothing that CUDA defines.
[[noreturn]] void misuse(const char *what, int line);
} // namespace standin
