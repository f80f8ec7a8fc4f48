#!/usr/bin/env bash
# betamax can't play a cassette of Ruby's VCR, whose format it says to have.
#
# Guess: betamax plays a cassette that VCR recorded as JSON: 'Betamax can use any VCR-recorded cassette', its README says.
# What happens: VCR writes `recorded_at` as HTTP does (`Mon, 06 May 2013 07:08:09 GMT`), and betamax stops with a
# ValueError before the first request. With the time rewritten no recording matches, since VCR writes `get` and betamax
# compares it with `GET`. With both changed it plays, if each response also names its `url`.
# Versions: betamax 0.9.0 with requests 2.34.2; the cassette has the form that VCR 2 to 6 writes.
# Source: run of this script; betamax's README, 'VCR Cassette Compatibility'; betamax/cassette/interaction.py, line 46;
# betamaxpy/betamax, issue 2.
# In this program: `import` reads both (library/import_export/http_recordings.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check betamax==0.9.0 requests==2.34.2
venv/bin/python - <<'PYTHON'
import copy, json, sys
import betamax, requests

ADDRESS = "http://example.org/users/ada"
VCR = {
    "http_interactions": [
        {
            "request": {
                "method": "get",
                "uri": ADDRESS,
                "body": {"encoding": "US-ASCII", "string": ""},
                "headers": {"Accept": ["*/*"], "Host": ["example.org"]},
            },
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {"Content-Type": ["application/json"]},
                "body": {"encoding": "UTF-8", "string": "{}"},
                "http_version": None,
            },
            "recorded_at": "Mon, 06 May 2013 07:08:09 GMT",
        }
    ],
    "recorded_with": "VCR 5.0.0",
}


def play(name, tape):
    with open(f"{name}.json", "w") as file:
        json.dump(tape, file)
    session = requests.Session()
    try:
        with betamax.Betamax(session, cassette_library_dir=".").use_cassette(name, record="none"):
            return session.get(ADDRESS).text
    except (ValueError, betamax.BetamaxError) as error:
        return type(error).__name__


seen, tape = [play("as-recorded", VCR)], copy.deepcopy(VCR)
[recorded] = tape["http_interactions"]
for part, name, value in (
    (recorded, "recorded_at", "2013-05-06T07:08:09"),
    (recorded["response"], "url", ADDRESS),
    (recorded["request"], "method", "GET"),
):
    part[name] = value
    seen.append(play(f"with-{name}", tape))
print("as recorded, with another time, with the address, with another method:", *seen)
if seen != ["ValueError", "BetamaxError", "BetamaxError", "{}"]:
    sys.exit("This has changed.")
print("As described.")
PYTHON
