#!/bin/bash
# Packs what run.sh needs on a machine that has a GPU and no JDK: a Java runtime, the program's classes with the libraries
# that its bench uses, JCuda's natives, the tests of devices with their reference vectors, and sources of a library that
# forwards cuBLAS 12 to 13. One archive, below 40 MB.
#
#   src/bench/cuda/pack.sh [target/prag-cuda.tar.xz]
#
# Needs what building the program needs, xz, and nm (binutils). The bench is run once, on the processor, to see which
# libraries it loads.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
archive=${1:-$root/target/prag-cuda.tar.xz}
mkdir -p "$(dirname "$archive")"
archive=$(cd "$(dirname "$archive")" && pwd)/$(basename "$archive")
java=${JAVA_HOME:?set JAVA_HOME to a JDK 25}
most=40000000
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pack=$work/prag-cuda
mkdir -p "$pack/lib" "$pack/natives/lib" "$pack/forward"
say() { echo "pack: $*" >&2; }

say "building"
(cd "$root" && mvn -B -ntp -q ${MAVEN_OFFLINE:+-o} -Dspotless.check.skip=true test-compile \
    org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath -Dmdep.outputFile="$work/classpath" >"$work/log" 2>&1) ||
    { cat "$work/log" >&2; exit 1; }
all=$(cat "$work/classpath")
mkdir "$work/tools"
"$java/bin/javac" -d "$work/tools" -cp "$root/target/classes:$all" "$here"/java/*.java
mkdir -p "$work/tools/META-INF/services"
echo 'Tests$OnGpu' > "$work/tools/META-INF/services/org.junit.jupiter.api.extension.Extension"

say "looking which libraries the bench and the tests load"
options=(--add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow
    -Dorg.bytedeco.javacpp.cachedir="$work/natives" -Djava.util.logging.manager=org.jboss.logmanager.LogManager)
export OMP_NUM_THREADS=1
"$java/bin/java" "${options[@]}" -Xlog:class+load:file="$work/loaded" -cp "$work/tools:$root/target/classes:$all" \
    Tools bench --device cpu --shape demo --part decode,prefill,compose,encode --runs 1 --tokens 8 --encode-passages 1 \
    >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
(cd "$root" && "$java/bin/java" "${options[@]}" -Xlog:class+load:file="$work/loaded-by-tests" \
    -cp "$work/tools:$root/target/test-classes:$root/target/classes:$all" Tests dev.prag.llm.DecoderParityTest >"$work/log" 2>&1) ||
    { cat "$work/log" >&2; exit 1; }
grep -hoE 'source: (file:)?[^ ]*\.jar' "$work/loaded" "$work/loaded-by-tests" | sed -E 's/source: (file:)?//' | sort -u > "$work/jars"
for jar in $(tr ':' '\n' < "$work/classpath" | grep -E '/(jcuda|jcublas)-[0-9.]*\.jar$'); do echo "$jar"; done >> "$work/jars"
sort -u "$work/jars" | grep -v -e /bytedeco/ -e natives- | while read -r jar; do cp "$jar" "$pack/lib/"; done

say "natives of JCuda: driver and cuBLAS"
for each in jcuda-natives:JCudaDriver jcublas-natives:JCublas2; do
    jar=$(tr ':' '\n' < "$work/classpath" | grep "/${each%%:*}-[0-9.]*-linux-x86_64.jar$")
    (cd "$pack/natives" && "$java/bin/jar" xf "$jar" "$("$java/bin/jar" tf "$jar" | grep "lib/lib${each##*:}-")")
done

say "what forwards cuBLAS 12 to 13"
nm -D "$pack"/natives/lib/libJCublas2-*.so | awk '$1 == "U" && $2 ~ /^cublas/ { sub(/@.*/, "", $2); print $2 }' |
    sort -u > "$work/symbols"
count=$(wc -l < "$work/symbols")
{
    cat <<'C'
/* libcublas.so.12 of calls that are handed to the libcublas.so.13 that CUBLAS13 names. What that one lacks answers that it
   is not supported. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
static int not_supported(void) { return 15; }
static const char *const names[] = {
C
    sed 's/.*/    "&",/' "$work/symbols"
    cat <<C
};
__attribute__((visibility("hidden"))) void *prag_forward[$count];
__attribute__((constructor)) static void prag_bind(void) {
    const char *named = getenv("CUBLAS13");
    void *library = dlopen(named ? named : "libcublas.so.13", RTLD_NOW | RTLD_LOCAL);
    if (!library) fprintf(stderr, "libcublas.so.12 can't forward: %s\\n", dlerror());
    for (int i = 0; i < $count; i++) {
        void *function = library ? dlsym(library, names[i]) : NULL;
        prag_forward[i] = function ? function : (void *) not_supported;
    }
}
C
    awk '{ printf "__asm__(\".globl %s\\n.type %s, @function\\n%s: jmp *prag_forward+%d(%%rip)\\n\");\n", $1, $1, $1, 8 * (NR - 1) }' \
        "$work/symbols"
} > "$pack/forward/forward.c"
{ echo 'libcublas.so.12 { global:'; sed 's/$/;/' "$work/symbols"; echo 'local: *; };'; } > "$pack/forward/forward.map"

say "classes and reference vectors"
mkdir -p "$pack/classes" "$pack/test-classes" "$pack/src/test/resources"
(cd "$root/target/classes" && tar cf - --exclude=META-INF/resources dev prompts recipes neutral prag-version.properties 2>/dev/null) |
    tar xf - -C "$pack/classes" || true
cp -r "$work/tools/." "$pack/classes/"
(cd "$root/target/test-classes" && tar cf - dev/prag/*.class dev/prag/tensor dev/prag/llm dev/prag/lora dev/prag/generation dev/prag/training) |
    tar xf - -C "$pack/test-classes"
cp -r "$root/src/test/resources/reference" "$pack/src/test/resources/"
cp "$here/run.sh" "$here/peers.py" "$pack/"

say "a Java runtime"
"$java/bin/jlink" --output "$pack/java" --strip-debug --no-header-files --no-man-pages --compress zip-0 --vm server \
    --add-modules java.base,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml,jdk.incubator.vector,jdk.management,jdk.unsupported,jdk.net
rm -f "$pack"/java/lib/server/*.jsa

say "packing"
tar cf - -C "$work" prag-cuda | xz -9 -T1 > "$work/archive"
size=$(stat -c %s "$work/archive")
du -sh "$pack"/* >&2
say "$((size / 1000000)) MB"
[ "$size" -lt $most ] || { say "that is more than $((most / 1000000)) MB"; exit 1; }
mv "$work/archive" "$archive"
echo "$archive"
