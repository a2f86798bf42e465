"""Figures: the same bytes for the same numbers, and harmless and apart from each other on the page."""
from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from checks.errors import RequestError
from reports import figures
from reports.svg import embed


def _drawing(path: Path) -> Path:
    fig, axes = figures.figure(4, 2, ncols=2)
    axes[0].plot([1, 2, 3.123456789], [1, 4, 9], label=r"$x^2$")
    axes[1].fill_between([0, 1], [0, 1], alpha=0.3, hatch="/")
    axes[0].legend()
    return figures.save(fig, path)


def test_same_figure_same_bytes(tmp_path: Path) -> None:
    one, two = _drawing(tmp_path / "one.svg"), _drawing(tmp_path / "two.svg")
    assert one.read_bytes() == two.read_bytes()
    assert "<text" in one.read_text() and "dc:date" not in one.read_text()


def test_figure_into_a_file_instead_of_a_folder_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(RequestError, match="choose a folder"):
        _drawing(tmp_path / "taken" / "one.svg")


def test_embedded_figure_keeps_its_drawing_and_refers_only_to_itself(tmp_path: Path) -> None:
    path = _drawing(tmp_path / "one.svg")
    root = ET.fromstring(embed(path, "a-", "Squares & more"))
    assert root.get("aria-label") == "Squares & more"
    assert len(root.findall(".//text")) == path.read_text().count("<text")
    assert len(root.findall(".//path")) == path.read_text().count("<path")
    ids = {element.get("id") for element in root.iter() if element.get("id")}
    assert ids and all(name.startswith("a-") for name in ids)
    links = {element.get("href") for element in root.iter() if element.get("href")}
    assert links and links <= {f"#{name}" for name in ids}
    assert all(f"#{name})" in ET.tostring(root, encoding="unicode") for name in ids if "clip" in name)


def test_embedding_makes_the_figure_smaller(tmp_path: Path) -> None:
    path = _drawing(tmp_path / "one.svg")
    assert len(embed(path, "a-", "x")) < 0.9 * path.stat().st_size


HARMFUL = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 onload="alert(1)">
<script>alert(1)</script><style>body {display: none}</style><foreignObject><p>hi</p></foreignObject>
<g onclick="alert(1)"><a href="javascript:alert(1)"><path d="M0 0"/></a>
<use xlink:href="http://example.com/x.svg#a"/><image href="http://example.com/x.png"/>
<rect style="fill: url(http://example.com/a#b)" fill="url(#here)"/><path d="M1 1"/></g></svg>"""


def test_harmful_parts_are_dropped_and_the_rest_stays(tmp_path: Path) -> None:
    path = tmp_path / "bad.svg"
    path.write_text(HARMFUL)
    made = embed(path, "a-", "x")
    gone = ("alert", "script", "example.com", "display: none", "<image", "hi")
    assert not any(word in made for word in gone)
    assert 'd="M1 1"' in made and 'fill="url(#a-here)"' in made


@pytest.mark.parametrize("content", [None, "no svg", "<html/>", "<!DOCTYPE s [<!ENTITY a 'b'>]><svg/>"])
def test_a_missing_or_broken_figure_is_a_sentence(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "x.svg"
    if content is not None:
        path.write_text(content)
    with pytest.raises(RequestError, match="SVG; "):
        embed(path, "a-", "x")
