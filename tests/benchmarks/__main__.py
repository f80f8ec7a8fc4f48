"""`python -m tests.benchmarks [--quick] [NAME…]`: how quick the program is, in a table, beside what it should be.

No test: machines are noisy. Ratios are of pairs that were measured one after the other.
"""

import argparse
import sys
from collections.abc import Mapping

from tests.benchmarks import saved, terminal
from tests.benchmarks.loop import loop
from tests.benchmarks.measuring import QUICK, Benchmark, Sizes, table

BENCHMARKS: Mapping[str, Benchmark] = {
    "start": terminal.start,
    "keys": terminal.keys,
    "digits": terminal.digits,
    "quit": terminal.end,
    "sort": saved.sorts,
    "filter": saved.filters,
    "words": saved.words,
    "spread": saved.spread,
    "sync": saved.sync,
    "rebuild": saved.rebuild,
    "loop": loop,
}


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    names = ", ".join(BENCHMARKS)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure, else all: {names}")
    parser.add_argument("--quick", action="store_true", help="a few runs of small sizes, to see that it works")
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(BENCHMARKS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {names}")
    sizes = QUICK if given.quick else Sizes()
    chosen = (BENCHMARKS[name] for name in given.names or BENCHMARKS)
    for line in table(result for benchmark in chosen for result in benchmark(sizes)):
        print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
