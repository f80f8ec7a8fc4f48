"""A keyboard-driven, offline-first terminal client of the Flattr REST API v2.

The layers, from top to bottom; each imports only those below it: `cli`, `ui`, `library`, `api` and `store`, `settings`
and `paths`, `model`. The `sandbox`, a complete Flattr server, stands apart: only `cli` imports it.
"""

__version__ = "0.1.0"
