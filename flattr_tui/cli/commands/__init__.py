"""The commands of `flattr-tui`. Each has a module with its name; `cli.root_command` contains the table of commands."""
