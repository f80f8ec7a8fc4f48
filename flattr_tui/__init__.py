"""A keyboard-driven, offline-first terminal client of the Flattr REST API v2.

The layers from top to bottom are `cli`, `linear_mode`, `ui`, `library`, `api` and `store`, `settings` and `paths`, and
`model`. Each layer imports only layers below it. Only `cli` imports the `sandbox`, a complete Flattr server.
"""

__version__ = "0.1.0"
