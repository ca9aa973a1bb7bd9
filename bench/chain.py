#!/usr/bin/env python3
"""Algorithms of industry chains beside python-igraph, rustworkx, py-ecomplexity, scipy, scikit-learn, pymrio
and plain numpy.

Each side works on the same input in one run of this script, one after the other: betweenness on 20,000
nodes and 60,000 links; product space and complexity for 2,978 places and 1,381 products, and for world
trade when a file is named; both shock models on a small network against recursions written out in numpy;
groups of industries and their crowding against scipy, scikit-learn and numpy; and every sector of a published
input-output table stopped in turn against the Leontief inverse of pymrio and a dense solve of numpy.
Prints tables of agreement and of time for docs/performance.md, with the load of the machine before and after
each part, since figures taken beside other work are no figures.

Usage: bench/chain.py [between] [space] [shock] [clusters] [table] [--small] [--trade FILE.csv.gz]
"""

import gzip
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from run import CACHE, TARGET, environment

ROOT = Path(__file__).resolve().parent.parent
# By the name that is imported, the name that is installed.
PEERS = {name: name for name in ["igraph", "rustworkx", "ecomplexity", "pandas", "numpy", "scipy", "pymrio"]}
PEERS["sklearn"] = "scikit-learn"
SMALL = "--small" in sys.argv
BINARY = TARGET / "release" / "examples" / "chain_bench"


def ours(job, folder, *args):
    """Runs our side; its lines `name value` as a dictionary."""
    out = subprocess.run([BINARY, job, folder, *map(str, args)], check=True, capture_output=True, text=True).stdout
    return dict(line.split(" ", 1) for line in out.splitlines())


def timed(work):
    started = time.perf_counter()
    out = work()
    return (time.perf_counter() - started) * 1e3, out


def row(what, mine, theirs, apart):
    ratio = f"{theirs / mine:8.1f} x" if mine else "        -"
    print(f"| {what:<44} | {mine:12.1f} | {theirs:12.1f} | {ratio} | {apart:9.1e} |", flush=True)


def head(title):
    print(f"\n{title}; load {os.getloadavg()[0]:.1f}\n")
    print(f"| {'what':<44} | {'ours, ms':>12} | {'peer, ms':>12} | {'ratio':>10} | {'apart':>9} |")
    print(f"|{'-' * 46}|{'-' * 13}:|{'-' * 13}:|{'-' * 11}:|{'-' * 10}:|", flush=True)


def apart(a, b):
    """The largest difference, beside 1 where values are below it."""
    import numpy as np

    return float(np.max(np.abs(a - b) / np.maximum(1.0, np.abs(b)))) if len(a) else 0.0


def between(folder):
    import igraph
    import numpy as np
    import rustworkx as rx

    n, m = (2_000, 6_000) if SMALL else (20_000, 60_000)
    rng = np.random.default_rng(20260101)
    weight = np.arange(1, n + 1) ** -0.5
    names = rng.permutation(n)
    seen, links = set(), []
    while len(links) < m:
        for a, b in zip(rng.choice(n, m, p=weight / weight.sum()), rng.integers(0, n, m)):
            a, b = int(names[a]), int(names[b])
            if a != b and (a, b) not in seen and (b, a) not in seen and len(links) < m:
                seen.add((a, b))
                links.append((a, b))
    # The last node is linked for sure, so that every side counts the same nodes.
    links[-1] = (links[-1][0], n - 1)
    np.array(links, dtype="<u4").tofile(folder / "links.u32")
    lengths = 1 + np.arange(m) * 7919 % 20
    lengths.astype("<u4").tofile(folder / "lengths.u32")
    told = ours("between", folder)
    head(f"Betweenness, {n:,} nodes, {m:,} links")
    for name, directed in [("undirected", False), ("directed", True)]:
        graph = igraph.Graph(n=n, edges=links, directed=directed)
        mine = float(told[f"{name}_unit"])
        found = np.fromfile(folder / f"{name}_unit.f64")
        ms, theirs = timed(lambda: np.array(graph.betweenness()))
        row(f"{name}, igraph {igraph.__version__}", mine, ms, apart(found, theirs))
        other = (rx.PyDiGraph if directed else rx.PyGraph)()
        other.add_nodes_from(range(n))
        other.add_edges_from_no_data(links)
        count = rx.digraph_betweenness_centrality if directed else rx.graph_betweenness_centrality
        ms, theirs = timed(lambda: count(other, normalized=False))
        theirs = np.array([theirs[k] for k in range(n)])
        row(f"{name}, rustworkx {rx.__version__}", mine, ms, apart(found, theirs))
        ms, theirs = timed(lambda: np.array(graph.betweenness(weights=lengths.tolist())))
        whole = np.fromfile(folder / f"{name}_whole.f64")
        row(f"{name} with lengths, igraph", float(told[f"{name}_whole"]), ms, apart(whole, theirs))
    graph = igraph.Graph(n=n, edges=links)
    ms, (points, bridges) = timed(lambda: (sorted(graph.articulation_points()), sorted(graph.bridges())))
    same = points == np.fromfile(folder / "points.f64").astype(int).tolist()
    same &= bridges == np.fromfile(folder / "bridges.f64").astype(int).tolist()
    row("articulation points and bridges, igraph", float(told["breaks"]), ms, 0.0 if same else float("inf"))
    print("\nSampled, error 0.02 of all pairs with chance 0.95:")
    for name in ["undirected", "directed"]:
        print(f"  {name}: {told[f'{name}_samples']} samples, {float(told[f'{name}_sampled']):.0f} ms,"
              f" largest error met {told[f'{name}_sampled_error']}")


