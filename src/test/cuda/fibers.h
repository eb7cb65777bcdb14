// Stacks for threads of a kernel, and how to change between them.
#pragma once

#include "standin_threads.h"

#include <stdint.h>
#include <sys/mman.h>

namespace standin {
constexpr int MAX_THREADS = 1024;

// Keeps where the caller is in *from and goes on where to says. Both run on one thread of the system.
extern "C" void standin_switch(void **from, void *to);

class Stacks {
    char *base; // a multiple of STACK
    int free_list[MAX_THREADS], count;

public:
    Stacks() {
        auto *map = static_cast<char *>(mmap(nullptr, STACK * (MAX_THREADS + 1), PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
        base = map + (STACK - reinterpret_cast<uintptr_t>(map) % STACK) % STACK;
        for (int i = 0; i < MAX_THREADS; i++) mprotect(base + i * STACK, GUARD, PROT_NONE);
        reset();
    }

    Own &own(int stack) { return *reinterpret_cast<Own *>(base + stack * STACK + GUARD); }

    // All are free, whatever ran on them.
    void reset() {
        count = MAX_THREADS;
        for (int i = 0; i < MAX_THREADS; i++) free_list[i] = MAX_THREADS - 1 - i;
    }

    int take() { return free_list[--count]; }
    void give(int stack) { free_list[count++] = stack; }
    bool contains(uintptr_t address) const {
        return address - reinterpret_cast<uintptr_t>(base) < STACK * MAX_THREADS;
    }

    // Where standin_switch has to go to call entry on the stack.
    void *start(int stack, void (*entry)()) {
        // Tops at different distances from a page's end, or they would all compete for the same lines of the cache.
        auto top = reinterpret_cast<void **>(base + (stack + 1) * STACK - stack % 32 * 192);
        *--top = nullptr;
        *--top = reinterpret_cast<void *>(entry);
        for (int i = 0; i < 6; i++) *--top = nullptr;
        return top;
    }
};
} // namespace standin
