"""`python -m tests.benchmarks [--quick] [--json] [--against REV] [NAME…]`: compare the program's speed with its aims.

`scale --rows N` runs only if it is named: with a million flattrs it takes many minutes.

These are not tests, because timings vary with the machine. The two values of a ratio are measured one right after the
other. `--against REV` also measures another commit of the repository, in alternation with this one, and prints both
results.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tests.benchmarks import output, saved, terminal, web_archives
from tests.benchmarks.call_trace import measure_trace
from tests.benchmarks.loop import measure_loop
from tests.benchmarks.measurement import QUICK, Benchmark, Sizes, format_table
from tests.benchmarks.scale import measure_scale

BENCHMARKS: Mapping[str, Benchmark] = {
    "start": terminal.measure_start,
    "keys": terminal.measure_keys,
    "digits": terminal.measure_digits,
    "bytes": output.measure_key_bytes,
    "idle": output.measure_idle,
    "quit": terminal.measure_quit,
    "sort": saved.measure_sort,
    "filter": saved.measure_filter,
    "words": saved.measure_words,
    "spread": saved.measure_spread,
    "sync": saved.measure_sync,
    "rebuild": saved.measure_rebuild,
    "import": web_archives.measure_import,
    "loop": measure_loop,
    "trace": measure_trace,
}
BY_NAME: Mapping[str, Benchmark] = {"scale": measure_scale}
"""Benchmarks that run only if they are named."""


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmarks that the arguments name, and print one line per result."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    names = ", ".join(BENCHMARKS)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure (default: all): {names}; or scale")
    parser.add_argument("--rows", type=int, help="rows of the longest list")
    parser.add_argument("--quick", action="store_true", help="a few runs with small sizes, to check the benchmarks")
    parser.add_argument("--json", action="store_true", help="print one JSON object per line")
    parser.add_argument("--against", metavar="REV", help="also measure this commit, which must support --json")
    given = parser.parse_args(arguments)
    benchmarks = {**BENCHMARKS, **BY_NAME}
    if unknown := set(given.names) - set(benchmarks):
        parser.error(f"unknown benchmark: {', '.join(sorted(unknown))} (choose from {', '.join(benchmarks)})")
    chosen = given.names or list(BENCHMARKS)
    if given.against:
        lines = _compare(chosen, given.against, quick=given.quick)
    else:
        sizes = QUICK if given.quick else Sizes()
        sizes = replace(sizes, rows=given.rows or sizes.rows)
        results = (result for name in chosen for result in benchmarks[name](sizes))
        lines = (json.dumps(asdict(result)) for result in results) if given.json else format_table(results)
    for line in lines:
        print(line, flush=True)


def _compare(names: Sequence[str], rev: str, *, quick: bool) -> Iterator[str]:
    """Run each benchmark with the code of this checkout and with that of `rev`, and yield lines with both results.

    With `quick`, the benchmarks use less data.
    """
    with tempfile.TemporaryDirectory(prefix="flattr-tui-against-") as folder:
        archive = subprocess.run(["git", "archive", rev], check=True, capture_output=True).stdout
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(folder, filter="data")
        yield f"{'what':<62} {rev[:14]:>14} {'here':>14} {'ratio':>8}"
        for name in names:
            theirs, ours = (_run(name, Path(where), quick=quick) for where in (folder, "."))
            for what, result in ours.items():
                before = theirs.get(what)
                ratio = f"{result['measured'] / before['measured']:.2f}" if before and before["measured"] else ""
                was = f"{before['measured']:,.2f}" if before else "-"
                yield f"{what:<62} {was:>14} {result['measured']:>14,.2f} {ratio:>8} {result['unit']}"


def _run(name: str, folder: Path, *, quick: bool) -> dict[str, dict[str, Any]]:
    """Run one benchmark with the code in `folder`, and return its results, by the names of what was measured."""
    command = [sys.executable, "-m", "tests.benchmarks", "--json", *(["--quick"] if quick else []), name]
    environment = os.environ | {"PYTHONPATH": str(folder.resolve())}
    ran = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)
    results: dict[str, dict[str, Any]] = {}
    about = ""
    for result in map(json.loads, ran.stdout.splitlines()):
        # An indented line belongs to the one above it.
        about = about if result["what"].startswith(" ") else result["what"]
        results[result["what"] if result["what"] == about else f"{about}:{result['what']}"] = result
    return results


if __name__ == "__main__":
    main(sys.argv[1:])
