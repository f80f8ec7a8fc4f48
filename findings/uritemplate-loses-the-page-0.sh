#!/usr/bin/env bash
# uritemplate expands `{?page}` with the page 0 to `?page=`.
#
# Guess: A number is written in digits: RFC 6570 has `{?x}` with 1024, and only null and undefined are left out. So 0 is
# `?page=0`, and False `?page=false` or `?page=False`.
# What happens: In `{?…}` and `{&…}` what is false in Python has no value: 0 and False are `page=`, though `{page}` and
# `{/page}` write 0. GitHub's client github3.py and others build their addresses with it: the first page of a service
# that counts from 0 is asked for without its number. The text `'0'` is written. Two other libraries write `page=0`.
# Versions: uritemplate 4.2.0; uri-template 1.3.0 and std-uritemplate 2.0.12 for comparison.
# Source: run of this script; uritemplate/variable.py; RFC 6570, 2.3 (which values are undefined) and 3.2.8.
# In this program: addresses are put together from a method's parameters (api/prepared_request.py); page 0 is not sent.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check uritemplate==4.2.0 uri-template==1.3.0 \
  std-uritemplate==2.0.12
venv/bin/python - <<'PYTHON'
import sys
import uri_template, uritemplate
from stduritemplate import StdUriTemplate

seen = {}
for template in ("{?page}", "{&page}", "{page}", "{/page}"):
    for page in (1, 0, False, "0"):
        seen[template, repr(page)] = (
            uritemplate.expand(template, {"page": page}),
            uri_template.expand(template, page=page),
            StdUriTemplate.expand(template, {"page": page}),
        )
        print(f"{template} with {page!r}: uritemplate, uri-template, std-uritemplate:", *seen[template, repr(page)])
unchanged = {case for case, texts in seen.items() if texts[0].endswith("=")} == {
    ("{?page}", "0"), ("{?page}", "False"), ("{&page}", "0"), ("{&page}", "False")
}
unchanged &= seen["{?page}", "0"] == ("?page=", "?page=0", "?page=0") and seen["{/page}", "0"][0] == "/0"
unchanged &= seen["{?page}", "'0'"] == ("?page=0",) * 3

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
