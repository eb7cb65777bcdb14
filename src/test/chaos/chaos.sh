#!/bin/bash
# Encoders, writers and answering services share one PostgreSQL and one store of adapters, and are killed (SIGKILL) at
# random, over and over. Whatever is killed when: in the end every document that should be there is, is encoded once, no
# adapter is lost or left over, the kept counts are right, and the answers are those of a corpus that nobody disturbed.
# Meanwhile questions about documents that nobody changes are asked of the services, one after the other: whoever answers
# at all gives the answer that was given before the first kill, through the same adapter. A service that is gone or going
# may leave a question without an answer; then the next one is asked.
#
# Usage: src/test/chaos/chaos.sh [-k KILLS] [-e ENCODERS] [-w WRITERS] [-a SERVICES] [-s SEED] [-i SECONDS] [-t SECONDS] [-d FOLDER]
#   -i: a kill comes so many seconds, on average, after the last one, as soon as there is a process at work (3)
#   -t: no kill comes after so many seconds (3600)
#   Without PRAG_DATABASE_URL it runs the embedded PostgreSQL's programs on a folder of its own.
# Exit code: 0 if all holds; what doesn't is named. Needs a built program (./prag build).
set -euo pipefail

kills=100 encoders=3 writers=2 services=2 seed=1 interval=3 longest=3600 folder=
while getopts k:e:w:a:s:i:t:d: option; do
    case $option in
        k) kills=$OPTARG ;;
        e) encoders=$OPTARG ;;
        w) writers=$OPTARG ;;
        a) services=$OPTARG ;;
        s) seed=$OPTARG ;;
        i) interval=$OPTARG ;;
        t) longest=$OPTARG ;;
        d) folder=$OPTARG ;;
        *) exit 2 ;;
    esac
done
root=$(cd "$(dirname "$0")/../../.." && pwd)
folder=${folder:-$(mktemp -d)}
mkdir -p "$folder/logs" "$folder/docs"
RANDOM=$seed
prag="$root/prag"
documents=24                      # each writer has its own
export PRAG_RECIPE="$folder/recipe.json" PRAG_STORE_URL="file:$folder/store" PRAG_STORE_REMOVAL_GRACE=1s
export PRAG_ENCODER_LEASE=4s PRAG_ENCODER_BATCH=2 PRAG_THREADS=1 PRAG_JAVA_OPTS=-Xmx500m

say() { printf 'chaos: %s\n' "$*"; }

# The smallest recipe that still makes an adapter of a passage.
sed -e 's/"epochs" *: *[0-9]*/"epochs": 1/' -e 's/"name" *: *"[^"]*"/"name": "chaos"/' \
    -e 's/"rewriteTemperatures" *: *\[[^]]*\]/"rewriteTemperatures": []/' \
    -e 's/"pairTemperatures" *: *\[[^]]*\]/"pairTemperatures": [0]/' \
    -e 's/"maxPairsTokens" *: *[0-9]*/"maxPairsTokens": 128/' -e 's/"tries" *: *[0-9]*/"tries": 2/' -e 's/"maxPairs" *: *[0-9]*/"maxPairs": 2/' \
    "$root/src/main/resources/recipes/demo.json" >"$folder/recipe.json"

# ---- the database ----

postgres=
start_database() {
    [ -z "${PRAG_DATABASE_URL:-}" ] || return 0
    # The first start of a home unpacks the programs and makes the folder of the data.
    env -u PRAG_STORE_URL -u PRAG_RECIPE "$prag" status --home "$folder/server" >/dev/null
    ctl=$(find -L "$folder/server" -path '*/bin/pg_ctl' | head -n 1)
    port=$(( 20000 + $$ % 20000 ))
    # PostgreSQL refuses to run as root; in a user namespace of its own it isn't.
    as=()
    if [ "$(id -u)" = 0 ]; then as=(unshare -U); fi
    "${as[@]}" "$ctl" start --wait --silent --pgdata="$folder/server/pg/data" --log="$folder/logs/server.log" \
        --options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300" >/dev/null
    postgres=yes
    PRAG_DATABASE_PASSWORD=$(cat "$folder/server/pg/password")
    export PRAG_DATABASE_URL="jdbc:postgresql://127.0.0.1:$port/prag" PRAG_DATABASE_USERNAME=prag PRAG_DATABASE_PASSWORD
}

