#!/usr/bin/env bash
# A help text that begins with `.netrc` or a quote is missing in the manual page, in three of six programs that write
# them.
#
# Guess: What writes a manual page from another text escapes what roff would take for a request: a dot or an apostrophe
# at the beginning of a line.
# What happens: argparse-manpage, click-man and remark-man write `.netrc in the home folder is read` as it is. roff
# takes it for a macro that isn't defined, and man shows nothing: an option stands there without its text, and man says
# nothing unless warnings are switched on. So it is with `'dark' or 'light'`. argparse-manpage escapes backslashes, so
# it does know roff; remark-man loses such lines of code as well. docutils, marked-man and pandoc keep all.
# Versions: argparse-manpage 4.8, click-man 0.6.0 with click 8.5.1, docutils 0.22.4, pypandoc-binary 1.17; remark-man
# 9.0.0 with unified 11.0.5, marked-man 2.1.1 with marked 18.2.1 on Node 20; GNU groff, whichever is installed.
# Source: run of this script; groff's manual, 'Requests and Macros': `\&` in front makes it text.
# In this program: the manual page is written by tests/man_page.py, which escapes both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check argparse-manpage==4.8 click-man==0.6.0 click==8.5.1 \
  docutils==0.22.4 pypandoc-binary==1.17 setuptools==75.8.0
npm install --silent --no-audit --no-fund remark-man@9.0.0 remark-parse@11.0.0 unified@11.0.5 marked-man@2.1.1 \
  marked@18.2.1 >/dev/null
cat >convert.mjs <<'SCRIPT'
import {readFileSync} from 'node:fs';
import remarkMan from 'remark-man';
import remarkParse from 'remark-parse';
import {unified} from 'unified';

console.log(String(await unified().use(remarkParse).use(remarkMan).process(readFileSync('page.md'))));
SCRIPT
venv/bin/python - <<'PYTHON'
import argparse, re, subprocess, sys
import click, docutils.core, pypandoc
from build_manpages.manpage import Manpage
from click_man.core import generate_man_page

DOT, QUOTE = ".netrc in the home folder is read", "'dark' or 'light'"
parser = argparse.ArgumentParser("prog", description="a program")
parser.add_argument("--login", help=DOT)
parser.add_argument("--theme", help=QUOTE)


@click.command(help="a program")
@click.option("--login", help=DOT)
@click.option("--theme", help=QUOTE)
def prog(login, theme):
    pass


MARKDOWN = f"# prog(1) -- a program\n\n## LOGIN\n\n{DOT}\n\n## THEME\n\n{QUOTE}\n"
with open("page.md", "w") as file:
    file.write(MARKDOWN)


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


pages = {
    "argparse-manpage": str(Manpage(parser)),
    "click-man": generate_man_page(click.Context(prog, info_name="prog"), version="1"),
    "remark-man": run("node", "convert.mjs"),
    "docutils": docutils.core.publish_string(f"prog\n====\n\n{DOT}\n\n{QUOTE}\n", writer="manpage").decode(),
    "marked-man": run("npx", "marked-man", "page.md"),
    "pandoc": pypandoc.convert_text(MARKDOWN, "man", format="markdown-smart", extra_args=["--standalone"]),
}
lost = {}
for name, page in pages.items():
    with open("page.1", "w") as file:
        file.write(page)
    text = re.sub(r"\s+", " ", run("groff", "-man", "-Tascii", "-P-cbou", "page.1"))
    lost[name] = [word for word in ("netrc", "light") if word not in text]
    print(f"{name}: lost", lost[name])
unchanged = {name for name, words in lost.items() if words} == {"argparse-manpage", "click-man", "remark-man"}
unchanged &= all(len(words) in (0, 2) for words in lost.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
