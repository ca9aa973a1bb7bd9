#!/usr/bin/env python3
"""The core job of an evaluation, side by side with DuckDB, Polars and pandas in one run.

1,000,000 firms x 12 indicators, 100 sectors, 136 regions: clip at the sector's 5th and 95th
percentile, scale within the sector, weigh, rank within the region, class by share; Parquet in and
out. Every engine runs in a process of its own, `--rounds` times in turn; the best round counts. All
four results are compared: ranks and classes must be equal, scores within 1e-12.

The peers come from PyPI into a virtual environment outside the checkout.
Usage: bench/run.py [--rows N] [--rounds N]
"""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import time
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("BAIGONG_BENCH", pathlib.Path.home() / ".cache" / "baigong" / "bench"))
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", pathlib.Path.home() / ".cache" / "baigong" / "target"))
PEERS = ["duckdb", "polars", "pandas", "pyarrow", "numpy", "openpyxl", "xlsxwriter"]
WEIGHTS = [20, 15, 12, 10, 9, 8, 7, 6, 5, 4, 3, 1]
X = [f"x{i}" for i in range(12)]


def environment():
    """The Python of the virtual environment, made on first use."""
    python = CACHE / "venv" / "bin" / "python"
    if not python.exists():
        venv.create(CACHE / "venv", with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS], check=True)
    return python


# --- inside the virtual environment -----------------------------------------------------------------


def make(path, rows):
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(20251231)
    columns = {
        "firm": np.arange(1, rows + 1, dtype=np.int64),
        # Sectors are as uneven as real ones: the largest has some fifty times the smallest.
        "sector": np.minimum((rng.random(rows) ** 1.6 * 100).astype(np.int32), 99),
        "region": rng.integers(0, 136, rows, dtype=np.int32),
    }
    for name in X:
        columns[name] = rng.lognormal(3, 1.1, rows)
    pq.write_table(pa.table(columns), path, row_group_size=131072)


def duckdb_job(source, target):
    import duckdb

    con = duckdb.connect()
    con.execute("set threads=2")
    start = time.perf_counter()
    bounds = ", ".join(f"quantile_cont({x}, 0.05) {x}_l, quantile_cont({x}, 0.95) {x}_h" for x in X)
    parts = " + ".join(
        f"{w}.0::double * case when {x}_h = {x}_l then 1.0 else (least(greatest({x}, {x}_l), {x}_h) - {x}_l) / ({x}_h - {x}_l) end"
        for x, w in zip(X, WEIGHTS)
    )
    con.execute(f"""
        copy (
          with s as (select sector, {bounds} from '{source}' group by sector),
               t as (select firm, region, {parts} as score from '{source}' join s using (sector)),
               r as (select firm, score, rank() over (partition by region order by score desc)::int as rank,
                            count(*) over (partition by region) as n from t)
          select firm, score, rank, case when rank <= floor(0.2 * n) then 'A' when rank <= floor(0.65 * n) then 'B'
                 when rank <= floor(0.95 * n) then 'C' else 'D' end as class from r
        ) to '{target}' (format parquet, compression snappy)""")
    return time.perf_counter() - start


def polars_job(source, target):
    import polars as pl

    start = time.perf_counter()
    frame = pl.scan_parquet(source)
    bounds = frame.group_by("sector").agg(
        [pl.col(x).quantile(0.05, "linear").alias(x + "l") for x in X] + [pl.col(x).quantile(0.95, "linear").alias(x + "h") for x in X]
    )
    score = sum(
        float(w)
        * pl.when(pl.col(x + "h") == pl.col(x + "l")).then(1.0).otherwise(
            (pl.col(x).clip(pl.col(x + "l"), pl.col(x + "h")) - pl.col(x + "l")) / (pl.col(x + "h") - pl.col(x + "l")))
        for x, w in zip(X, WEIGHTS)
    )
    rank = pl.col("score").rank("min", descending=True).over("region").cast(pl.Int32)
    count = pl.len().over("region")
    cut = lambda share: (share * count).floor()
    out = (
        frame.join(bounds, on="sector").select("firm", "region", score.alias("score"))
        .with_columns(rank.alias("rank"), cut(0.2).alias("a"), cut(0.65).alias("b"), cut(0.95).alias("c"))
        .select("firm", "score", "rank",
                pl.when(pl.col("rank") <= pl.col("a")).then(pl.lit("A")).when(pl.col("rank") <= pl.col("b")).then(pl.lit("B"))
                .when(pl.col("rank") <= pl.col("c")).then(pl.lit("C")).otherwise(pl.lit("D")).alias("class"))
    )
    out.collect().write_parquet(target, compression="snappy")
    return time.perf_counter() - start


