"""A complete Flattr API v2 server with invented data.

The sandbox is the program's default source (called in-process over ASGI), the server for the program's tests, and
through `flattr-tui serve` a server for other clients. It imports nothing else of this project, so that client and
server cannot share a mistake. Source of the protocol: the public repository `flattr/developers.flattr.net`,
content/api/.
"""
