#!/bin/bash
# Compiles the kernels to PTX, which is committed: neither building nor running the program needs this.
#
#   src/main/cuda/build.sh            all files, into src/main/resources/dev/prag/tensor/cuda
#   src/main/cuda/build.sh attention  one of them
#
# Needs nvcc on the path, or NVRTC: NVRTC names the folder with libnvrtc.so.12 and CUDA_INCLUDE those with
# cuda_bf16.h and crt/mma.h, separated by colons. If ptxas is found (PTXAS, or on the path), every PTX is assembled for
# sm_80, sm_89 and sm_90, and what it says of registers and spills is printed. A family_part.cu may include family.cuh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$here/../resources/dev/prag/tensor/cuda
mkdir -p "$out"
names=("$@")
if [ ${#names[@]} = 0 ]; then
    for file in "$here"/*.cu; do names+=("$(basename "$file" .cu)"); done
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in "${names[@]}"; do
    if command -v nvcc > /dev/null; then
        nvcc -ptx -arch=compute_80 -O3 -o "$work/$name.ptx" "$here/$name.cu"
    else
        : "${NVRTC:?neither nvcc nor NVRTC: set NVRTC to the folder of libnvrtc.so.12}"
        : "${CUDA_INCLUDE:?set CUDA_INCLUDE to the folders of cuda_bf16.h and crt/mma.h}"
        LD_LIBRARY_PATH=$NVRTC "${JAVA_HOME:+$JAVA_HOME/bin/}java" --enable-native-access=ALL-UNNAMED \
            "$here/Nvrtc.java" "$here/$name.cu" "$work/$name.ptx" "$here" ${CUDA_INCLUDE//:/ }
    fi
    shared=$here/${name%%_*}.cuh
    hash=$(cat "$here/common.cuh" $([ ! -f "$shared" ] || echo "$shared") "$here/$name.cu" | sha256sum | cut -d' ' -f1)
    { echo "// sources: $hash"; grep -v -e '^//' -e '^$' "$work/$name.ptx"; } > "$out/$name.ptx"
    echo "$name: $(grep -c '\.entry' "$out/$name.ptx") kernels"
    ptxas=${PTXAS:-$(command -v ptxas || true)}
    if [ -n "$ptxas" ]; then
        for arch in sm_80 sm_89 sm_90; do
            "$ptxas" -v -arch=$arch -o "$work/$name.cubin" "$out/$name.ptx" 2> "$work/log" || { cat "$work/log"; exit 1; }
            awk -v arch=$arch '/Compiling entry/ { split($0, a, "\x27"); name = a[2] }
                /spill stores/ { spills = $0; sub(/^ */, "", spills) }
                /Used/ { if (spills !~ / 0 bytes spill stores/) print "  " arch " " name ": " spills }' "$work/log"
        done
    fi
done
