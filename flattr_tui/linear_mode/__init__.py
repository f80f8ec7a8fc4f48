"""Linear mode: the program's modes as text that scrolls, for screen readers, dumb terminals, scripts and logs."""
