"""Draw the output of a command as a picture of a terminal."""

import io
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from pictures.photograph import Shot, photograph
from pictures.picture import WIDTH

COLUMNS = 132
# GitHub's dark colours: background, text, then the eight of ANSI.
THEME = TerminalTheme(
    (13, 17, 23),
    (201, 209, 217),
    [
        (72, 79, 88),
        (255, 123, 114),
        (63, 185, 80),
        (210, 153, 34),
        (88, 166, 255),
        (188, 140, 255),
        (57, 197, 207),
        (177, 186, 196),
    ],
)
# Rich's own template without its web fonts.
SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" width="{width}" height="{height}"
     xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: {char_height}px;
  line-height: {line_height}px; font-variant-east-asian: full-width;}}
.{unique_id}-title {{font-size: 18px; font-weight: bold; font-family: Verdana, "DejaVu Sans", sans-serif;}}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""


def svg(title: str, output: str) -> str:
    """Return a terminal that shows the output, colours by ANSI codes; long lines are wrapped."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(output))
    return console.export_svg(title=title, theme=THEME, code_format=SVG)


def draw(title: str, output: str, file: Path) -> None:
    """Write the picture of a terminal with this output; raise Skipped where Chromium is missing."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "terminal.html")
        style = f"body{{margin:0;background:#0d1117}} svg{{display:block;width:{WIDTH}px;height:auto}}"
        page.write_text(f"<!doctype html><meta charset=utf-8><style>{style}</style>{svg(title, output)}", "utf-8")
        photograph([Shot(page.as_uri(), file)])
