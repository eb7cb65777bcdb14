// Modules of PTX, whose kernels are the ones that were compiled into this library.
#pragma once

#include "runner.h"

#include <map>
#include <string>
#include <vector>

namespace standin {
struct Function {
    const Kernel *kernel;
    int most_threads; // of __launch_bounds__
    int shared; // static shared memory, bytes
    int most_dynamic = 48 * 1024;
};

struct Module {
    std::map<std::string, Function> functions;
};

// Null, with the reason, where a kernel of the text isn't compiled, or has other parameters.
Module *load_module(const char *ptx, std::string &problem);
} // namespace standin
