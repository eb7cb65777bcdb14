#include "memory.h"
#include "pattern.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

namespace standin {
namespace {
constexpr size_t PAGE = 4096, ALIGNMENT = 256, PIECE = 16 << 20;
constexpr unsigned char RED = 0xf5; // NaN, and not what fresh memory holds

size_t round_up(size_t x, size_t to) { return (x + to - 1) / to * to; }

// A file of the pattern, which large allocations map: their pages cost nothing before something is written.
int pattern_file() {
    static int file = [] {
        int made = memfd_create("pattern", MFD_CLOEXEC);
        if (ftruncate(made, PIECE) != 0) return -1;
        void *at = mmap(nullptr, PIECE, PROT_READ | PROT_WRITE, MAP_SHARED, made, 0);
        fill_pattern(at, PIECE);
        munmap(at, PIECE);
        return made;
    }();
    return file;
}

bool is_red(const char *from, const char *to) {
    for (; from < to; from++)
        if ((unsigned char)*from != RED) return false;
    return true;
}

std::string named(const Area &area) {
    char text[120];
    snprintf(text, sizeof text, "%s of %zu bytes at %p", area.host ? "pinned memory" : "an allocation", area.size,
        (void *)area.at);
    return text;
}
} // namespace

void *Memory::allocate(size_t size, bool host) {
    size_t rounded = round_up(size, ALIGNMENT), body = round_up(rounded, PAGE);
    void *map = mmap(nullptr, body + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED) return nullptr;
    Area area{static_cast<char *>(map), body, static_cast<char *>(map) + PAGE + body - rounded, size, host};
    char *from = area.map + PAGE, *end = from + body;
    if (body <= PIECE / 16) {
        mprotect(from, body, PROT_READ | PROT_WRITE);
        fill_pattern(area.at, size);
    } else {
        for (char *at = from; at < end; at += PIECE) {
            size_t bytes = end - at < (ptrdiff_t)PIECE ? end - at : PIECE;
            if (mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, pattern_file(), 0) ==
                MAP_FAILED) {
                munmap(map, body + 2 * PAGE);
                return nullptr;
            }
        }
    }
    memset(from, RED, area.at - from);
    memset(area.at + size, RED, end - area.at - size);
    areas[reinterpret_cast<uintptr_t>(area.at) + size] = area;
    if (!host) used += rounded;
    return area.at;
}

bool Memory::release(const void *at, bool host) {
    const Area *found = find(at, 0);
    if (!found || found->at != at || found->host != host) return false;
    Area area = *found;
    // The addresses stay reserved: whoever uses them later doesn't find somebody else's memory there.
    mmap(area.map, area.body + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    if (!host) used -= round_up(area.size, ALIGNMENT);
    areas.erase(reinterpret_cast<uintptr_t>(area.at) + area.size);
    return true;
}

void Memory::release_all() {
    while (!areas.empty()) release(areas.begin()->second.at, areas.begin()->second.host);
}

const Area *Memory::find(const void *at, size_t bytes) const {
    auto from = reinterpret_cast<uintptr_t>(at);
    // The first that ends behind the address; an address just behind one belongs to it where no bytes are asked for.
    for (auto next = areas.lower_bound(from); next != areas.end(); ++next) {
        auto begin = reinterpret_cast<uintptr_t>(next->second.at);
        if (from < begin) return nullptr;
        if (from + bytes >= from && from + bytes <= next->first) return &next->second;
    }
    return nullptr;
}

std::string Memory::where(const void *at) const {
    auto address = reinterpret_cast<uintptr_t>(at);
    char text[80];
    auto next = areas.lower_bound(address + 1);
    if (next != areas.end()) {
        const Area &area = next->second;
        auto begin = reinterpret_cast<uintptr_t>(area.at);
        if (address >= begin) {
            snprintf(text, sizeof text, "%zu bytes into ", (size_t)(address - begin));
            return text + named(area);
        }
        if (begin - address <= 2 * PAGE) {
            snprintf(text, sizeof text, "%zu bytes before ", (size_t)(begin - address));
            return text + named(area);
        }
    }
    if (next != areas.begin()) {
        --next;
        if (address - next->first <= (64 << 20)) {
            snprintf(text, sizeof text, "%zu bytes behind ", (size_t)(address - next->first));
            return text + named(next->second);
        }
    }
    return "nothing that is allocated";
}

std::string Memory::damage() const {
    for (auto &[end, area] : areas) {
        if (!is_red(area.map + PAGE, area.at)) return "something was written before " + named(area);
        if (!is_red(area.at + area.size, area.map + PAGE + area.body))
            return "something was written behind " + named(area);
    }
    return "";
}

long Memory::count(bool host) const {
    long count = 0;
    for (auto &entry : areas) count += entry.second.host == host;
    return count;
}
} // namespace standin
