#!/usr/bin/env python3
"""Every shipped title and policy over 500,000 invented firms: Baigong, DuckDB and plain numpy (float32),
in turn on the same machine. Points are CASE sums in SQL and np.where in numpy, texts are codes, at least
so many is a sum of casts. The peers compute outcomes; Baigong computes them exactly and keeps the answer
of every condition, with unknown apart from false. Prints tables for docs/performance.md.

Usage: bench/policy.py [FIRMS]"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from run import TARGET, environment

ROOT = Path(__file__).resolve().parent.parent
FIRMS = next((int(a) for a in sys.argv[1:] if a.isdigit()), 500_000)
ROUNDS = 5


def figures(told, key):
    """The line that begins with the key, as words."""
    return next((line.split() for line in told.splitlines() if line.startswith(key)), None)


def shared(rules):
    """One function for all rules in which every leaf that occurs is computed once, and kept."""
    names, lines, out = {}, [], []
    for rule in rules:
        text = rule["numpy"]
        # The longest first: a leaf may stand within another.
        for leaf in sorted(set(rule["leaves"]), key=len, reverse=True):
            if not leaf.startswith("("):
                continue
            if leaf not in names:
                names[leaf] = f"x{len(names)}"
                lines.append(f"    {names[leaf]} = {leaf}")
            text = text.replace(leaf, names[leaf])
        out.append(text)
    return "\n".join([*lines, "    return [" + ", ".join(out) + "]"])


def main():
    import duckdb
    import numpy as np
    import pandas as pd

    build = ["cargo", "build", "--quiet", "--release", "-p", "policy", "--example", "policy_bench"]
    subprocess.run(build, cwd=ROOT, check=True)
    binary = TARGET / "release" / "examples" / "policy_bench"
    with tempfile.TemporaryDirectory() as folder:
        run = lambda *more: subprocess.run(
            [binary, str(FIRMS), folder, *more], check=True, capture_output=True, text=True
        ).stdout
        told = run()
        print(told, end="")
        rules = json.loads((Path(folder) / "rules.json").read_text())
        columns = {p.stem: np.load(p) for p in Path(folder).glob("c*.npy")}

        db = duckdb.connect()
        db.execute("SET threads TO 2")
        frame = pd.DataFrame(columns)
        db.register("given", frame)
        kind = lambda name, values: {
            "i1": f"CASE WHEN {name} >= 0 THEN {name} = 1 END AS {name}",
            "i4": f"CASE WHEN {name} > 0 THEN {name} END AS {name}",
            "f8": f"CASE WHEN NOT isnan({name}) THEN {name} END AS {name}",
        }[values.dtype.str[1:]]
        db.execute(f"CREATE TABLE firm AS SELECT {', '.join(kind(n, v) for n, v in columns.items())} FROM given")
        select = ", ".join(f"{r['sql']} AS r{i}" for i, r in enumerate(rules))

        # As engines for arrays do it: single precision, no unknown (NaN compares with nothing, an unknown
        # truth is false), every array in memory before the clock starts.
        arrays = {
            n: v.astype(np.float32) if v.dtype == np.float64 else v == 1 if v.dtype == np.int8 else v
            for n, v in columns.items()
        }
        constants = {"np": np, "f": np.float32, "yes": np.ones(FIRMS, bool), "no": np.zeros(FIRMS, bool)}
        plain = [compile(r["numpy"], r["rule"], "eval") for r in rules]
        space = dict(constants)
        exec(f"def rules({', '.join(arrays)}):\n{shared(rules)}", space)

        def timed(work):
            started, used = time.perf_counter(), time.process_time()
            out = work()
            took = (time.perf_counter() - started) * 1e3, (time.process_time() - used) * 1e3
            return *took, out

        engines = {
            "DuckDB": lambda: db.execute(f"CREATE OR REPLACE TABLE answer AS SELECT {select} FROM firm"),
            "numpy": lambda: [eval(code, constants, arrays) for code in plain],
            "numpy shared": lambda: space["rules"](**arrays),
        }
        best = {name: (float("inf"), float("inf"), None) for name in engines}
        batch, same, processor = float("inf"), float("inf"), float("inf")
        with np.errstate(all="ignore"):
            for _ in range(ROUNDS):
                told = run("batch")
                batch = min(batch, float(figures(told, "batch_ms")[1]))
                processor = min(processor, float(figures(told, "batch_ms")[3]))
                same = min(same, float(figures(told, "same_ms")[1]))
                for name, work in engines.items():
                    took, used, out = timed(work)
                    best[name] = (min(best[name][0], took), min(best[name][1], used), out)

        counts = ", ".join(f"count(*) FILTER (r{i}), count(*) FILTER (NOT r{i})" for i in range(len(rules)))
        found = db.execute(f"SELECT {counts} FROM answer").fetchone()
        differ = {"DuckDB": [], "numpy": [], "numpy shared": []}
        for i, rule in enumerate(rules):
            if (found[2 * i], found[2 * i + 1]) != (rule["met"], rule["not_met"]):
                differ["DuckDB"].append(rule["rule"])
            for name in ["numpy", "numpy shared"]:
                if int(np.count_nonzero(best[name][2][i])) != rule["met"]:
                    differ[name].append(rule["rule"])
    total = int(figures(told, "same_ms")[3]) if len(rules) else 0
    all_rules = int(told.split()[0])
    print()
    print(f"{FIRMS:,} firms, {all_rules} rules; the peers compute {total} of them; best of {ROUNDS} rounds in turn")
    print()
    print("| engine | ms | of Baigong | processor ms | rules whose counts differ |")
    print("| --- | ---: | ---: | ---: | ---: |")
    print(f"| Baigong, exact, every condition kept, 2 threads | {batch:.0f} | 1.00 | {processor:.0f} | |")
    if total < all_rules:
        print(f"| Baigong, the rules of the peers only | {same:.0f} | {same / batch:.2f} | | |")
    rows = {
        "DuckDB": "DuckDB, 2 threads, outcomes only",
        "numpy": "numpy float32, outcomes only, unknown is false",
        "numpy shared": "the same, equal conditions computed once and kept",
    }
    for name, text in rows.items():
        ms, used, _ = best[name]
        print(f"| {text} | {ms:.0f} | {ms / same:.2f} | {used:.0f} | {len(differ[name])} of {total} |")
    for name, which in differ.items():
        print(f"\n{name} differs: {', '.join(which) or 'nowhere'}")


if __name__ == "__main__":
    if "--inside" in sys.argv:
        sys.argv.remove("--inside")
        main()
    else:
        sys.exit(subprocess.run([environment(), __file__, "--inside", *sys.argv[1:]]).returncode)
