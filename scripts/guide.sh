#!/usr/bin/env bash
# Runs the rule author's guide: its scheme and its case are put into a copy of law/ and must pass
# `law check` and `law test` there, so that nobody learns from an example that does not work.
set -euo pipefail

baigong=${1:?"usage: scripts/guide.sh path-of-the-binary"}
guide=docs/guides/rule-author.zh.md
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r law/. "$copy"

# Writes the fenced block whose first line begins with the word.
block() { # first word
  awk -v word="$1" '
    /^```yaml/ { inside = 1; first = 1; next }
    /^```/     { inside = 0; keep = 0 }
    inside && first { keep = index($0, word) == 1; first = 0 }
    inside && keep' "$guide"
}

id=$(block scheme: | sed -n 's/^scheme: //p')
mkdir -p "$copy/$id" "$copy/cases/guide"
block scheme: >"$copy/$id/2025.yaml"
block case: >"$copy/cases/guide/cap.yaml"
[ -s "$copy/$id/2025.yaml" ] && [ -s "$copy/cases/guide/cap.yaml" ] || {
  echo "guide: $guide has no scheme or no case to run" >&2
  exit 1
}
name=$(sed -n 's/^case: \([^|]*[^| ]\) *|.*/\1/p' "$copy/cases/guide/cap.yaml")

"$baigong" law check --dir "$copy" >"$copy.check" 2>&1 || { cat "$copy.check"; exit 1; }
"$baigong" law test --dir "$copy" >"$copy.test" 2>&1 || { grep -A20 FAIL "$copy.test"; exit 1; }
grep -q "^ok .*$name" "$copy.test" || { echo "guide: the case \`$name\` did not run" >&2; exit 1; }
rm -f "$copy.check" "$copy.test"
echo "guide: its scheme is sound and its case holds"
