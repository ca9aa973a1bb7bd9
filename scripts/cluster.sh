#!/usr/bin/env bash
# More than one machine, on loopback: one scheduler and two executors, each a process of its own,
# compute the stored runs of the demo again. Shows the digests, who computed what, and that a cluster
# that cannot compute is an error within bounds. Ends with a line that scripts/test.sh counts.
set -uo pipefail

target=${CARGO_TARGET_DIR:-target}
# One call for binary and tests, so that both are built from the same features of every crate.
cargo test --release -p cluster -p baigong --features baigong/cluster --no-run || exit 1
cargo test --release -p cluster -p baigong --features baigong/cluster || exit 1
cargo build --release -p cluster -p baigong --features baigong/cluster || exit 1
# The next build without the feature puts the usual binary in its place again.
work=$(mktemp -d)
cp "$target/release/baigong" "$work/baigong"
baigong=$work/baigong

pids=()
finish() {
  for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null; done
  wait 2>/dev/null
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

passed=0 failed=0
holds() { # sentence, command …
  local sentence=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "ok    $sentence"
  else
    failed=$((failed + 1))
    echo "FAIL  $sentence"
    tail -n 20 "$work"/*.err 2>/dev/null
  fi
}

# Waits until a command succeeds, for that many seconds at most.
within() { # seconds, command …
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$until" ] || return 1
    sleep 0.2
  done
}

said() { grep -q "$1" "$2"; } # words, file
address_in() { awk -v word="$1" '$1 == word { print $2 }' "$2"; } # word, file

readiness() { # host:port
  exec 3<>"/dev/tcp/${1%:*}/${1#*:}" || return 1
  printf 'GET /readyz HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$1" >&3
  timeout 5 cat <&3
  exec 3>&-
}
has_executors() { readiness "$scheduler" 2>/dev/null | grep -q "ready: $1 executors registered"; } # count

start_executor() { # name
  "$baigong" executor --scheduler "$scheduler" --slots 1 >"$work/$1.out" 2>"$work/$1.err" &
  pids+=($!)
}

# Computes the last run of an evaluation again on the cluster.
again() { # evaluation, seconds
  timeout $(($2 + 30)) "$baigong" evaluate --database "$database" --as "$officer" \
    --cluster "$scheduler" --share "$work/share" --patience "$2" "$1" >"$work/again.out" 2>"$work/again.err"
}
digest() { awk -v which="$1" '$1 == which { print $2 }' "$work/again.out"; } # stored, embedded, cluster
same_digest() {
  local stored embedded cluster
  stored=$(digest stored) embedded=$(digest embedded) cluster=$(digest cluster)
  echo "      embedded $embedded"
  echo "      cluster  $cluster"
  [ -n "$cluster" ] && [ "$cluster" = "$embedded" ] && [ "$cluster" = "$stored" ]
}
computed_by() { # count of nodes
  sed -n 's/^cluster /      /p' "$work/again.err"
  said ", $1 nodes (" "$work/again.err"
}
nothing_left() { [ -z "$(ls -A "$work/share")" ]; }

echo "==== the demo, its past years evaluated here"
mkdir "$work/share"
"$baigong" demo --dir "$work/demo" --load-only || exit 1
database=$work/demo/baigong.sqlite
officer=$(sed -n 's/.*"sign_in": "\([^"]*\)".*/\1/p' "$work/demo/ready.json" | grep -m1 county)

echo "==== a scheduler alone"
"$baigong" scheduler --listen 127.0.0.1:0 >"$work/scheduler.out" 2>"$work/scheduler.err" &
pids+=($!)
scheduler_pid=$!
within 30 said '^scheduler ' "$work/scheduler.out" || { cat "$work/scheduler.err"; exit 1; }
scheduler=$(address_in scheduler "$work/scheduler.out")
within 30 has_executors 0/1
again 1 60
holds "a run on a scheduler without executors is refused" [ $? -eq 2 ]
holds "and the refusal says why" said 'has no executor' "$work/again.err"

echo "==== two executors"
start_executor first
first_pid=$!
start_executor second
second_pid=$!
holds "two executors report to the scheduler" within 60 has_executors 2
for evaluation in 1 2 3 4; do
  again "$evaluation" 120
  holds "evaluation $evaluation on the cluster ends" [ $? -eq 0 ]
  holds "evaluation $evaluation: same digest as embedded" same_digest
  holds "evaluation $evaluation: both executors took part" computed_by 2
done
holds "nothing is left in the shared folder" nothing_left

echo "==== one executor leaves"
kill -TERM "$first_pid"
holds "the scheduler knows that one is gone" within 60 has_executors 1
again 1 120
holds "the other computes alone: same digest" same_digest
holds "and says so" computed_by 1

echo "==== the other is lost"
kill -9 "$second_pid"
again 1 15
holds "a run on lost executors ends in an error" [ $? -eq 2 ]
holds "within its time, by its name" said 'cluster_failed' "$work/again.err"
holds "and nothing is left in the shared folder" nothing_left

echo "==== the scheduler is gone"
kill -9 "$scheduler_pid"
wait "$scheduler_pid" 2>/dev/null
again 1 60
holds "a run without a scheduler is refused" [ $? -eq 2 ]
holds "and the refusal names the address" said "no scheduler answers at $scheduler" "$work/again.err"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
