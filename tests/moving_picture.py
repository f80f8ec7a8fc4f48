"""Several pictures of the program as one SVG that shows them in turn, without a script: it moves in an `<img>` as well.

What Rich writes for a picture is made smaller: styles that pictures share are written once, and what clips each line
and sharpens each rectangle is left out or said once. 80x24 cells take about 25 KB, of 40.
"""

import html
import re
from collections.abc import Sequence

SECONDS = 2.5
"""How long each picture is shown."""
_STYLE = re.compile(r"\.terminal(?:-\d+)?-(r\d+) \{([^}]*)\}")
_BODY = re.compile(r'<g transform="translate\(9, 41\)"[^>]*>(.*)</g>\s*</svg>', re.DOTALL)
_MATRIX = re.compile(r'<g class="terminal(?:-\d+)?-matrix">')
_CLASS = re.compile(r'class="terminal(?:-\d+)?-(r\d+)"')
_LEFT_OUT = re.compile(r' clip-path="url\([^"]*\)"| shape-rendering="crispEdges"')
_EMPTY = re.compile(r'<text [^>]*textLength="0"[^>]*>\s*</text>')
_SHAPE = """\
<svg viewBox="{view}" xmlns="http://www.w3.org/2000/svg">
<style>
rect {{ shape-rendering: crispEdges }}
.frame {{ visibility: hidden; font: 20px Fira Code, monospace; white-space: pre; animation: show {total:g}s step-end infinite }}
.frame:first-of-type {{ visibility: visible }}
.title {{ font: bold 18px arial; fill: #c5c8c6; text-anchor: middle }}
@keyframes show {{ 0% {{ visibility: visible }} {share:.3f}% {{ visibility: hidden }} 100% {{ visibility: hidden }} }}
@media (prefers-reduced-motion: reduce) {{ .frame {{ animation: none }} }}
{styles}
</style>
<rect fill="#292929" width="100%" height="100%" rx="8"/>
<circle cx="26" cy="22" r="7" fill="#ff5f57"/><circle cx="48" cy="22" r="7" fill="#febc2e"/><circle cx="70" cy="22" r="7" fill="#28c840"/>
{frames}
</svg>
"""  # noqa: E501 -- CSS


def assemble(pictures: Sequence[tuple[str, str]]) -> str:
    """Put pictures together, each a title and an SVG of Rich, all of one size."""
    classes: dict[str, str] = {}
    frames = [_frame(title, svg, number, classes) for number, (title, svg) in enumerate(pictures)]
    view = re.search(r'viewBox="([^"]*)"', pictures[0][1])
    assert view is not None
    return _SHAPE.format(
        view=view[1],
        total=SECONDS * len(frames),
        share=100 / len(frames),
        styles="\n".join(f".{name} {{ {style.strip()} }}" for style, name in classes.items()),
        frames="\n".join(frames),
    )


def _frame(title: str, svg: str, number: int, classes: dict[str, str]) -> str:
    """Write one picture as a group; its styles become `classes`, from a style to its class."""
    own = {name: classes.setdefault(style, f"c{len(classes)}") for name, style in _STYLE.findall(svg)}
    body = _BODY.search(svg)
    assert body is not None
    text = _MATRIX.sub("<g>", _EMPTY.sub("", _LEFT_OUT.sub("", body[1])))
    text = _CLASS.sub(lambda found: f'class="{own[found[1]]}"', text)
    return (
        f'<g class="frame" style="animation-delay:{number * SECONDS:g}s">'
        f'<text class="title" x="50%" y="28">{html.escape(title)}</text>'
        f'<g transform="translate(9, 41)">{text.strip()}</g></g>'
    )
