"""The commands, one module each, named after its command. `root_command` has the table of them."""
