// The calls of cuBLAS that are used: arguments checked as it documents them, work queued on the handle's stream.
#include "driver.h"
#include "products.h"

#include <string.h>

using namespace standin;

namespace {
constexpr int OK = 0, NOT_INITIALIZED_BLAS = 1, INVALID = 7, EXECUTION_FAILED = 13, NOT_SUPPORTED = 15;
// cudaDataType and cublasComputeType_t
constexpr int R_32F = 0, R_8I = 3, R_32I = 10, R_16BF = 14, COMPUTE_32F = 68, COMPUTE_32F_PEDANTIC = 69, COMPUTE_32I = 72;

struct Blas {
    void *stream = nullptr;
};

int refuse(int status, const std::string &why) {
    Driver &d = driver();
    std::lock_guard<std::mutex> guard(d.lock);
    return d.refuse(status, why);
}

// What cuBLAS was given, besides the matrices' addresses.
struct Call {
    const char *name;
    int opa, opb, m, n, k, ta, lda, tb, ldb, tc, ldc, compute;
    const void *alpha, *beta;

    // 0, or the status that refuses it.
    int read(Product &p) const {
        auto no = [&](int status, const char *why) { return refuse(status, std::string(name) + ": " + why); };
        if (opa < 0 || opa > 1 || opb < 0 || opb > 1) return no(INVALID, "no such transposition");
        if (m < 0 || n < 0 || k < 0) return no(INVALID, "a negative dimension");
        if (!alpha || !beta) return no(INVALID, "no alpha or beta");
        if (lda < std::max(1, opa ? k : m)) return no(INVALID, "lda is too small");
        if (ldb < std::max(1, opb ? n : k)) return no(INVALID, "ldb is too small");
        if (ldc < std::max(1, m)) return no(INVALID, "ldc is too small");
        p = {opa == 1, opb == 1, m, n, k, nullptr, nullptr, nullptr, lda, ldb, ldc, Type::F32, Type::F32, 0, 0};
        bool floats = compute == COMPUTE_32F || compute == COMPUTE_32F_PEDANTIC;
        if (floats && ta == R_16BF && tb == R_16BF && (tc == R_32F || tc == R_16BF)) {
            p.in = Type::BF16;
            p.out = tc == R_16BF ? Type::BF16 : Type::F32;
        } else if (floats && ta == R_32F && tb == R_32F && tc == R_32F) p.in = Type::F32;
        else if (compute == COMPUTE_32I && ta == R_8I && tb == R_8I && tc == R_32I) {
            p.in = Type::I8;
            p.out = Type::I32;
            if (opa != 1 || opb != 0) return no(NOT_SUPPORTED, "integers want A transposed and B not");
            if (m % 4 || k % 4 || lda % 4 || ldb % 4 || ldc % 4)
                return no(NOT_SUPPORTED, "integers want m, k and leading dimensions that are multiples of 4");
        } else return no(NOT_SUPPORTED, "no product of these types");
        if (p.in == Type::I8) {
            p.alpha = (float)*static_cast<const int *>(alpha);
            p.beta = (float)*static_cast<const int *>(beta);
        } else {
            p.alpha = *static_cast<const float *>(alpha);
            p.beta = *static_cast<const float *>(beta);
        }
        return OK;
    }
};

size_t size_of(Type type) { return type == Type::I8 ? 1 : type == Type::BF16 ? 2 : 4; }

size_t bytes(Type type, int rows, int columns, int ld) {
    return rows == 0 || columns == 0 ? 0 : ((size_t)(columns - 1) * ld + rows) * size_of(type);
}

// What a product reads and writes.
void ranges(const Product &p, std::vector<Bytes> &to) {
    to.push_back({"A", p.a, p.transpose_a ? bytes(p.in, p.k, p.m, p.lda) : bytes(p.in, p.m, p.k, p.lda)});
    to.push_back({"B", p.b, p.transpose_b ? bytes(p.in, p.n, p.k, p.ldb) : bytes(p.in, p.k, p.n, p.ldb)});
    to.push_back({"C", p.c, bytes(p.out, p.m, p.n, p.ldc)});
}

bool aligned(const Product &p) {
    size_t in = p.in == Type::I8 ? 4 : size_of(p.in);
    auto at = [](const void *pointer) { return reinterpret_cast<uintptr_t>(pointer); };
    return at(p.a) % in == 0 && at(p.b) % in == 0 && at(p.c) % size_of(p.out) == 0;
}

int status(int error) {
    switch (error) {
    case SUCCESS: return OK;
    case INVALID_CONTEXT: return NOT_INITIALIZED_BLAS;
    case INVALID_VALUE: return INVALID;
    default: return EXECUTION_FAILED;
    }
}

int queue(Blas *handle, const char *name, const std::vector<Product> &products) {
    std::vector<Bytes> all;
    for (const Product &p : products) {
        if (!aligned(p)) return refuse(INVALID, std::string(name) + ": a matrix isn't aligned");
        ranges(p, all);
    }
    return status(submit(handle->stream, name, all, [products](std::string &) {
        for (const Product &p : products)
            if (p.m > 0 && p.n > 0) multiply(p);
        return SUCCESS;
    }));
}

const void *moved(const void *at, long long elements, Type type) {
    return static_cast<const char *>(at) + elements * (long long)size_of(type);
}
} // namespace

