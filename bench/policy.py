#!/usr/bin/env python3
"""Every shipped title and policy over 500,000 invented firms: Baigong, DuckDB and plain numpy (float32),
in turn on the same machine. The peers compute the outcome of those rules that are conditions alone (no
points, no texts); Baigong computes all rules, exactly, with the answer of every condition kept. Prints a
table for docs/performance.md."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from run import TARGET, environment

ROOT = Path(__file__).resolve().parent.parent
FIRMS = next((int(a) for a in sys.argv[1:] if a.isdigit()), 500_000)
ROUNDS = 5


def best(work):
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        out = work()
        times.append(time.perf_counter() - started)
    return min(times) * 1e3, out


def main():
    import duckdb
    import numpy as np

    subprocess.run(["cargo", "build", "--release", "--workspace", "--example", "policy_bench"], cwd=ROOT, check=True)
    binary = TARGET / "release" / "examples" / "policy_bench"
    with tempfile.TemporaryDirectory() as folder:
        told = subprocess.run([binary, str(FIRMS), folder], check=True, capture_output=True, text=True).stdout
        print(told, end="")
        batch = float(next(line.split()[1] for line in told.splitlines() if line.startswith("batch_ms")))
        rules = json.loads((Path(folder) / "rules.json").read_text())
        columns = {p.stem: np.load(p) for p in Path(folder).glob("c*.npy")}
        db = duckdb.connect()
        db.execute("SET threads TO 2")
        table = {}
        for name, values in columns.items():
            table[name] = values
        import pandas as pd

        frame = pd.DataFrame(table)
        for name, values in columns.items():
            if values.dtype == np.int8:
                frame[name] = pd.array(np.where(values < 0, 0, values).astype(bool), dtype="boolean")
                frame.loc[values < 0, name] = pd.NA
        db.register("given", frame)
        kinds = ", ".join(
            f"{n}::BOOLEAN AS {n}" if v.dtype == np.int8 else f"CASE WHEN isnan({n}) THEN NULL ELSE {n} END AS {n}"
            for n, v in columns.items()
        )
        db.execute(f"CREATE TABLE firm AS SELECT {kinds} FROM given")
        select = ", ".join(f"{r['sql']} AS r{i}" for i, r in enumerate(rules))
        duck, _ = best(lambda: db.execute(f"CREATE OR REPLACE TABLE answer AS SELECT {select} FROM firm"))
        differ = 0
        for i, rule in enumerate(rules):
            met, not_met = db.execute(f"SELECT count(*) FILTER (r{i}), count(*) FILTER (NOT r{i}) FROM answer").fetchone()
            differ += (met, not_met) != (rule["met"], rule["not_met"])
        small = {n: (v.astype(np.float32) if v.dtype != np.int8 else v) for n, v in columns.items()}
        codes = [compile(r["numpy"].replace("TRUE", "True").replace("FALSE", "False"), r["rule"], "eval") for r in rules]
        with np.errstate(all="ignore"):
            plain, _ = best(lambda: [eval(code, {}, small) for code in codes])
    print()
    print(f"{FIRMS:,} firms; the peers compute {len(rules)} rules, Baigong all of them")
    print("| engine | ms | of Baigong | rules whose counts differ |")
    print("| --- | ---: | ---: | ---: |")
    print(f"| Baigong, exact, with reasons | {batch:.0f} | 1.00 | |")
    print(f"| DuckDB, outcomes only | {duck:.0f} | {duck / batch:.2f} | {differ} |")
    print(f"| numpy float32, outcomes only, unknown as false | {plain:.0f} | {plain / batch:.2f} | |")


if __name__ == "__main__":
    if "--inside" in sys.argv:
        sys.argv.remove("--inside")
        main()
    else:
        sys.exit(subprocess.run([environment(), __file__, "--inside", *sys.argv[1:]]).returncode)
