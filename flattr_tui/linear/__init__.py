"""Linear mode: the places of the program as text that scrolls, for screen readers, dumb terminals, scripts and logs."""