# ---- the processes ----

declare -A process=()             # by name: the process id of its launcher's JVM
declare -A round=()               # by name: how often it was started

start_encoder() {
    round[$1]=$(( ${round[$1]:-0} + 1 ))
    PRAG_HOME="$folder/home-$1" "$prag" encode --watch >"$folder/logs/$1.${round[$1]}.log" 2>&1 &
    process[$1]=$!
}

port_of() { echo $(( first_port + ${1#service} )); }

start_service() {
    round[$1]=$(( ${round[$1]:-0} + 1 ))
    PRAG_HOME="$folder/home-$1" "$prag" serve --port "$(port_of "$1")" >"$folder/logs/$1.${round[$1]}.log" 2>&1 &
    process[$1]=$!
}

# ---- questions about what nobody changes ----

first_port=$(( 41000 + $$ % 10000 ))
steady=4
steady_documents() {
    local i
    for ((i = 1; i <= steady; i++)); do
        printf '{"id":"steady-%d","title":"Steady %d","text":"Nora Sundby keeps %d goats on island number %d.","metadata":{"kind":"steady"}}\n' \
            "$i" "$i" $(( 7 * i )) "$i"
    done
}
# The answer of a service to a question, with the passage and what it came through; an HTTP status that says to come
# again, or no answer at all, is an exit code.
ask_service() {
    local body
    body=$(curl -s --fail -m 60 "http://127.0.0.1:$1/answers" -H 'Content-Type: application/json' \
        -d "{\"question\":\"How many goats does Nora Sundby keep on island number $2?\",\"topK\":1,\"filter\":{\"kind\":\"steady\"}}") || return 1
    printf '%s' "$body" | grep -o '"answer":"[^"]*"\|"passages":\[{"id":"[^"]*"\|"through":"[a-z]*"' | tr '\n' ' '
}
# Asks on and on, and notes what it saw.
ask_on() {
    local i=0 n service said
    while :; do
        i=$(( i % steady + 1 ))
        for ((n = 1; n <= services; n++)); do
            service=$(( (i + n) % services + 1 ))
            if said=$(ask_service $(( first_port + service )) $i); then
                if [ "$said" = "$(cat "$folder/answers/$i")" ]; then echo right; else echo "wrong: service$service, question $i: $said"; fi
                break
            fi
            echo "none: service$service"
        done >>"$folder/logs/answers.log"
        sleep 0.2
    done
}

# A writer's documents as they should be in its round: some changed, some gone. The last round has no kill.
script_of() {
    local writer=$1 round=$2 i text line
    : >"$folder/docs/$writer.jsonl"
    : >"$folder/docs/$writer.wanted"
    gone=()
    for ((i = 0; i < documents; i++)); do
        # Some texts are the same in all writers' documents.
        if (( i % 3 == 0 )); then text="Shared fact number $((i + round % 3)) is known to all."; else
            text="Document $i of $writer says in version $(( (i * 7 + round) % 4 )) that Ole Bruun has $i boats."; fi
        line=$(printf '{"id":"%s-%d","title":"Title %d","text":"%s"}' "$writer" "$i" "$i" "$text")
        echo "$line" >>"$folder/docs/$writer.jsonl"
        if (( (i + round) % 5 == 0 )); then gone+=("$writer-$i"); else echo "$line" >>"$folder/docs/$writer.wanted"; fi
    done
}

write_once() {
    PRAG_HOME="$folder/home-$1" "$prag" ingest "$folder/docs/$1.jsonl" &&
        PRAG_HOME="$folder/home-$1" "$prag" document delete "${gone[@]}"
}

start_writer() {
    round[$1]=$(( ${round[$1]:-0} + 1 ))
    script_of "$1" "${round[$1]}"
    ( write_once "$1" ) >>"$folder/logs/$1.log" 2>&1 &
    process[$1]=$!
}

# The process and all below it, at once.
kill_tree() {
    local child
    for child in $(pgrep -P "$1" || true); do kill_tree "$child"; done
    kill -9 "$1" 2>/dev/null || true
}

alive() { kill -0 "$1" 2>/dev/null; }

asker=
end_all() {
    if [ -n "$asker" ]; then kill_tree "$asker"; fi
    for name in "${!process[@]}"; do kill_tree "${process[$name]}"; done
    if [ -n "$postgres" ]; then
        "${as[@]}" "$ctl" stop --mode=immediate --silent --pgdata="$folder/server/pg/data" >/dev/null || true
    fi
}
trap end_all EXIT

start_database
say "seed $seed, $encoders encoders, $writers writers, $services services, $kills kills; logs in $folder/logs"
names=()
mkdir -p "$folder/answers"
: >"$folder/logs/answers.log"
if (( services > 0 )); then
    steady_documents >"$folder/docs/steady.jsonl"
    cp "$folder/docs/steady.jsonl" "$folder/docs/steady.wanted"
    PRAG_HOME="$folder/home-first" "$prag" ingest "$folder/docs/steady.jsonl" >>"$folder/logs/first.log" 2>&1
    PRAG_HOME="$folder/home-first" "$prag" encode >>"$folder/logs/first.log" 2>&1
    for ((n = 1; n <= services; n++)); do names+=("service$n"); start_service "service$n"; done
    for ((n = 1; n <= services; n++)); do
        until curl -s --fail "http://127.0.0.1:$(port_of "service$n")/q/health/ready" >/dev/null; do
            kill -0 "${process[service$n]}" || { say "service$n did not start"; exit 1; }
            sleep 0.5
        done
    done
    for ((i = 1; i <= steady; i++)); do ask_service "$(port_of service1)" "$i" >"$folder/answers/$i"; done
    grep -L '"through":"adapter"' "$folder"/answers/* | grep . && { say "an answer came without its adapter"; exit 1; }
    ask_on &
    asker=$!
fi
for ((n = 1; n <= encoders; n++)); do names+=("encoder$n"); start_encoder "encoder$n"; done
for ((n = 1; n <= writers; n++)); do names+=("writer$n"); start_writer "writer$n"; done

# Whether a process has got to work: killing the JVM's start shows nothing.
at_work() {
    case $1 in
        encoder*) grep -q "training\|^Encoded" "$folder/logs/$1.${round[$1]}.log" 2>/dev/null ;;
        service*) curl -s --fail -m 1 "http://127.0.0.1:$(port_of "$1")/q/health/ready" >/dev/null ;;
        *) (( SECONDS - ${started[$1]} > interval )) ;;
    esac
}

declare -A started=()
for name in "${names[@]}"; do started[$name]=$SECONDS; done
began=$SECONDS
killed=0
while (( killed < kills && SECONDS - began < longest )); do
    sleep "$(( RANDOM % (2 * interval) )).$(( RANDOM % 10 ))"
    name=${names[RANDOM % ${#names[@]}]}
    if alive "${process[$name]}"; then
        at_work "$name" || continue
        kill_tree "${process[$name]}"
        killed=$((killed + 1))
        (( killed % 10 )) || say "$killed kills after $(( SECONDS - began )) s"
    fi
    wait "${process[$name]}" 2>/dev/null || true
    started[$name]=$SECONDS
    case $name in
        encoder*) start_encoder "$name" ;;
        service*) start_service "$name" ;;
        *) start_writer "$name" ;;
    esac
done

# ---- what is left ----

for name in "${names[@]}"; do
    case $name in
        writer*) kill_tree "${process[$name]}"; wait "${process[$name]}" 2>/dev/null || true; unset "process[$name]" ;;
    esac
done
for ((n = 1; n <= writers; n++)); do
    script_of "writer$n" "${round[writer$n]}"
    write_once "writer$n" >>"$folder/logs/writer$n.log" 2>&1
done
say "the writers are through; waiting for the encoders"
for name in "${!process[@]}"; do
    case $name in service*) continue ;; esac
    until grep -q "waiting for passages" "$folder/logs/$name.${round[$name]}.log"; do
        alive "${process[$name]}" || break
        sleep 0.2
    done
done
if [ -n "$asker" ]; then kill_tree "$asker"; wait "$asker" 2>/dev/null || true; asker=; fi
for name in "${!process[@]}"; do
    # The launcher becomes the JVM, which is told to end.
    kill -TERM "${process[$name]}"
done
code=0
for name in "${!process[@]}"; do
    ended=0
    wait "${process[$name]}" || ended=$?
    unset "process[$name]"
    # A service ends as the signal says, an encoder that was told to end has done all it should.
    case $name:$ended in service*:143) ;; *:0) ;; *) say "$name ended with exit code $ended"; code=$ended ;; esac
done
failed=0
fail() { say "WRONG: $*"; failed=1; }
[ "$code" = 0 ] || fail "a process that was told to end has exit code $code"
right=$(grep -c '^right' "$folder/logs/answers.log" || true)
if (( services > 0 )); then
    say "$right answers were right; $(grep -c '^none' "$folder/logs/answers.log" || true) times a service gave none"
    (( right > 0 )) || fail "no question was answered"
    if grep '^wrong' "$folder/logs/answers.log"; then fail "answers were wrong"; fi
fi

export PRAG_HOME="$folder/home-last"
"$prag" encode >>"$folder/logs/last.log" 2>&1 || fail "encode has exit code $?"
sleep 2
"$prag" encode >>"$folder/logs/last.log" 2>&1 # deletes what is due

wanted=$(cat "$folder"/docs/*.wanted | wc -l)
status=$("$prag" status --json | tail -n 1)
say "$status"
number() { printf '%s' "$status" | grep -o "\"$1\":[0-9]*" | head -n 1 | cut -d: -f2; }
[ "$(number documents)" = "$wanted" ] || fail "$(number documents) documents, and $wanted are wanted"
[ "$(number ready)" = "$wanted" ] || fail "$(number ready) passages are encoded, and $wanted are wanted"
[ "$(number pending)" = 0 ] || fail "passages are pending"
[ "$(number failed)" = 0 ] || fail "passages were given up"
check=$("$prag" adapter check) || fail "adapters can't be used"
say "$check"
case $check in *"more are in the store"*) fail "adapters are left over" ;; esac
texts=$(cat "$folder"/docs/*.wanted | grep -o '"text":"[^"]*"' | sort -u | wc -l)
adapters=$("$prag" adapter list --json | tail -n 1 | grep -o '"id":' | wc -l)
[ "$adapters" = "$texts" ] || fail "$adapters adapters of $texts texts"
files=$(find "$folder/store"/?? -name '*.adapter' | wc -l)
[ "$files" = "$texts" ] || fail "$files files of $texts texts"

# The answers of a corpus that nobody disturbed, in a home of its own.
same=0
calm() { env -u PRAG_DATABASE_URL -u PRAG_STORE_URL PRAG_HOME="$folder/home-calm" "$prag" "$@"; }
cat "$folder"/docs/*.wanted >"$folder/docs/all.jsonl"
calm ingest "$folder/docs/all.jsonl" >>"$folder/logs/calm.log" 2>&1
calm encode >>"$folder/logs/calm.log" 2>&1
for i in 1 4 7 10; do
    question="How many boats has Ole Bruun in document $i?"
    a=$("$prag" ask --json "$question" | tail -n 1 | grep -o '"answer":"[^"]*"')
    b=$(calm ask --json "$question" | tail -n 1 | grep -o '"answer":"[^"]*"')
    if [ "$a" = "$b" ]; then same=$((same + 1)); else fail "to \"$question\" $a, undisturbed $b"; fi
done
say "$same of 4 answers are those of an undisturbed corpus"
[ "$failed" = 0 ] && say "all holds after $killed kills in $(( SECONDS - began )) s"
exit "$failed"
