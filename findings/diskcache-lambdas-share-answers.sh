#!/usr/bin/env bash
# Two functions that diskcache memoizes give each other's answers if they are lambdas, or were made by one function.
#
# Guess: `cache.memoize()` keeps the answers of each function apart, as functools.cache does.
# What happens: The key is the module, the qualified name and the arguments. All lambdas of a module are called
# `<lambda>`, and all functions that `make(n)` returns `make.<locals>.inner`, so the second gets the first one's answer,
# in the next run too. What a function closes over is no part of the key. `memoize(name=…)` is the way out.
# Versions: diskcache 5.6.3.
# Source: run of this script; the documentation of `memoize` says that the name is 'automatic'.
# In this program: `memoize` is not used.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check diskcache==5.6.3
python=venv/bin/python
"$python" - <<'PYTHON'
import functools, sys
import diskcache

cache = diskcache.Cache("cache")


def add(number):
    def inner(value):
        return value + number

    return inner


def ask(memoize):
    plus, times = memoize(lambda value: value + 1), memoize(lambda value: value * 10)
    one, two = memoize(add(1)), memoize(add(2))
    return plus(1), times(1), one(1), two(1)


by_diskcache, by_functools = ask(cache.memoize()), ask(functools.cache)
print("1 + 1, 1 * 10, 1 + 1, 1 + 2:")
print("diskcache", by_diskcache, "| functools", by_functools)
unchanged = by_diskcache == (2, 2, 2, 2) and by_functools == (2, 10, 2, 3)

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
