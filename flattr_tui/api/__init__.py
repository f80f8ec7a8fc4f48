"""The protocol of Flattr's API: the table of methods, the client, its errors, login and tokens."""

import sys

# httpx imports the modules of its own command line, with Pygments, if it can: two fifths of the time that its import
# takes (107 and 61 ms of CPU time). It is documented that importing a module whose entry is None fails at once.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
