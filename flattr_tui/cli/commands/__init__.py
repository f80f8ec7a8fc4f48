"""The commands of `flattr-tui`: a module for each command, or for a few related ones. `cli.root_command` lists them."""
