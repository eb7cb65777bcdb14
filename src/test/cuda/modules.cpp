#include "modules.h"

#include <algorithm>
#include <regex>
#include <string_view>

namespace standin {
namespace {
std::map<std::string, Kernel, std::less<>> &kernels() {
    static auto &all = *new std::map<std::string, Kernel, std::less<>>();
    return all;
}

// A type of PTX: u64, f32, b8, ...
Parameter parameter(const std::string &type, long count) {
    return {type[0] == 'f' ? 'f' : 'i', (int)(stoi(type.substr(1)) / 8 * count), 1};
}

std::string described(const Parameter &p) {
    return (p.kind == 'f' ? "a floating point number" : p.kind == 'p' ? "a pointer" : "an integer") +
        std::string(" of ") + std::to_string(p.size) + " bytes";
}

// All matches of an expression in a text.
template <typename F> void each(std::string_view text, const std::regex &expression, F f) {
    std::cregex_iterator end;
    for (std::cregex_iterator i(text.data(), text.data() + text.size(), expression); i != end; ++i) f(*i);
}

struct Entry {
    std::string name;
    std::vector<Parameter> parameters;
    std::string_view body;
};

Entry entry(std::string_view text) {
    static const std::regex name("\\.entry\\s+([\\w$]+)"),
        one("\\.param\\s+(?:\\.align\\s+\\d+\\s+)?\\.([a-z]\\d+)[^,)\\[]*(?:\\[(\\d+)\\])?");
    Entry entry;
    each(text.substr(0, 300), name, [&](auto &m) { entry.name = m[1]; });
    size_t open = text.find('('), begin = text.find('{'), close = text.find(')');
    if (open < begin && close < begin)
        each(text.substr(open, close - open), one, [&](auto &m) {
            entry.parameters.push_back(parameter(m[1], m[2].matched ? stol(m[2]) : 1));
        });
    size_t end = begin == text.npos ? text.npos : text.find("\n}", begin);
    entry.body = text.substr(0, end == text.npos ? text.size() : end);
    return entry;
}

std::string misfit(const Entry &entry, const Kernel &kernel) {
    if ((int)entry.parameters.size() != kernel.count)
        return "has " + std::to_string(entry.parameters.size()) + " parameters in PTX and " +
            std::to_string(kernel.count) + " in C++";
    for (int i = 0; i < kernel.count; i++) {
        const Parameter &ptx = entry.parameters[i], &cpp = kernel.parameters[i];
        if (ptx.size != cpp.size || (ptx.kind == 'f') != (cpp.kind == 'f'))
            return "has as parameter " + std::to_string(i) + " " + described(ptx) + " in PTX and " + described(cpp) +
                " in C++";
    }
    return "";
}
} // namespace

void add_kernel(const Kernel &kernel) { kernels().emplace(kernel.name, kernel); }

Module *load_module(const char *ptx, std::string &problem) {
    // Every device that a test opens loads the same texts.
    static auto &known_texts = *new std::map<std::string, Module, std::less<>>();
    std::string_view text(ptx);
    auto before = known_texts.find(text);
    if (before != known_texts.end()) return new Module(before->second);
    static const std::regex most("\\.maxntid\\s+(\\d+)(?:,\\s*(\\d+))?(?:,\\s*(\\d+))?"),
        shared("\\.shared\\s+\\.align\\s+\\d+\\s+\\.b8\\s+([\\w$]+)\\[(\\d+)\\]");
    Module module;
    if (text.find(".version") == text.npos) {
        problem = "the module isn't PTX";
        return nullptr;
    }
    std::map<std::string, int> variables;
    each(text, shared, [&](auto &m) { variables[m[1]] = stoi(m[2]); });
    size_t at = text.find(".entry");
    while (at != text.npos) {
        size_t next = text.find(".entry", at + 1);
        Entry found = entry(text.substr(at, next == text.npos ? next : next - at));
        at = next;
        auto known = kernels().find(found.name);
        if (known == kernels().end()) {
            problem = "kernel " + found.name + " of the PTX isn't among those compiled for the CPU";
            return nullptr;
        }
        std::string wrong = misfit(found, known->second);
        if (!wrong.empty()) {
            problem = "kernel " + found.name + " " + wrong;
            return nullptr;
        }
        Function function{&known->second, 1024, 0};
        each(found.body, most, [&](auto &m) {
            auto of = [&](int i) { return m[i].matched ? stoi(m[i]) : 1; };
            function.most_threads = of(1) * of(2) * of(3);
        });
        for (auto &[name, bytes] : variables)
            if (found.body.find(name) != found.body.npos) function.shared += bytes;
        module.functions[found.name] = function;
    }
    known_texts.emplace(text, module);
    return new Module(module);
}
} // namespace standin
