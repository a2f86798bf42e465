"""The page: a pure function of the evidence, one small file, honest about what was not run, and safe."""
from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest

from checks.errors import RequestError
from reports import render as module
from reports import schema, wording
from reports.render import LIMIT, render

ATTACK = "<script>alert(1)</script>"


def page_of(world, **options) -> str:
    return render(world.folder, world.page, world.root, **options).read_text()


def row_of(page: str, id: str) -> str:
    rows = re.findall(r"<tr data-text=.*?</tr>", page, re.S)
    return next(row for row in rows if f"<code>{id}</code>" in row)


def section_of(page: str, id: str) -> str:
    found = re.search(rf'<article class="claim" id="{id.replace("/", "--")}".*?</article>', page, re.S)
    assert found
    return found[0]


class Links(HTMLParser):
    """Collects what a page would load, its ids and the fragments it links to."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.fragments: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if tag == "a" and name == "href" and (value or "").startswith("#"):
                self.fragments.add((value or "")[1:])
            if name in ("src", "srcset", "data") or (name == "href" and tag in ("link", "image", "base")):
                self.loads.append(f"{tag} {value}")


def test_same_evidence_gives_the_same_bytes_anywhere(full_world, tmp_path: Path) -> None:
    one = render(full_world.folder, tmp_path / "a" / "one.html", full_world.root).read_bytes()
    two = render(full_world.folder, tmp_path / "two.html", full_world.root).read_bytes()
    assert one == two
    assert str(full_world.root).encode() not in one


def test_one_small_file_that_loads_nothing(full_world) -> None:
    page = page_of(full_world)
    links = Links()
    links.feed(page)
    assert links.loads == []
    assert "@import" not in page and not re.search(r"url\((?!#)", page)
    assert len(page.encode()) < LIMIT
    assert len(set(links.ids)) == len(links.ids), "an id stands twice"
    assert links.fragments <= set(links.ids), "a link leads nowhere"


def test_every_claim_has_its_formula_steps_numbers_and_replay_command(full_world) -> None:
    section = section_of(page_of(full_world), "implicit_bias/update_size_bound")
    statement = ("<math", "Lemma 4.2", "restored", "inside the root", "second moment", "declared with the symbols",
                 "v[j] is fixed before step k, known to F[k], iff j ≤ k - 1")
    proof = ("induction", "z3, cvc5", "an instance for n terms", "seed 7")
    battery = ("120,000", "45,679", "1 − 2×10⁻⁸", "ratio 1.8 without it", "400 steps of rounding")
    for expected in (*statement, *proof, *battery, "theorems replay update_size_bound.json"):
        assert expected in section, expected
    assert section.index(">unroll<") < section.index(">base<") < section.index(">last<")


def test_where_a_bound_is_lost_and_what_is_not_needed_are_shown(full_world) -> None:
    section = section_of(page_of(full_world), "implicit_bias/update_size_bound")
    assert "Where the bound is lost (2 inequalities)" in section
    rows = re.findall(r'<td>main part</td><th scope="row">(.*?)</th><td class="num use" style="--use:(.*?)%">(.*?)</td>', section)
    assert rows == [("unroll", "43.2", "0.4321"), ("conclusion", "25.0", "0.25")]
    assert "not needed" in section and "the proof goes through without it" in section


def test_counts_in_the_header_are_those_of_the_evidence(full_world) -> None:
    top = page_of(full_world).split("</header>")[0]
    counts = re.findall(r"<b>(\d+)</b> ([a-z ]+)<", top)
    assert counts == [
        ("4", "proved"), ("1", "proved modulo"), ("1", "unproved"), ("1", "not run"), ("1", "stale"),
        ("3", "holds"), ("1", "refuted"), ("4", "not run"), ("1", "shown"), ("1", "recorded"),
    ]  # fmt: skip


def test_stale_evidence_is_marked_everywhere_and_never_reads_as_proved(full_world) -> None:
    page = page_of(full_world)
    assert "Some evidence is stale" in page.split("</header>")[0]
    row = row_of(page, "l1_rate/old")
    assert 'data-proof="stale"' in row and "✓" not in row
    section = section_of(page, "l1_rate/old")
    assert "<strong>Stale.</strong>" in section and "was proved" in section


def test_missing_evidence_reads_as_not_run(world) -> None:
    world.prove("a/b")
    page = page_of(world, expected=["a/never"])
    assert row_of(page, "a/never").count("not run") == 3 and "✓" not in row_of(page, "a/never")
    assert 'data-battery="not_run"' in row_of(page, "a/b")
    assert "theorems check a/b" in section_of(page, "a/b")


def test_statuses_that_are_no_pass_look_different_from_those_that_are() -> None:
    passed = {wording.badge(status).tone for status in ("proved", "holds", "shown")}
    names = ("not_run", "skipped", "cited", "stale", "unproved")
    others = {status: wording.badge(status) for status in names}
    assert passed == {"good"}
    assert len({(badge.glyph, badge.tone) for badge in others.values()}) == len(others)
    assert all(badge.tone != "good" and badge.glyph != "✓" for badge in others.values())
    assert wording.badge("never heard of").tone == "none"


def test_what_evidence_says_is_text_never_markup(world) -> None:
    world.prove("a/b", title=ATTACK, summary=ATTACK, convention={ATTACK: ATTACK}, uses=[])
    found = json.loads(world.prove("a/c").read_text())
    found["parts"][0]["conclusion"]["mathml"] = ATTACK
    found["parts"][0]["steps"][0].update(name=ATTACK, mathml=f"<math><mi>{ATTACK}</mi></math>", reason=ATTACK)
    world.write(found)
    world.check("a/c", replay=ATTACK, worst={ATTACK: ATTACK}, device=f'"{ATTACK}')
    world.counterexample("x", title=ATTACK, claim=ATTACK, text=ATTACK)
    figure = world.folder / "counterexample" / "x.svg"
    figure.write_text(figure.read_text().replace("</svg>", f"{ATTACK}</svg>"))
    page = page_of(world)
    assert ATTACK not in page and page.count("<script>") == 1
    assert page.count("&lt;script&gt;alert(1)") >= 9


def test_a_step_of_unknown_source_is_shown_with_its_nested_children(world) -> None:
    world.prove("a/b")
    section = section_of(page_of(world), "a/b")
    nested = re.search(r'<ol class="steps">.*?<ol class="steps">(.*?)</ol>', section, re.S)
    assert nested and ">base<" in nested[1] and ">step<" in nested[1]


def test_recorded_runs_stand_apart_from_the_verdicts(full_world) -> None:
    page = page_of(full_world)
    kept = page[page.index('id="recorded"') :]
    assert "Recorded on NVIDIA H100" in kept and "9,000,000" in kept and "2026-11-20" in kept
    assert "9,000,000" not in section_of(page, "implicit_bias/update_size_bound")


def test_a_recorded_measurement_shows_its_numbers_and_figures_beside_todays(world) -> None:
    today = world.measurement("breast_cancer")
    place = world.root / "reports" / "recorded" / "a GPU" / "measurement"
    place.mkdir(parents=True)
    kept = json.loads(today.read_text())
    kept.update(device="NVIDIA H100", title="Kept on a GPU", numbers=[{"label": "objective gap", "value": 8.25e-7}])
    (place / today.name).write_text(json.dumps(kept))
    (place / "breast_cancer.svg").write_text((today.parent / "breast_cancer.svg").read_text())
    page = page_of(world)
    above, section = page.split('id="recorded"')
    assert "Kept on a GPU" in section and "8.25×10⁻⁷" in section and section.count("<svg") == 1
    assert "8.25×10⁻⁷" not in above and above.count("<svg") >= 1
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) == len(set(ids)) and not [id for id in ids if " " in id]
    (target,) = re.findall(r'href="#(recorded[^"]+)"><code>breast_cancer', section)
    assert target in ids


def test_a_recorded_measurement_older_than_its_sources_is_stale(world) -> None:
    today = world.measurement("breast_cancer")
    place = world.root / "reports" / "recorded" / "measurement"
    place.parent.mkdir(parents=True)
    today.parent.rename(place)
    world.source("breast_cancer", "CLAIM = 2\n")
    world.prove("a/b")
    page = page_of(world)
    assert "The sources of this run have changed" in page[page.index('id="recorded"') :]


def test_a_recorded_figure_outside_its_folder_is_refused(world) -> None:
    world.prove("a/b")
    today = world.measurement("x", figures=["../../../evidence/measurement/x.svg"])
    place = world.root / "reports" / "recorded" / "measurement" / "x.json"
    place.parent.mkdir(parents=True)
    today.rename(place)
    with pytest.raises(RequestError, match="outside"):
        page_of(world)


def test_kept_files_of_another_kind_are_named_not_dropped(world) -> None:
    world.prove("a/b")
    place = world.root / "reports" / "recorded" / "bench.json"
    place.parent.mkdir(parents=True)
    place.write_text('{"machine": 1}')
    assert "reports/recorded/bench.json" in page_of(world)


def test_no_evidence_is_a_sentence(world) -> None:
    with pytest.raises(RequestError, match="theorems report --run"):
        page_of(world)


def test_a_failed_render_leaves_the_old_page(world) -> None:
    path = world.check("a/b")
    before = page_of(world)
    path.write_text("{")
    with pytest.raises(RequestError, match="not valid JSON"):
        page_of(world)
    assert world.page.read_text() == before


def test_a_figure_outside_the_evidence_is_refused(world) -> None:
    world.counterexample("x", figures=["../../../secret.svg"])
    with pytest.raises(RequestError, match="outside"):
        page_of(world)


def test_an_output_that_cannot_be_written_is_a_sentence(world) -> None:
    world.check("a/b")
    world.page.parent.write_text("a file where the folder should be")
    with pytest.raises(RequestError, match="choose a folder that can be written"):
        page_of(world)


def test_a_page_too_large_loses_step_formulas_first_and_says_so(full_world, monkeypatch) -> None:
    whole = len(page_of(full_world).encode())
    monkeypatch.setattr(module, "LIMIT", whole - 1)
    page = page_of(full_world)
    assert len(page.encode()) < whole and "Formulas of single steps are left out" in page
    assert 'class="formula scroll" role="group" aria-label="conclusion' in page


def test_a_page_too_large_even_so_names_the_largest_figure(full_world, monkeypatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 1000)
    with pytest.raises(RequestError, match="largest, of (momentum_order|breast_cancer)"):
        page_of(full_world)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "–"), (0.99999998, "1 − 2×10⁻⁸"), (1.0, "1"), (1.00001, "1 + 1×10⁻⁵"), (3.1e-9, "3.1×10⁻⁹"),
     (0, "0"), (123456, "123,456"), (1e6, "1,000,000"), (2.5e20, "2.5×10²⁰"), (-0.5, "−0.5"), ("4/3", "4/3"),
     (float("inf"), "∞"), (float("nan"), "not a number"), (0.84521, "0.8452")],
)  # fmt: skip
def test_numbers_read_well(value: object, expected: str) -> None:
    assert wording.number(value) == expected


def test_every_verdict_the_evidence_may_hold_has_words_of_its_own() -> None:
    tightness = schema.Tightness.model_fields["status"].annotation
    literals = (schema.Proof, schema.Discharge, schema.Outcome, tightness)
    for status in {word for literal in literals for word in get_args(literal)}:
        assert status in wording.BADGES, status
