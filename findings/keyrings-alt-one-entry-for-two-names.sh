#!/usr/bin/env bash
# The file keyring of keyrings.alt keeps one password for the names Ada and ada.
#
# Guess: a keyring tells users by their name as it is written: what is set for `ada` leaves the entry of `Ada` alone,
# as the other backends do.
# What happens: user names are options of an INI file, which ConfigParser writes in lower case. Setting one
# overwrites the other. Services are sections and keep their case.
# Versions: keyrings.alt 5.0.2, keyring 25.7.0.
# Source: run of this script.
# In this program: Flattr's names are the same whatever their case, so one entry is right here; a program whose users
# are not needs to escape them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check keyrings.alt==5.0.2 keyring==25.7.0
python=venv/bin/python
"$python" - <<'PYTHON'
import sys
from keyrings.alt.file import PlaintextKeyring

ring = PlaintextKeyring()
ring.file_path = "passwords.cfg"
ring.set_password("service", "Ada", "first")
ring.set_password("service", "ada", "second")
ring.set_password("SERVICE", "ada", "third")
seen = [ring.get_password(*names) for names in (("service", "Ada"), ("service", "ada"), ("SERVICE", "ada"))]
print("Ada, ada, ada of SERVICE:", seen)
unchanged = seen == ["second", "second", "third"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
