"""A keyboard-driven, offline-first terminal client of the Flattr REST API v2.

The layers, from top to bottom: `cli`, `linear`, `ui`, `library`, `api` and `store`, `settings` and `paths`, `model`.
Each layer imports only layers below it. The `sandbox`, a complete Flattr server, stands apart: only `cli` imports it.
"""

__version__ = "0.1.0"
