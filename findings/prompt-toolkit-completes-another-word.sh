#!/usr/bin/env bash
# prompt_toolkit's WordCompleter offers `flattr-tags` for `flattr-t`, and `year:2012-05` for `year:2`.
#
# Guess: A completer that knows the words `flattr-tui`, `tags` and `year:2012` offers `flattr-tui` for `flattr-t` and
# `year:2012` for `year:2`, since they begin with what was typed.
# What happens: It looks at the letters and digits before the cursor: `t` and `2`. So it offers words that begin with
# those, and puts them behind the hyphen or colon; `c++` and `owner:ada` can't be completed at all. NestedCompleter does
# the same, and FuzzyWordCompleter finds nothing. `WORD=True` is right, and is not the default.
# Versions: prompt_toolkit 3.0.53.
# Source: run of this script; prompt_toolkit/completion/word_completer.py: `WORD`: use WORD characters.
# In this program: suggestions are compared with all that was typed (ui/widgets/dialogs.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check prompt-toolkit==3.0.53
venv/bin/python - <<'PYTHON'
import sys
from prompt_toolkit.completion import CompleteEvent, FuzzyWordCompleter, NestedCompleter, WordCompleter
from prompt_toolkit.document import Document

WORDS = ["flattr-tui", "tags", "year:2012", "2012-05", "c++", "owner:ada"]
TYPED = ["fl", "flattr-t", "year:2", "c+", "owner:a"]
COMPLETERS = {
    "WordCompleter": WordCompleter(WORDS),
    "NestedCompleter": NestedCompleter.from_nested_dict(dict.fromkeys(WORDS)),
    "FuzzyWordCompleter": FuzzyWordCompleter(WORDS),
    "WordCompleter, WORD=True": WordCompleter(WORDS, WORD=True),
}


def complete(completer, text):
    found = completer.get_completions(Document(text), CompleteEvent(completion_requested=True))
    return [text[: len(text) + one.start_position] + one.text for one in found]


seen = {name: [complete(completer, text) for text in TYPED] for name, completer in COMPLETERS.items()}
for name, found in seen.items():
    print(f"{name}: {dict(zip(TYPED, found))}")
wrong = [["flattr-tui"], ["flattr-tags"], ["year:2012-05"], [], []]
unchanged = seen == {
    "WordCompleter": wrong,
    "NestedCompleter": wrong,
    "FuzzyWordCompleter": [["flattr-tui"], [], [], [], []],
    "WordCompleter, WORD=True": [["flattr-tui"], ["flattr-tui"], ["year:2012"], ["c++"], ["owner:ada"]],
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