def complexity(folder, title, frame):
    """`frame` has the columns place, product (numbers) and value."""
    import numpy as np
    from ecomplexity import ecomplexity

    frame["place"].to_numpy().astype("<u4").tofile(folder / "place.u32")
    frame["product"].to_numpy().astype("<u4").tofile(folder / "product.u32")
    frame["value"].to_numpy().astype("<f8").tofile(folder / "value.f64")
    told = ours("space", folder)
    columns = {"time": "year", "loc": "place", "prod": "product", "val": "value"}
    given = frame.assign(year=2000)
    ms, out = timed(lambda: ecomplexity(given, columns, check_logsupermodularity=False, verbose=False))
    places, products = frame["place"].max() + 1, frame["product"].max() + 1
    out = out.sort_values(["place", "product"])
    theirs = {name: out[name].to_numpy(dtype=float).reshape(places, products) for name in ["eci", "pci", "density"]}
    head(f"{title}: {places:,} places, {products:,} products, {int(told['space_filled']):,} present")
    mine = float(told["space"])
    row("ECI, all of it, ecomplexity", mine, ms, apart(np.fromfile(folder / "eci.f64"), theirs["eci"][:, 0]))
    row("PCI", mine, ms, apart(np.fromfile(folder / "pci.f64"), theirs["pci"][0]))
    row("density", mine, ms, apart(np.fromfile(folder / "density.f64"), theirs["density"].ravel()))
    print("\n  of which ms:", ", ".join(f"{k[6:]} {float(told[k]):.1f}" for k in told if k in
          ("space_presence", "space_proximity", "space_density", "space_complexity")))
    print(f"  residual {told['space_residual']}, gap {told['space_gap']}, steps {told['space_steps']}")


def space(folder):
    import numpy as np
    import pandas as pd

    places, products = (300, 150) if SMALL else (2_978, 1_381)
    rng = np.random.default_rng(7)
    # Able places make more and harder products: the shape that trade has.
    able, hard = rng.normal(size=places), rng.normal(size=products)
    chance = 1 / (1 + np.exp(-1.2 * (able[:, None] - hard[None, :]) + 1.5))
    made = rng.random((places, products)) < chance
    made[np.arange(places), np.arange(places) % products] = True
    made[np.arange(products) % places, np.arange(products)] = True
    place, product = np.nonzero(made)
    frame = pd.DataFrame({"place": place, "product": product, "value": rng.lognormal(0, 1.5, len(place))})
    complexity(folder, "Made", frame)
    if "--trade" in sys.argv:
        with gzip.open(sys.argv[sys.argv.index("--trade") + 1], "rt") as file:
            trade = pd.read_csv(file, dtype={"country": str, "product": str})
        trade["place"], trade["product"] = trade["country"].factorize(sort=True)[0], trade["product"].factorize(sort=True)[0]
        complexity(folder, "World trade", trade.groupby(["place", "product"], as_index=False)["value"].sum().query("value > 0"))


