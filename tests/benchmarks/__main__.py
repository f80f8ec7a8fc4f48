"""`python -m tests.benchmarks [--quick] [--json] [--against REV] [NAME…]`: how fast the program is, beside its aims.

`scale --rows N` is run only by its name: over a million flattrs it takes many minutes.

This is no test: machines are noisy. Ratios are of pairs that were measured one after the other.
`--against REV` measures another commit of the repository as well, in turn with this one, and prints both.
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
from tests.benchmarks.call_trace import trace
from tests.benchmarks.loop import loop
from tests.benchmarks.measuring import QUICK, Benchmark, Sizes, table
from tests.benchmarks.scale import scale

BENCHMARKS: Mapping[str, Benchmark] = {
    "start": terminal.start,
    "keys": terminal.keys,
    "digits": terminal.digits,
    "bytes": output.key_bytes,
    "idle": output.idle,
    "quit": terminal.end,
    "sort": saved.sorts,
    "filter": saved.filters,
    "words": saved.words,
    "spread": saved.spread,
    "sync": saved.sync,
    "rebuild": saved.rebuild,
    "import": web_archives.imports,
    "loop": loop,
    "trace": trace,
}
BY_NAME: Mapping[str, Benchmark] = {"scale": scale}
"""Those that run only if they are named."""


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    names = ", ".join(BENCHMARKS)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure, else all: {names}; or scale")
    parser.add_argument("--rows", type=int, help="rows of the longest list")
    parser.add_argument("--quick", action="store_true", help="a few runs of small sizes, to see that it works")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument("--against", metavar="REV", help="also measure another commit, in turn; it must know --json")
    given = parser.parse_args(arguments)
    benchmarks = {**BENCHMARKS, **BY_NAME}
    if unknown := set(given.names) - set(benchmarks):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(benchmarks)}")
    chosen = given.names or list(BENCHMARKS)
    if given.against:
        lines = _compare(chosen, given.against, quick=given.quick)
    else:
        sizes = QUICK if given.quick else Sizes()
        sizes = replace(sizes, rows=given.rows or sizes.rows)
        results = (result for name in chosen for result in benchmarks[name](sizes))
        lines = (json.dumps(asdict(result)) for result in results) if given.json else table(results)
    for line in lines:
        print(line, flush=True)


def _compare(names: Sequence[str], rev: str, *, quick: bool) -> Iterator[str]:
    """Run each benchmark in this checkout and in the files of `rev`, and yield lines with both results."""
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
    """Run one benchmark with the code in a folder; return its results by what was measured."""
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
