#!/usr/bin/env bash
# requests-toolbelt can't read a multipart body that begins with the usual line for old mail programs.
#
# Guess: `This is a multi-part message in MIME format.` in front of the first boundary is skipped, as Python's email
# does: it is no part.
# What happens: The decoder cuts the body at each boundary and takes what is in front of the first one for a part; that
# has no head, so it raises ImproperBodyPartContentException. Nothing of the body can be read then. Text behind the last
# boundary is skipped if it is set off by a line break.
# Versions: requests-toolbelt 1.0.0; Python's email for comparison.
# Source: run of this script; requests_toolbelt/multipart/decoder.py, `_parse_body`; RFC 2046, 5.1.1: what is before the
# first boundary is to be ignored.
# In this program: mails and saved pages are read by Python's email (library/import_export/embedded_files.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check requests-toolbelt==1.0.0
venv/bin/python - <<'PYTHON'
import email, sys
from requests_toolbelt import MultipartDecoder
from requests_toolbelt.multipart.decoder import ImproperBodyPartContentException

TYPE = "multipart/mixed; boundary=B"
PARTS = b"--B\r\nContent-Type: text/plain\r\n\r\none\r\n--B\r\n\r\ntwo\r\n--B--\r\n"
PREAMBLE = b"This is a multi-part message in MIME format.\r\n"


def by_toolbelt(body):
    try:
        return [part.text for part in MultipartDecoder(body, TYPE).parts]
    except ImproperBodyPartContentException as error:
        return str(error)


def by_email(body):
    message = email.message_from_bytes(f"Content-Type: {TYPE}\r\n\r\n".encode() + body)
    return [part.get_payload() for part in message.get_payload()]


seen = [(by_toolbelt(body), by_email(body)) for body in (PARTS, PARTS + b"epilogue\r\n", PREAMBLE + PARTS)]
for name, (toolbelt, mail) in zip(("plain", "epilogue", "preamble"), seen):
    print(f"{name}: requests-toolbelt {toolbelt}, email {mail}")
unchanged = [mail for _, mail in seen] == [["one", "two"]] * 3
unchanged &= seen[0][0] == seen[1][0] == ["one", "two"] and seen[2][0] == "content does not contain CR-LF-CR-LF"

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
