"""The one way by which a server's text becomes text of ours."""


def clean(text: str) -> str:
    """Take out what a terminal could obey: C0 (but newline), ESC, DEL, C1, bidi overrides and isolates, lone surrogates.

    Tabs become a blank, CR LF and CR become newlines. Idempotent.
    """
    raise NotImplementedError


def line(text: str) -> str:
    """Clean a text that is shown on one line: every run of white space becomes one blank."""
    raise NotImplementedError
