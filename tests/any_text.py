"""A Hypothesis strategy for texts of any characters."""

from functools import partial

from hypothesis import strategies as st

any_text = partial(st.text, st.characters(exclude_categories=["Cs"]))
"""The same as `st.text`. Only its first use is a second faster: Hypothesis tries to encode each default character."""
