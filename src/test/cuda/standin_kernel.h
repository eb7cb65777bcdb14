// How kernels make themselves known to the driver, with the sizes and types of their parameters.
#pragma once

#include <stddef.h>
#include <utility>

namespace standin {
struct Parameter {
    char kind; // p: pointer, i: integer, f: floating point
    int size;
    int alignment; // of what a pointer points to
};

struct Kernel {
    const char *name;
    const Parameter *parameters;
    int count;
    // Calls the kernel as one thread; an address of each parameter's value.
    void (*call)(void *const *arguments);
};

void add_kernel(const Kernel &kernel);

template <typename T> struct Kind {
    static_assert(__is_same(T, int) || __is_same(T, long long) || __is_same(T, float) || __is_same(T, double),
        "parameters of kernels are pointers, int, long long or float");
    static constexpr Parameter value{T(0.5f) != T(0) ? 'f' : 'i', sizeof(T), 1};
};
template <typename T> struct Kind<T *> {
    static constexpr Parameter value{'p', 8, alignof(T)};
};

template <auto function> struct Registered;
template <typename... A, void (*function)(A...)> struct Registered<function> {
    static constexpr Parameter parameters[sizeof...(A) + 1] = {Kind<A>::value..., {}};

    explicit Registered(const char *name) {
        add_kernel({name, parameters, sizeof...(A), [](void *const *arguments) {
                        unpack(arguments, std::index_sequence_for<A...>());
                    }});
    }

private:
    template <size_t... I> static void unpack(void *const *arguments, std::index_sequence<I...>) {
        (void)arguments;
        function(*static_cast<A *>(arguments[I])...);
    }
};
} // namespace standin

#define STANDIN_KERNEL(name) static standin::Registered<&name> standin_##name(#name);
