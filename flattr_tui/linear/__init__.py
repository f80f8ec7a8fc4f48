"""Linear mode: the same places as text that scrolls, for screen readers, dumb terminals, scripts and logs."""
