// Shared memory of the block that a thread of the system runs, filled with NaN before each.
#pragma once

#include "runner.h"
#include "pattern.h"

#include <link.h>
#include <map>
#include <mutex>
#include <sys/mman.h>
#include <vector>

namespace standin {
// Static shared memory is what this library has of thread-local variables, except those of the runner. Which of it a
// kernel writes is learned from its first blocks and, now and then, from later ones; only that is filled again.
class SharedMemory {
    static constexpr size_t CHUNK = 256, PAGE = 4096;
    static constexpr size_t ROOM = (MAX_DYNAMIC + PAGE - 1) / PAGE * PAGE;

    struct Used {
        std::vector<char> chunks;
        int blocks = 0;
    };

    char *base = nullptr, *end = nullptr; // of this thread's variables
    char *page; // dynamic shared memory ends where this does
    std::map<const Kernel *, Used> known;
    bool learning = false;

    struct Found {
        uintptr_t inside;
        void *data;
        size_t size;
    };

    static int look(dl_phdr_info *info, size_t, void *to) {
        auto *found = static_cast<Found *>(to);
        auto data = reinterpret_cast<uintptr_t>(info->dlpi_tls_data);
        for (int i = 0; i < info->dlpi_phnum; i++) {
            const auto &header = info->dlpi_phdr[i];
            if (header.p_type == PT_TLS && data && found->inside - data < header.p_memsz) {
                found->data = info->dlpi_tls_data;
                found->size = header.p_memsz;
                return 1;
            }
        }
        return 0;
    }

    char *own = nullptr; // the variables that aren't shared memory
    static constexpr size_t OWN = sizeof(void *);

    // Calls f with the parts of a chunk that are shared memory.
    template <typename F> void parts(size_t chunk, F f) {
        char *from = base + chunk * CHUNK, *to = from + CHUNK < end ? from + CHUNK : end;
        if (own >= to || own + OWN <= from) f(from, to);
        else {
            if (from < own) f(from, own);
            if (own + OWN < to) f(own + OWN, to);
        }
    }

    size_t chunks() const { return (end - base + CHUNK - 1) / CHUNK; }

public:
    SharedMemory() {
        page = static_cast<char *>(mmap(
            nullptr, ROOM + 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
        mprotect(page, PAGE, PROT_NONE);
        mprotect(page + PAGE + ROOM, PAGE, PROT_NONE);
        page += PAGE + ROOM;
    }

    // From now on it is the calling thread's; the variable is one that isn't shared memory, the only one.
    void find(void *variable) {
        own = static_cast<char *>(variable);
        Found found{reinterpret_cast<uintptr_t>(own), nullptr, 0};
        dl_iterate_phdr(look, &found);
        base = static_cast<char *>(found.data);
        end = base + found.size;
    }

    char *dynamic(unsigned bytes) const { return page - (bytes + 127) / 128 * 128; }

    void fill(const Kernel *kernel, unsigned bytes, uint64_t chance) {
        fill_pattern(dynamic(bytes), (bytes + 127) / 128 * 128);
        Used &used = known[kernel];
        used.chunks.resize(chunks());
        learning = used.blocks < 4 || chance % 256 == 0;
        used.blocks++;
        for (size_t i = 0; i < chunks(); i++)
            if (learning || used.chunks[i]) parts(i, [](char *from, char *to) { fill_pattern(from, to - from); });
    }

    void learn(const Kernel *kernel) {
        if (!learning) return;
        auto &used = known[kernel].chunks;
        for (size_t i = 0; i < chunks(); i++)
            parts(i, [&](char *from, char *to) { used[i] |= !is_pattern(from, to - from); });
    }
};
} // namespace standin
