#!/usr/bin/env bash
# Installs by apt what the demo or the tests need and the machine lacks. Says what it will do first,
# does nothing when nothing is missing, and never touches Rust or Node, which people install their own way.
set -euo pipefail

purpose=${1:?"usage: scripts/setup.sh demo|test"}

have() { command -v "$1" >/dev/null 2>&1; }
have_font() { compgen -G "/usr/share/fonts/*/noto/NotoSerifCJK-Regular.*" >/dev/null; }
have_postgres() { have initdb || compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null; }

export PATH="$PATH:$HOME/.cargo/bin"
for tool in cargo node npm; do
  have "$tool" || {
    echo "setup: \`$tool\` is not installed; Rust (rustup.rs) and Node 20.19 or newer are needed first." >&2
    exit 1
  }
done
node -e 'const [a, b] = process.versions.node.split(".").map(Number);
  if (a < 20 || (a === 20 && b < 19)) {
    console.error(`setup: Node ${process.versions.node} is too old; 20.19 or newer is needed.`);
    process.exit(1);
  }'

missing=()
have cc || missing+=(build-essential)
# Documents are set with the Chinese fonts of the system.
have_font || missing+=(fonts-noto-cjk)
case "$purpose" in
  demo) ;;
  test)
    have chromium || missing+=(chromium)
    have_postgres || missing+=(postgresql)
    have pdftotext || missing+=(poppler-utils)
    ;;
  *)
    echo "setup: \`$purpose\` is no purpose; demo or test is expected." >&2
    exit 1
    ;;
esac

[ ${#missing[@]} -eq 0 ] && exit 0

if ! have apt-get; then
  echo "setup: please install, by the means of this system, what Debian calls: ${missing[*]}" >&2
  exit 1
fi
root=()
if [ "$(id -u)" -ne 0 ]; then
  have sudo || {
    echo "setup: please run as root: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  }
  root=(sudo)
fi
echo "setup: installing ${missing[*]}"
"${root[@]}" apt-get update -qq
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
