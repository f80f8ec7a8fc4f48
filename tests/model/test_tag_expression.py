"""Tests that the client's tag expressions agree with the service's documentation and with the sandbox."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flattr_tui.model.tag_expression import TagSyntaxError, format_tags, matches, parse_tags
from flattr_tui.sandbox.data_search import TagError, compile_tags


@pytest.mark.parametrize(
    ("text", "tags", "expected"),
    [
        ("ruby", {"ruby"}, True),
        ("ruby", {"rubyist"}, False),
        ("Ruby", {"rUBY"}, True),
        ("game | games ! software", {"game"}, True),
        ("game | games ! software", {"games", "software"}, False),
        ("game | games ! software", {"game", "software"}, False),
        ("photo & flickr ! illustrations", {"photo", "flickr"}, True),
        ("photo & flickr ! illustrations", {"photo", "flickr", "illustrations"}, False),
        ("photos & travel & iphone !flickr", {"photos", "travel", "iphone"}, True),
        ("a | b & c", {"a"}, True),
        ("a | b & c", {"b"}, False),
        ("!a", {"b"}, True),
        ("!!a", {"a"}, True),
        ("free software", {"free software"}, True),
        ("free   software", {"free software"}, True),
        ("C (language) & book", {"c (language)", "book"}, True),
        ("a | b ! c & d | e", {"b", "d"}, True),
        ("a | b ! c & d | e", {"b", "c", "d"}, False),
        ("a | b ! c & d | e", {"c", "e"}, True),
        ("!" * 999 + "a", {"b"}, True),
        ("a |" * 333 + "b", {"b"}, True),
    ],
)
def test_expressions_match_as_documented(text: str, tags: set[str], expected: bool) -> None:
    assert matches(parse_tags(text), tags) is expected


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("a |", 3),
        ("a | & b", 4),
        ("& a", 0),
        ("a & ", 4),
        ("!", 1),
        ("x" * 1001, 1000),
        ("a & (b | c)", 4),
        ("!(a)", 1),
        ("a & b)", 5),
        ("a & b (c", 6),
        ("a )b(", 2),
    ],
)
def test_a_syntax_error_has_a_position(text: str, position: int) -> None:
    with pytest.raises(TagSyntaxError) as caught:
        parse_tags(text)
    assert caught.value.position == position
    assert str(caught.value).endswith(".")
    with pytest.raises(TagError) as refused:
        compile_tags(text)
    assert refused.value.position == position


EXPRESSIONS = st.text(st.sampled_from("aB c|&!()  "), max_size=14)


@given(EXPRESSIONS, st.sets(st.sampled_from(["a", "b", "c", "ab", "a b"])))
def test_the_client_and_the_sandbox_agree(text: str, tags: set[str]) -> None:
    try:
        theirs = compile_tags(text)
    except TagError:
        with pytest.raises(TagSyntaxError):
            parse_tags(text)
    else:
        assert matches(parse_tags(text), tags) is theirs({tag.casefold() for tag in tags})


@given(EXPRESSIONS, st.sets(st.sampled_from(["a", "b", "c", "ab", "a b"])))
def test_a_formatted_expression_matches_the_same_and_is_stable(text: str, tags: set[str]) -> None:
    try:
        expression = parse_tags(text)
    except TagSyntaxError:
        return
    normal = format_tags(expression)
    assert matches(parse_tags(normal), tags) is matches(expression, tags)
    assert format_tags(parse_tags(normal)) == normal
