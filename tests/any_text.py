"""Texts of any characters for Hypothesis."""

from functools import partial

from hypothesis import strategies as st

any_text = partial(st.text, st.characters(exclude_categories=["Cs"]))
"""`st.text` without the second that its own alphabet, the same one, takes at first: it encodes each character."""
