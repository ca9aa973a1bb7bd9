#!/usr/bin/env bash
# Runs the named make targets one after the other, goes on after a failure, and ends with a table:
# one line per step with its time, and the tests that the step's own tools counted.
set -uo pipefail

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
failed=0
rows=()

# Sums `N passed` and `N failed` as cargo, vitest, `law test` and the browser story print them.
count() { # log, word
  sed 's/\x1b\[[0-9;]*m//g' "$1" |
    grep -E '^(test result:|story:|[0-9]+ passed, [0-9]+ failed$| +Tests )' |
    grep -oE "[0-9]+ $2" |
    awk '{ sum += $1 } END { print sum + 0 }'
}

for step in "$@"; do
  echo "==== $step"
  start=$SECONDS
  if make --no-print-directory "$step" 2>&1 | tee "$logs/$step"; then
    verdict=ok
  else
    verdict=FAILED
    failed=$((failed + 1))
  fi
  rows+=("$(printf '%-14s %-7s %5ds %7d passed %4d failed' "$step" "$verdict" $((SECONDS - start)) \
    "$(count "$logs/$step" passed)" "$(count "$logs/$step" failed)")")
done

cat "$logs"/* >"$logs.all"
echo
echo "==== summary"
printf '%s\n' "${rows[@]}"
echo "steps: $(($# - failed)) ok, $failed failed; tests: $(count "$logs.all" passed) passed, $(count "$logs.all" failed) failed"
rm -f "$logs.all"
[ "$failed" -eq 0 ]
