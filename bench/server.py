#!/usr/bin/env python3
"""The server as people meet it, on one county of 50,000 firms: start-up, what-ifs over the whole
population, and a workbook of 50,000 rows and 30 columns read, matched, checked and stored.

Everything goes over HTTP to the shipped binary on loopback, one request at a time. The workbook is
read by openpyxl and by calamine alone in the same run; the ratios are what counts. Prints tables.
"""

import http.client
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import time

from run import CACHE, ROOT, environment

BAIGONG = pathlib.Path(os.environ["BAIGONG"])
DEMO = CACHE / "one-county"
LAW = CACHE / "law"
WORKBOOK = CACHE / "workbook-50000x30.xlsx"
# Two columns find the firm, 28 hold figures.
FIGURES = 28
ROUNDS = 5


class Server:
    """The binary on the measured database, and a person signed in to it."""

    def __init__(self):
        start = time.perf_counter()
        self.process = subprocess.Popen(
            [BAIGONG, "serve", "--database", DEMO / "baigong.sqlite", "--law", LAW, "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        if not found:
            sys.exit(f"the server did not start: {line}")
        self.port = int(found[1])
        self.cookie, self.csrf = "", ""
        self.ask("GET", "/api/public/publications")
        self.start_s = time.perf_counter() - start

    def sign_in(self):
        accounts = json.loads((DEMO / "ready.json").read_text())
        county = next(a for a in accounts if a["sign_in"] == "county")
        connection, answer = self.send("POST", "/api/session", json.dumps({"sign_in": "county", "password": county["password"]}))
        self.cookie = answer.getheader("set-cookie").split(";")[0]
        self.csrf = json.loads(answer.read())["csrf"]
        connection.close()

    def send(self, method, path, body=None, kind="application/json"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        headers = {"cookie": self.cookie, "x-csrf-token": self.csrf, "content-type": kind}
        connection.request(method, path, body, headers)
        return connection, connection.getresponse()

    def ask(self, method, path, body=None, kind="application/json"):
        connection, answer = self.send(method, path, body, kind)
        data = answer.read()
        connection.close()
        if answer.status != 200:
            sys.exit(f"{method} {path}: {answer.status} {data[:500].decode()}")
        return json.loads(data)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def law():
    """The project's law, with a template of 28 figures beside it."""
    shutil.rmtree(LAW, ignore_errors=True)
    shutil.copytree(ROOT / "law", LAW)
    facts = ["facts:"]
    columns = []
    for n in range(FIGURES):
        facts.append(f"  - {{ id: bench_{n}, title: 测试指标{n} | Figure {n}, owner: statistics, kind: number, unit: 10k_yuan }}")
        columns.append(f"      - {{ fact: bench_{n}, head: 测试指标{n}（万元）, accepts: [yuan, 10k_yuan], required: true }}")
    (LAW / "national" / "indicators" / "bench.yaml").write_text("\n".join(facts) + "\n")
    (LAW / "national" / "templates" / "bench.yaml").write_text("\n".join([
        "template: bench", "title: 测试表 | Bench", "department: statistics", "tables:", "  - table: firms",
        "    sheet: 数据", "    subject: firm", "    duplicates: refuse", "    columns:",
        "      - { role: credit_code, head: 统一社会信用代码, required: true }",
        "      - { role: name, head: 企业名称, required: true }", *columns]) + "\n")


def workbook(python, firms):
    """50,000 firms of the register, every second column in another unit."""
    if WORKBOOK.exists():
        return
    made = (
        "import json, sys, xlsxwriter\n"
        "firms = json.load(sys.stdin)\n"
        "book = xlsxwriter.Workbook(sys.argv[1], {'constant_memory': True})\n"
        "sheet = book.add_worksheet('数据')\n"
        f"heads = ['统一社会信用代码', '企业名称'] + ['测试指标%d（%s）' % (n, '元' if n % 2 else '万元') for n in range({FIGURES})]\n"
        "sheet.write_row(0, 0, heads)\n"
        "for r, (code, name) in enumerate(firms, 1):\n"
        f"    sheet.write_row(r, 0, [code, name] + [((r * 7919 + n * 104729) % 10000000) / 100 for n in range({FIGURES})])\n"
        "book.close()\n"
    )
    subprocess.run([python, "-c", made, WORKBOOK], input=json.dumps(firms), text=True, check=True)


def openpyxl_seconds(python):
    read = (
        "import sys, time, openpyxl\n"
        "start = time.perf_counter()\n"
        "book = openpyxl.load_workbook(sys.argv[1], read_only=True, data_only=True)\n"
        "cells = sum(len(row) for row in book.worksheets[0].iter_rows(values_only=True))\n"
        "print(time.perf_counter() - start)\n"
    )
    return min(float(subprocess.run([python, "-c", read, WORKBOOK], check=True, capture_output=True, text=True).stdout) for _ in range(2))


def calamine_seconds():
    bench = BAIGONG.parent / "examples" / "intake_bench"
    output = subprocess.run([bench, WORKBOOK, "50000", "30", "bare"], check=True, capture_output=True, text=True).stdout
    return float(re.search(r"calamine ([0-9.]+)", output)[1])


def all_firms(server):
    out, page = [], 1
    while True:
        answer = server.ask("GET", f"/api/firms?size=1000&page={page}")
        out += [(r["credit_code"], r["name"]) for r in answer["rows"] if r["credit_code"]]
        if page * 1000 >= answer["total"]:
            return out
        page += 1


def what_ifs(server):
    """Every kind of change in turn, each with another value, so that nothing can be remembered."""
    run = max(r["runs"][0]["id"] for r in (server.ask("GET", f"/api/evaluations/{e['id']}") for e in server.ask("GET", "/api/evaluations")) if r["runs"])
    handles = [h for h in server.ask("GET", f"/api/runs/{run}/what-if/handles") if h["kind"] == "number"]
    switches = [h for h in server.ask("GET", f"/api/runs/{run}/what-if/handles") if h["kind"] == "switch"]
    firm = server.ask("GET", f"/api/runs/{run}/firms?size=1")["rows"][0]["firm"]
    bodies = []
    for n in range(100):
        handle = handles[n % len(handles)]
        value = float(handle["value"]) * (0.9 + 0.001 * n)
        bodies.append([{"kind": "number", "path": handle["path"], "value": f"{value:.4f}"}])
        if n % 10 == 0 and switches:
            bodies.append([{"kind": "switch", "path": switches[n // 10 % len(switches)]["path"], "on": False}])
        if n % 10 == 5:
            bodies.append([{"kind": "fact", "firm": firm, "fact": "tax_paid", "value": str(100 + n)}])
    server.ask("POST", f"/api/runs/{run}/what-if", json.dumps({"title": "", "changes": bodies[0]}))
    seconds = []
    for changes in bodies:
        start = time.perf_counter()
        server.ask("POST", f"/api/runs/{run}/what-if", json.dumps({"title": "", "changes": changes}))
        seconds.append(time.perf_counter() - start)
    return seconds


def imported(server):
    """Hands the workbook in, waits for the report, accepts; gives seconds to the report and to the end."""
    year = 2026
    rows = [e for e in server.ask("GET", "/api/evaluations") if e["year"] == year]
    county = server.ask("GET", "/api/session")["region"]["code"]
    evaluation = rows[0]["id"] if rows else server.ask(
        "POST", "/api/evaluations", json.dumps({"division": county, "year": year, "scheme": "shandong/demo/per-mu"}))["row"]["id"]
    boundary = "baigongbench"
    body = (f"--{boundary}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"bench.xlsx\"\r\n\r\n").encode()
    body += WORKBOOK.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    start = time.perf_counter()
    view = server.ask("POST", f"/api/evaluations/{evaluation}/imports?template=bench", body, f"multipart/form-data; boundary={boundary}")
    while view["state"] == "reading":
        time.sleep(0.01)
        view = server.ask("GET", f"/api/imports/{view['id']}")
    report = time.perf_counter() - start
    server.ask("POST", f"/api/imports/{view['id']}/accept", json.dumps({"reason": "计时"}))
    return report, time.perf_counter() - start, view["counts"]


def main():
    python = environment()
    subprocess.run(["cargo", "build", "--release", "--workspace", "--example", "intake_bench"], cwd=ROOT, check=True)
    law()
    if not (DEMO / "ready.json").exists():
        subprocess.run([BAIGONG, "demo", "--dir", DEMO, "--one-county", "--load-only"], check=True)
    starts = []
    for _ in range(ROUNDS):
        server = Server()
        starts.append(server.start_s)
        server.stop()
    server = Server()
    try:
        server.sign_in()
        seconds = sorted(what_ifs(server))
    finally:
        server.stop()
    print(f"\nStart on a loaded store of 50,000 firms, process start to first answer: best {min(starts):.3f} s, worst {max(starts):.3f} s of {ROUNDS}", flush=True)
    p95 = seconds[int(len(seconds) * 0.95)]
    print(f"What-if over 50,000 firms, HTTP request to answer, {len(seconds)} requests: "
          f"median {statistics.median(seconds) * 1e3:.0f} ms, p95 {p95 * 1e3:.0f} ms, worst {seconds[-1] * 1e3:.0f} ms", flush=True)
    # Each import goes to a fresh copy, so that each stores every figure.
    found = []
    keep = CACHE / "one-county.kept"
    shutil.rmtree(keep, ignore_errors=True)
    shutil.copytree(DEMO, keep)
    server = Server()
    try:
        server.sign_in()
        workbook(python, all_firms(server))
    finally:
        server.stop()
    for _ in range(3):
        server = Server()
        try:
            server.sign_in()
            found.append(imported(server))
        finally:
            server.stop()
        shutil.rmtree(DEMO)
        shutil.copytree(keep, DEMO)
    shutil.rmtree(keep)
    report, stored, counts = min(found, key=lambda f: f[1])
    bare, peer = calamine_seconds(), openpyxl_seconds(python)
    print(f"\nWorkbook of {counts['rows']:,} rows x 30 columns ({WORKBOOK.stat().st_size / 1e6:.1f} MB), {counts['matched']:,} matched\n")
    print("| what | s | of calamine's bare read | of openpyxl's bare read |")
    print("|---|---:|---:|---:|")
    for name, s in [("calamine, bare read", bare), ("openpyxl, bare read (read-only mode)", peer),
                    ("baigong: uploaded, read, matched, checked, compared", report), ("baigong: the same, and stored", stored)]:
        print(f"| {name} | {s:.2f} | {s / bare:.2f} | {s / peer:.2f} |")


if __name__ == "__main__":
    main()
