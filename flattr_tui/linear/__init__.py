"""Linear mode: the program's places as text that scrolls, for screen readers, dumb terminals, scripts and logs."""