extern "C" {
#define BLAS EXPORT int

BLAS cublasCreate_v2(Blas **handle) {
    Driver &d = driver();
    std::lock_guard<std::mutex> guard(d.lock);
    if (!d.is_current() || d.queue.error != 0) return NOT_INITIALIZED_BLAS;
    *handle = new Blas();
    return OK;
}

BLAS cublasDestroy_v2(Blas *handle) {
    delete handle;
    return OK;
}

BLAS cublasSetStream_v2(Blas *handle, void *stream) {
    handle->stream = stream;
    return OK;
}

BLAS cublasSetWorkspace_v2(Blas *, void *workspace, size_t size) {
    Driver &d = driver();
    std::unique_lock<std::mutex> guard(d.lock);
    if (reinterpret_cast<uintptr_t>(workspace) % 256 != 0) return d.refuse(INVALID, "cublasSetWorkspace: it isn't aligned to 256 bytes");
    if (size > 0 && !d.memory.find(workspace, size))
        return d.refuse(INVALID, "cublasSetWorkspace: it isn't all in memory of the device");
    return OK;
}

BLAS cublasGetVersion_v2(Blas *, int *version) {
    *version = 120600;
    return OK;
}

BLAS cublasGetProperty(int which, int *value) {
    static const int version[] = {12, 6, 0};
    if (which < 0 || which > 2) return INVALID;
    *value = version[which];
    return OK;
}

BLAS cublasSetMathMode(Blas *, int mode) {
    constexpr int DEFAULT = 0, PEDANTIC = 2;
    return mode == DEFAULT || mode == PEDANTIC ? OK : refuse(NOT_SUPPORTED, "cublasSetMathMode: products are exact here");
}

BLAS cublasSetPointerMode_v2(Blas *, int mode) { return mode == 0 ? OK : NOT_SUPPORTED; }
BLAS cublasSetAtomicsMode(Blas *, int) { return OK; }
EXPORT const char *cublasGetStatusName(int) { return "CUBLAS_STATUS"; }
EXPORT const char *cublasGetStatusString(int) { return "a status of cuBLAS"; }

BLAS cublasGemmEx(Blas *handle, int opa, int opb, int m, int n, int k, const void *alpha, const void *a, int ta, int lda,
    const void *b, int tb, int ldb, const void *beta, void *c, int tc, int ldc, int compute, int) {
    Product p;
    if (int no = Call{"cublasGemmEx", opa, opb, m, n, k, ta, lda, tb, ldb, tc, ldc, compute, alpha, beta}.read(p)) return no;
    p.a = a, p.b = b, p.c = c;
    return queue(handle, "cublasGemmEx", {p});
}

BLAS cublasSgemm_v2(Blas *handle, int opa, int opb, int m, int n, int k, const void *alpha, const void *a, int lda,
    const void *b, int ldb, const void *beta, void *c, int ldc) {
    return cublasGemmEx(
        handle, opa, opb, m, n, k, alpha, a, R_32F, lda, b, R_32F, ldb, beta, c, R_32F, ldc, COMPUTE_32F, -1);
}

BLAS cublasGemmStridedBatchedEx(Blas *handle, int opa, int opb, int m, int n, int k, const void *alpha, const void *a,
    int ta, int lda, long long stride_a, const void *b, int tb, int ldb, long long stride_b, const void *beta, void *c,
    int tc, int ldc, long long stride_c, int count, int compute, int) {
    Product p;
    const char *name = "cublasGemmStridedBatchedEx";
    if (int no = Call{name, opa, opb, m, n, k, ta, lda, tb, ldb, tc, ldc, compute, alpha, beta}.read(p)) return no;
    if (count < 0) return refuse(INVALID, std::string(name) + ": a negative count");
    if (count > 1 && stride_c < (long long)ldc * (n - 1) + m)
        return refuse(INVALID, std::string(name) + ": results overlap");
    std::vector<Product> all(count, p);
    for (int i = 0; i < count; i++) {
        all[i].a = moved(a, i * stride_a, p.in);
        all[i].b = moved(b, i * stride_b, p.in);
        all[i].c = const_cast<void *>(moved(c, i * stride_c, p.out));
    }
    return queue(handle, name, all);
}

// The arrays of addresses lie in device memory and are read when the products are computed.
BLAS cublasGemmBatchedEx(Blas *handle, int opa, int opb, int m, int n, int k, const void *alpha, const void *const *a,
    int ta, int lda, const void *const *b, int tb, int ldb, const void *beta, void *const *c, int tc, int ldc, int count,
    int compute, int) {
    Product p;
    const char *name = "cublasGemmBatchedEx";
    if (int no = Call{name, opa, opb, m, n, k, ta, lda, tb, ldb, tc, ldc, compute, alpha, beta}.read(p)) return no;
    if (count < 0) return refuse(INVALID, std::string(name) + ": a negative count");
    size_t size = count * sizeof(void *);
    return status(submit(handle->stream, name, {{"the array of A", a, size}, {"the array of B", b, size}, {"the array of C", c, size}},
        [=](std::string &problem) {
            for (int i = 0; i < count; i++) {
                Product one = p;
                one.a = a[i], one.b = b[i], one.c = c[i];
                std::vector<Bytes> all;
                ranges(one, all);
                if (!aligned(one)) problem = std::string(name) + ": a matrix isn't aligned";
                if (!aligned(one) || driver().missing(all, problem)) return ILLEGAL_ADDRESS;
                if (m > 0 && n > 0) multiply(one);
            }
            return SUCCESS;
        }));
}
}
