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
// What all threads of a block have in common.
struct Block {
    uint3 index;
    dim3 threads, grid;
    char *dynamic;
};

// What a thread knows of itself; it lies at the bottom of the stack that it runs on.
struct Own {
    uint3 index;
    int number; // in the block
    int stack;
    const Block *block;
    void *runner;
};

constexpr uintptr_t STACK = 64 * 1024, GUARD = 4096;

inline Own &own() {
    uintptr_t here;
    asm("movq %%rsp, %0" : "=r"(here));
    return *reinterpret_cast<Own *>((here & ~(STACK - 1)) + GUARD);
}

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
inline int lane() { return own().number % 32; }
// Ends the launch with an error: what the running thread does is nothing that CUDA defines.
[[noreturn]] void misuse(const char *what, int line);
} // namespace standin
