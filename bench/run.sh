#!/usr/bin/env bash
# All measurements, one after the other, on an otherwise quiet machine: the core job beside its peers,
# then the server on one county of 50,000 firms, then titles and policies. Prints tables for docs/performance.md.
set -euo pipefail
cd "$(dirname "$0")/.."
export BAIGONG="${BAIGONG:-${CARGO_TARGET_DIR:-$HOME/.cache/baigong/target}/release/baigong}"
python3 bench/run.py "$@"
python3 bench/server.py
python3 bench/policy.py
