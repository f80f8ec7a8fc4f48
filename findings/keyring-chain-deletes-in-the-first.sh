#!/usr/bin/env bash
# Where two keyrings are chained, a password can be read that can't be deleted.
#
# Guess: `delete_password` of a chain deletes what its `get_password` finds: afterwards there is none.
# What happens: Reading asks one keyring after the other, but deleting stops at the first one. If that has no such
# password, PasswordDeleteError says that there is none, though the next one has it; if both have one, the second comes
# to light. keyring chains by itself when it finds two, such as KWallet and the Secret Service, so a token from before
# the other was installed survives each logout.
# Versions: keyring 25.7.0.
# Source: run of this script; https://github.com/jaraco/keyring/issues/697.
# In this program: a logout deletes from each keyring of a chain (api/token_store.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check keyring==25.7.0
python=venv/bin/python
"$python" - <<'PYTHON'
import sys
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.errors import PasswordDeleteError


class Memory(KeyringBackend):
    priority = 1

    def __init__(self, **passwords):
        super().__init__()
        self.passwords = passwords

    def get_password(self, service, username):
        return self.passwords.get(username)

    def set_password(self, service, username, password):
        self.passwords[username] = password

    def delete_password(self, service, username):
        if username not in self.passwords:
            raise PasswordDeleteError("Password not found")
        del self.passwords[username]


class Chain(ChainerBackend):
    backends = Memory(both="new"), Memory(both="old", second="old")


chain, seen = Chain(), {}
for name in ("both", "second"):
    try:
        chain.delete_password("service", name)
        said = "deleted"
    except PasswordDeleteError as error:
        said = str(error)
    seen[name] = said, chain.get_password("service", name)
    print(f"{name}: {said}; then it is", seen[name][1])
unchanged = seen == {"both": ("deleted", "old"), "second": ("Password not found", "old")}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
