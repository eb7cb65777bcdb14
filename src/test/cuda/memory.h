// Memory of the device and pinned memory of the host: each allocation ends at a page that can't be touched, begins after
// one, and has red zones where it doesn't fill its pages. What is freed is never used again for anything.
#pragma once

#include <map>
#include <stddef.h>
#include <stdint.h>
#include <string>

namespace standin {
struct Area {
    char *map; // the first page that can't be touched
    size_t body; // bytes between that page and the last
    char *at;
    size_t size;
    bool host;
};

class __attribute__((visibility("default"))) Memory {
    std::map<uintptr_t, Area> areas; // by their end
    size_t used = 0;

public:
    // Null where the system has no more. Holds NaN (pattern.h).
    void *allocate(size_t size, bool host);
    bool release(const void *at, bool host);
    void release_all();

    // The allocation that all the bytes lie in, or null.
    const Area *find(const void *at, size_t bytes) const;
    // Where an address is, in words: relative to the allocation that is next to it.
    std::string where(const void *at) const;
    // What was written beside an allocation, in words; empty where nothing was.
    std::string damage() const;

    size_t device_bytes() const { return used; }
    long count(bool host) const;
};
} // namespace standin
