"""Linear mode prints text that scrolls instead of drawing a screen: for screen readers, dumb terminals and scripts."""
