#!/usr/bin/env bash
# Of two parameters of one name, httpx reads the first and Starlette the last, and httpx moves them when one is added.
#
# Guess: `QueryParams` of Starlette and of httpx, which has it from the same authors, agree on `params['page']` of
# `?page=1&page=2`. `copy_add_param` appends to the address and leaves the rest as it is.
# What happens: `['page']` is 1 in httpx and 2 in Starlette, so a client and its own server disagree about one address.
# `copy_add_param` writes the whole query anew: values of one name are put side by side, and `?wsdl` becomes `?wsdl=`. A
# signature over the query no longer fits.
# Versions: httpx 0.28.1, starlette 1.10.0.
# Source: run of this script.
# In this program: the sandbox takes the last one, as PHP and so Flattr did; addresses are put together whole.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check httpx==0.28.1 starlette==1.10.0
python=venv/bin/python
"$python" - <<'PYTHON'
import sys
import httpx
from starlette.datastructures import QueryParams

seen = httpx.QueryParams("page=1&page=2")["page"], QueryParams("page=1&page=2")["page"]
added = [str(httpx.URL(f"https://h/?{query}").copy_add_param("c", "4")) for query in ("a=1&b=2&a=3", "wsdl")]
print("page: httpx", seen[0], "Starlette", seen[1])
print("with c=4 added to ?a=1&b=2&a=3 and ?wsdl:", *added)
unchanged = seen == ("1", "2") and added == ["https://h/?a=1&a=3&b=2&c=4", "https://h/?wsdl=&c=4"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