def shock(folder):
    import numpy as np

    n, m = (1_000, 8_000) if SMALL else (3_000, 30_000)
    told = ours("shock", folder, n, m)
    output, product = np.fromfile(folder / "output.f64"), np.fromfile(folder / "product.f64").astype(int)
    supplier, buyer, amount = np.fromfile(folder / "supply.f64").reshape(-1, 3).T
    supplier, buyer = supplier.astype(int), buyer.astype(int)
    who, what, essential, stock, outside = np.fromfile(folder / "inputs.f64").reshape(-1, 5).T
    number = {key: at for at, key in enumerate(zip(who.astype(int), what.astype(int)))}
    feeds = np.array([number[key] for key in zip(buyer, product[supplier])])
    bought = np.bincount(feeds, amount, len(who))
    part = (1 - outside[feeds]) * amount / bought[feeds]
    whose, must = who.astype(int), essential > 0
    park = np.arange(min(100, n)) * (n // min(100, n))

    def shortage():
        """Stocks counted day by day."""
        level, left, lost = np.ones(n), stock.copy(), np.zeros(n)
        for day in range(90):
            left += 1 - np.bincount(feeds, part * (1 - level[supplier]), len(who))
            new = np.ones(n)
            if day < 30:
                new[park] = 0
            np.minimum.at(new, whose[must], left[must])
            left -= new[whose]
            lost += 1 - new
            level = new
        return lost

    def leontief(shared):
        """Rounds until nothing changes, no grains."""
        stop = np.zeros(n)
        stop[park] = 1
        down, up = stop.copy(), stop.copy()
        need = bought / (1 - outside)
        share = np.where(must, 1, need / np.bincount(whose, need, n)[whose])
        for _ in range(3000):
            taken = 1
            if shared:
                left = np.bincount(product, output * (1 - down), product.max() + 1)[product]
                taken = np.where(left <= output, 1, output / np.maximum(left, 1e-300))
            lost = np.bincount(feeds, part * (taken * down)[supplier], len(who)) * share
            new = stop.copy()
            np.maximum.at(new, whose[must], lost[must])
            new = np.maximum(new, np.bincount(whose[~must], lost[~must], n))
            newer = np.maximum(stop, np.bincount(supplier, amount * up[buyer], n) / output)
            still = max(np.abs(new - down).max(), np.abs(newer - up).max())
            down, up = new, newer
            if still < 1e-13:
                break
        return np.maximum(down, up)

    head(f"Shock models, {n:,} firms, {int(told['links']):,} links, 100 firms stopped")
    ms, theirs = timed(shortage)
    found = np.fromfile(folder / "shortage_park.f64")
    row("shortage, 90 days, numpy, days lost", float(told["shortage_park"]), ms, apart(found, theirs))
    for name in ["captive", "shared"]:
        ms, theirs = timed(lambda: leontief(name == "shared"))
        found = np.fromfile(folder / f"{name}_park_20.f64")
        row(f"Leontief, {name}, grains of 2^-20, numpy", float(told[f"{name}_park_20"]), ms, apart(found, theirs))
    if SMALL:
        return
    told = ours("shock", folder)
    print(f"\n100,000 firms, {int(told['links']):,} links, ours alone; load {os.getloadavg()[0]:.1f}\n")
    for name, value in told.items():
        print(f"  {name:<28} {value}")


def clusters(folder):
    import numpy as np
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform
    from sklearn.metrics import adjusted_rand_score

    rng = np.random.default_rng(7)
    places, kinds, per_kind, firms = (30, 6, 10, 4_000) if SMALL else (136, 30, 20, 100_000)
    industry = rng.integers(0, kinds * per_kind, firms)
    home = (industry // per_kind * 3 + rng.integers(0, 2, firms)) % places
    place = np.where(rng.random(firms) < 0.85, home, rng.integers(0, places, firms))
    output = rng.lognormal(3, 1.1, firms)
    with open(folder / "rows.csv", "w") as file:
        for row_ in zip(place, industry, range(firms), output):
            file.write("p%03d,i%03d,f%06d,%r\n" % (*row_[:3], float(row_[3])))
    # Similarities without ties: where means tie, which pair goes first is each library's own choice.
    n = kinds * per_kind
    near = np.where(np.equal.outer(np.arange(n) // per_kind, np.arange(n) // per_kind), 0.3, 0.0)
    drawn = np.triu(near + 0.6 * rng.random((n, n)), 1)
    drawn = drawn + drawn.T + np.eye(n)
    drawn.tofile(folder / "drawn.f64")
    told = ours("clusters", folder)
    found = np.fromfile(folder / "group.f64").astype(int)
    heights = np.fromfile(folder / "heights.f64")

    head(f"Clusters, {places} places, {n} industries, {firms:,} firms")

    def grouped():
        tree = linkage(squareform(1.0 - drawn, checks=False), "average")
        return tree, fcluster(tree, 1.0 - 0.4, "distance")

    ms, (tree, theirs) = timed(grouped)
    row("average linkage, scipy, mean similarities", float(told["group"]), ms, apart(heights, 1.0 - tree[:, 2]))
    agree = adjusted_rand_score(theirs, found)
    truth = adjusted_rand_score(np.arange(n) // per_kind, found)
    print(f"  {found.max() + 1} groups; adjusted Rand index of scikit-learn to scipy's {agree:.6f}, to what was drawn {truth:.3f}")

    def gammas():
        whole, x = output.sum(), np.bincount(place, output, places)
        x = x / whole
        cells = np.zeros((n, places))
        np.add.at(cells, (industry, place), output)
        of = cells.sum(1)
        g = ((cells / of[:, None] - x) ** 2).sum(1)
        h = np.bincount(industry, output**2, n) / of**2
        room = 1 - (x**2).sum()
        return (g - room * h) / (room * (1 - h))

    ms, theirs = timed(gammas)
    row("Ellison-Glaeser index, numpy", float(told["crowding"]), ms, apart(np.fromfile(folder / "gamma.f64"), theirs))


def table(folder):
    import numpy as np
    import pandas as pd
    import pymrio

    # A published table is somebody else's: docs/networks/README.md says where it is and how the file looks.
    file = os.environ.get("TABLE")
    if not file:
        print("table: not run, TABLE names no file (docs/networks/README.md)")
        return
    told = ours("table", folder, file)
    data = pd.read_csv(file, index_col="sector")
    ids = list(data.index)
    n = len(ids)
    x, z = data["output"], data[ids]
    made_here = (x / (x + data["imports"])).fillna(0.0)
    domestic = z.mul(made_here, axis=0)

    def extraction():
        """What others lose of their output when a sector is set to 0: x(s) L(i,s) / L(s,s)."""
        inverse = pymrio.calc_L(pymrio.calc_A(domestic, x)).to_numpy()
        lost = (inverse / np.diag(inverse)).T * x.to_numpy()[:, None]
        return np.divide(lost, x.to_numpy(), out=np.zeros_like(lost), where=x.to_numpy() > 0)

    def shares():
        """The same down the chain: each input counts by its part of all inputs."""
        bought = z.to_numpy().copy()
        np.fill_diagonal(bought, 0.0)
        whole = bought.sum(0)
        m = np.divide(bought * made_here.to_numpy()[:, None], whole, out=np.zeros_like(bought), where=whole > 0).T
        out = np.zeros((n, n))
        for stop in range(n):
            rest = np.arange(n) != stop
            out[stop, stop] = 1.0
            out[stop, rest] = np.linalg.solve(np.eye(n - 1) - m[np.ix_(rest, rest)], m[rest, stop])
        return out

    head(f"Input-output table of {n} sectors, each stopped in turn")
    stops = x.to_numpy() > 0
    for name, work in [("up", extraction), ("down", shares)]:
        ms, theirs = timed(work)
        found = np.fromfile(folder / f"{name}.f64").reshape(n, n)
        peer = "pymrio, Leontief inverse" if name == "up" else "numpy, dense solve"
        row(f"{name} the chain, {peer}", float(told["table"]), ms, apart(found[stops], theirs[stops]))


def main():
    jobs = {"between": between, "space": space, "shock": shock, "clusters": clusters, "table": table}
    chosen = [job for job in jobs if job in sys.argv] or list(jobs)
    for job in chosen:
        with tempfile.TemporaryDirectory() as folder:
            jobs[job](Path(folder))
    print(f"\nload at the end {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")


if __name__ == "__main__":
    python = environment()
    if Path(sys.prefix) != CACHE / "venv":
        if subprocess.run([python, "-c", f"import {', '.join(PEERS)}"], capture_output=True).returncode:
            subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS.values()], check=True)
        subprocess.run(["cargo", "build", "--release", "-p", "chain", "--example", "chain_bench"], cwd=ROOT, check=True)
        sys.exit(subprocess.run([python, __file__, *sys.argv[1:]]).returncode)
    main()
