#!/bin/bash
# Builds stand-ins of libcuda.so.1 and libcublas.so.12 into a folder, with the kernels of src/main/cuda compiled for the
# CPU, so that the program runs on CUDA where there is no GPU:
#
#   src/test/cuda/build.sh DIR
#   LD_LIBRARY_PATH=DIR ./prag ask … --device cuda
#
# Needs g++ and a processor with AVX2. What hasn't changed since the last time isn't compiled again.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
kernels=$here/../../main/cuda
resources=$here/../../main/resources/dev/prag/tensor/cuda
[ $# = 1 ] || { echo "usage: build.sh DIR" >&2; exit 2; }
mkdir -p "$1/objects"
out=$(cd "$1" && pwd)
flags=(-std=c++20 -march=x86-64-v3 -fPIC -fvisibility=hidden -fno-strict-aliasing -Wall -Wno-sign-compare -Wno-unknown-pragmas -Wno-unused-function)

# A file, its headers, how it is compiled: objects are named by the hash of all.
object() {
    local source=$1 optimise=$2
    shift 2
    local name hash
    name=$(basename "$source")
    hash=$(cat "$source" "$@" "$here/build.sh" | sha256sum | cut -c1-16)
    echo "$out/objects/${name%.*}-$hash.o $source $optimise"
}

jobs=() objects=() blas=()
for source in "$here"/*.cpp; do
    job=$(object "$source" -O2 "$here"/*.h)
    case $(basename "$source") in
        cublas.cpp) blas+=("${job%% *}") ;;
        products.cpp) job=$(object "$source" -O3 "$here"/*.h); blas+=("${job%% *}") ;;
        *) objects+=("${job%% *}") ;;
    esac
    jobs+=("$job")
done
# Where the PTX of a kernel file lies.
ptx_of() {
    local ptx=${1%.cu}.ptx
    [ -f "$ptx" ] || ptx=$resources/$(basename "$ptx")
    echo "$ptx"
}
for source in "$kernels"/*.cu "$here"/*.cu; do
    job=$(object "$source" -O2 "$(ptx_of "$source")" "$kernels"/*.cuh "$here"/standin*.h)
    objects+=("${job%% *}")
    jobs+=("$job")
done

# Compiles one file; behind a kernel file it registers what its PTX has as kernels.
compile() {
    local object=$1 source=$2 optimise=$3
    [ -f "$object" ] && return
    local part=$object.$$ text ptx
    case $source in
        *.cu)
            text=$object.$$.cpp
            ptx=$(ptx_of "$source")
            { echo "#include \"$source\""
              grep -oE '\.entry +[A-Za-z0-9_]+' "$ptx" | sed -E 's/.* (.*)/STANDIN_KERNEL(\1)/'
            } > "$text"
            g++ "${flags[@]}" "$optimise" -DPRAG_STANDIN -I"$here" -I"$kernels" -c -o "$part" "$text"
            rm "$text" ;;
        *) g++ "${flags[@]}" "$optimise" -I"$here" -c -o "$part" "$source" ;;
    esac
    mv "$part" "$object"
}
export -f compile ptx_of
export here kernels resources
flags_text=$(printf '%q ' "${flags[@]}")
printf '%s\n' "${jobs[@]}" | xargs -P 2 -L 1 bash -c "set -e; flags=($flags_text); compile \"\$@\"" compile

link() {
    local name=$1
    shift
    g++ -shared -Wl,-soname,"$name" -Wl,--no-undefined -o "$out/$name.part" "$@" -lpthread
    mv "$out/$name.part" "$out/$name"
}
link libcuda.so.1 "${objects[@]}"
echo 'libcublas.so.12 { global: cublas*; local: *; };' > "$out/objects/cublas.map"
link libcublas.so.12 "${blas[@]}" -L"$out" -l:libcuda.so.1 -Wl,--version-script,"$out/objects/cublas.map"

# Objects of older sources.
for old in "$out"/objects/*.o; do
    case " ${objects[*]} ${blas[*]} " in *" $old "*) ;; *) rm "$old" ;; esac
done
