#!/usr/bin/env bash
# A client that openapi-python-client makes can't be imported where a body may be JSON or a form.
#
# Guess: Each module of a generated client can be imported, or the generator warns of an operation that it can't do. If
# a body has two media types, the first is taken, or the caller chooses.
# What happens: For two media types of a required body it writes `body: JsonBody | DataBody | Unset = UNSET`, without
# importing `Unset`: NameError. The generator ends well, and a test that imports other modules passes. A body that isn't
# required works. If both media types have one schema, as in most descriptions, the two classes are one, so the JSON and
# the form are handed to httpx together, labelled as a form: what is sent is the form.
# Versions: openapi-python-client 0.29.1, httpx 0.28.1.
# Source: run of this script; openapi_python_client/templates/endpoint_macros.py.jinja.
# In this program: the description that the sandbox serves has bodies of JSON only, though forms are accepted
# (cli/openapi.py); until this finding it had both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check openapi-python-client==0.29.1 httpx==0.28.1
venv/bin/python - <<'PYTHON'
import importlib, json, subprocess, sys
import httpx

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
OWN = {"type": "object", "properties": {"url": {"type": "string"}}}
SHARED = {"$ref": "#/components/schemas/Thing"}


def post(name, kinds, schema, required):
    body = {"required": required, "content": {kind: {"schema": schema} for kind in kinds}}
    return {"post": {"operationId": name, "requestBody": body, "responses": {"204": {"description": "done"}}}}


paths = {
    "/one": post("one_kind", [JSON], OWN, True),
    "/two": post("two_kinds", [JSON, FORM], OWN, True),
    "/optional": post("optional", [JSON, FORM], OWN, False),
    "/shared": post("shared", [JSON, FORM], SHARED, False),
}
described = {"openapi": "3.0.3", "info": {"title": "things", "version": "1"}, "paths": paths}
with open("api.json", "w") as file:
    json.dump(described | {"components": {"schemas": {"Thing": OWN}}}, file)
with open("settings.yml", "w") as file:
    file.write("post_hooks: []\n")
command = ["venv/bin/openapi-python-client", "generate", "--path", "api.json", "--config", "settings.yml"]
command += ["--output-path", "client", "--meta", "none"]
done = subprocess.run(command, capture_output=True, text=True)
sys.path.insert(0, ".")
seen = {"generator": done.returncode}
for name in ("one_kind", "two_kinds", "optional", "shared"):
    try:
        importlib.import_module(f"client.api.default.{name}")
        seen[name] = "can be imported"
    except NameError as error:
        seen[name] = str(error).partition(".")[0]
from client.api.default import shared
from client.models.thing import Thing

asked = httpx.Client(base_url="http://h").build_request(**shared._get_kwargs(body=Thing(url="x")))
seen["sent"] = asked.headers["content-type"], asked.read().decode()
for name, what in seen.items():
    print(f"{name}: {what}")
unchanged = seen["generator"] == 0 and seen["two_kinds"] == "name 'Unset' is not defined"
unchanged &= seen["one_kind"] == seen["optional"] == seen["shared"] == "can be imported"
unchanged &= seen["sent"] == (FORM, "url=x")

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