def pandas_job(source, target):
    import numpy as np
    import pandas as pd

    start = time.perf_counter()
    frame = pd.read_parquet(source)
    grouped = frame.groupby("sector")[X]
    low, high = grouped.quantile(0.05), grouped.quantile(0.95)
    sector = frame["sector"].to_numpy()
    low, high = low.reindex(range(100)).to_numpy()[sector], high.reindex(range(100)).to_numpy()[sector]
    span = high - low
    scaled = np.where(span == 0, 1.0, (np.clip(frame[X].to_numpy(), low, high) - low) / np.where(span == 0, 1.0, span))
    score = np.zeros(len(frame))
    for i, w in enumerate(WEIGHTS):
        score += w * scaled[:, i]
    frame["score"] = score
    by_region = frame.groupby("region")["score"]
    rank = by_region.rank(method="min", ascending=False).astype("int32")
    n = by_region.transform("size")
    cut = lambda share: np.floor(share * n)
    cls = np.select([rank <= cut(0.2), rank <= cut(0.65), rank <= cut(0.95)], ["A", "B", "C"], "D")
    pd.DataFrame({"firm": frame["firm"], "score": score, "rank": rank, "class": cls}).to_parquet(target, compression="snappy", index=False)
    return time.perf_counter() - start


def compare(paths):
    import numpy as np
    import pyarrow.parquet as pq

    def load(path):
        table = pq.read_table(path)
        order = np.argsort(table["firm"].to_numpy(), kind="stable")
        return {n: table[n].to_numpy()[order] for n in ("firm", "score", "rank")} | {"class": np.array(table["class"].to_pylist())[order]}

    ours = load(paths["baigong"])
    report = {}
    for name, path in paths.items():
        other = load(path)
        report[name] = {
            "ranks_differ": int((ours["rank"] != other["rank"]).sum()),
            "classes_differ": int((ours["class"] != other["class"]).sum()),
            "score_error": float(np.abs(ours["score"] - other["score"]).max()),
        }
    return report


JOBS = {"duckdb": duckdb_job, "polars": polars_job, "pandas": pandas_job}


def inside(args):
    if args.inside == "make":
        make(args.source, args.rows)
    elif args.inside == "compare":
        print(json.dumps(compare(json.loads(args.target))))
    else:
        seconds = JOBS[args.inside](args.source, args.target)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"total": seconds, "memory": memory}))


# --- outside ----------------------------------------------------------------------------------------


def measured(command):
    """Runs a command; its last line of output is JSON. Adds wall time and peak memory of the process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} failed")
    found = json.loads(output.strip().splitlines()[-1])
    found["wall"] = time.perf_counter() - start
    found["memory"] = usage.ru_maxrss / 1024
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    parser.add_argument("--source", help=argparse.SUPPRESS)
    parser.add_argument("--target", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.inside:
        return inside(args)
    CACHE.mkdir(parents=True, exist_ok=True)
    python = environment()
    subprocess.run(["cargo", "build", "--release", "--workspace", "--example", "core_bench"], cwd=ROOT, check=True)
    ours = TARGET / "release" / "examples" / "core_bench"
    source = CACHE / f"core-{args.rows}.parquet"
    me = str(pathlib.Path(__file__).resolve())
    if not source.exists():
        subprocess.run([python, me, "--inside", "make", "--source", source, "--rows", str(args.rows)], check=True)
    best, paths = {}, {}
    for _ in range(args.rounds):
        for name in ["baigong", *JOBS]:
            target = CACHE / f"out-{name}.parquet"
            paths[name] = str(target)
            command = [ours, "core", source, target, "2"] if name == "baigong" else [python, me, "--inside", name, "--source", source, "--target", target]
            found = measured([str(c) for c in command])
            if name not in best or found["total"] < best[name]["total"]:
                best[name] = found
    report = json.loads(subprocess.run([python, me, "--inside", "compare", "--target", json.dumps(paths)], check=True, capture_output=True, text=True).stdout)
    fastest = min(best[n]["total"] for n in JOBS)
    print(f"\n{args.rows:,} firms x 12 indicators, 100 sectors, 136 regions; best of {args.rounds} rounds, 2 threads\n")
    print("| engine | job s | process s | peak MiB | of the fastest peer | ranks differ | classes differ | score error |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, b in best.items():
        r = report[name]
        print(f"| {name} | {b['total']:.3f} | {b['wall']:.3f} | {b['memory']:.0f} | {b['total'] / fastest:.2f} | {r['ranks_differ']} | {r['classes_differ']} | {r['score_error']:.1e} |")
    split = best["baigong"]
    print(f"\nbaigong: read {split['read']:.3f}, compute {split['compute']:.3f}, write {split['write']:.3f} s")
    if any(r["ranks_differ"] or r["classes_differ"] or r["score_error"] > 1e-12 * 100 for r in report.values()):
        sys.exit("the engines disagree")


if __name__ == "__main__":
    main()
