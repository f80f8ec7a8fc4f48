"""`python -m flattr_tui` is the same as `flattr-tui`."""

from flattr_tui.cli import main

if __name__ == "__main__":
    main()
