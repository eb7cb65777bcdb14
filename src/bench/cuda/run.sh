#!/bin/bash
# Tests and measures the program on this machine's GPU, beside PyTorch where it is installed, within nine minutes.
#
#   run.sh prag-cuda.tar.xz [report.txt]      an archive of pack.sh; the report goes to standard output, too
#
# Needs NVIDIA's driver and cuBLAS of CUDA 12, or of CUDA 13 and a C compiler (cc). Nothing else: no JDK, no CUDA toolkit.
# What to run can be said by variables:
#   PRAG_CUDA_LIBRARIES  a folder that is searched first for libcuda.so.1 and libcublas.so.12
#   SHAPES               llama-3.2-1b llama-3-8b
#   PARTS                ceilings,load,decode,prefill,compose,encode
#   RUNS, TOKENS         counted runs (3), tokens of a decoding run (64)
#   TESTS                classes; empty for none
#   SECONDS_IN_ALL       540
set -uo pipefail
archive=${1:?usage: run.sh ARCHIVE [REPORT]}
report=${2:-prag-cuda-report.txt}
shapes=${SHAPES-llama-3.2-1b llama-3-8b}
parts=${PARTS-ceilings,load,decode,prefill,compose,encode}
tests=${TESTS-dev.prag.tensor.CudaDeviceTest dev.prag.llm.DecoderParityTest dev.prag.lora.CompositionParityTest dev.prag.training.TrainerParityTest}
deadline=$(($(date +%s) + ${SECONDS_IN_ALL:-540}))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OMP_NUM_THREADS=1
exec > >(tee "$report") 2>&1

heading() { printf '\n== %s (%s s left)\n' "$1" "$((deadline - $(date +%s)))"; }
# At most so many seconds, and never beyond the end.
within() {
    local most=$1 left=$((deadline - $(date +%s) - 5))
    shift
    if [ $left -lt 5 ]; then echo "left out: the time is over"; return 1; fi
    timeout --signal=TERM --kill-after=5 $((most < left ? most : left)) "$@"
    local code=$?
    [ $code = 124 ] && echo "ended: it took longer than the time that was left for it"
    return $code
}

heading "machine"
date -u
uname -srm
grep -m1 'model name' /proc/cpuinfo || true
command -v nvidia-smi >/dev/null && nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm,power.limit --format=csv || echo "there is no nvidia-smi"
xz -dc "$archive" | tar xf - -C "$work" || exit 1
home=$work/prag-cuda

# Folders where CUDA's libraries may be, beyond those that ld.so knows.
places() {
    [ -n "${PRAG_CUDA_LIBRARIES:-}" ] && echo "$PRAG_CUDA_LIBRARIES"
    echo "${LD_LIBRARY_PATH:-}" | tr ':' '\n'
    ls -d /usr/local/cuda*/lib64 /usr/local/cuda*/targets/x86_64-linux/lib 2>/dev/null
    ls -d /usr/local/nvidia/lib64 2>/dev/null
    command -v python3 >/dev/null && python3 - <<'P' 2>/dev/null
import glob, site, sys
for folder in site.getsitepackages() + [site.getusersitepackages()]:
    print("\n".join(glob.glob(folder + "/nvidia/*/lib")))
P
}
folder_with() { places | awk 'NF' | while read -r place; do [ -e "$place/$1" ] && { echo "$place"; return; }; done
    ldconfig -p 2>/dev/null | awk -v name="$1" '$1 == name { sub(/\/[^\/]*$/, "", $NF); print $NF; exit }'; }

path=${PRAG_CUDA_LIBRARIES:-}
add() { path=${path:+$path:}$1; }
twelve=$(folder_with libcublas.so.12 | head -1)
if [ -n "$twelve" ]; then
    add "$twelve"
    echo "cuBLAS 12 in $twelve"
    lt=$(folder_with libcublasLt.so.12 | head -1)
    [ -n "$lt" ] && [ "$lt" != "$twelve" ] && add "$lt"
else
    thirteen=$(folder_with libcublas.so.13 | head -1)
    if [ -z "$thirteen" ]; then
        echo "there is neither libcublas.so.12 nor libcublas.so.13; install cuBLAS (libcublas-12-6, or pip install nvidia-cublas-cu12)"
        exit 1
    fi
    echo "cuBLAS 13 in $thirteen, forwarded to"
    cc -O2 -shared -fPIC -Wl,-soname,libcublas.so.12 -Wl,--version-script,"$home/forward/forward.map" \
        -o "$home/forward/libcublas.so.12" "$home/forward/forward.c" -ldl || exit 1
    export CUBLAS13=$thirteen/libcublas.so.13
    add "$home/forward"
    add "$thirteen"
fi
export LD_LIBRARY_PATH=$path${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

classes=$home/classes:$home/natives:$(ls "$home"/lib/*.jar | tr '\n' ':')
java() {
    within "$1" "$home/java/bin/java" -Xmx8g --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
        --sun-misc-unsafe-memory-access=allow -Dorg.bytedeco.javacpp.cachedir="$work/natives" -Djava.io.tmpdir="$work" \
        -Djava.util.logging.manager=org.jboss.logmanager.LogManager \
        "${@:2}" 2> >(grep -v 'incubator modules' >&2)
}

heading "devices"
java 60 -cp "$classes" Tools device --json

if [ -n "$tests" ]; then
    heading "contract of devices and reference vectors"
    cd "$home" || exit 1
    # shellcheck disable=SC2086 # several words on purpose
    PRAG_TEST_CUDA=device java 120 -cp "$home/test-classes:$classes" Tests $tests
    cd - >/dev/null || exit 1
fi

for shape in $shapes; do
    heading "bench, $shape"
    java 150 -cp "$classes" Tools bench --device cuda --shape "$shape" --part "$parts" --runs "${RUNS:-3}" \
        --tokens "${TOKENS:-64}" ${BENCH_OPTIONS:-}
done

heading "PyTorch, transformers and PEFT on the same card"
if command -v python3 >/dev/null && python3 -c 'import torch, transformers, peft' 2>/dev/null; then
    for shape in $shapes; do
        within 90 python3 "$home/peers.py" --shape "$shape"
    done
else
    echo "not installed; left out"
fi
heading "end"
