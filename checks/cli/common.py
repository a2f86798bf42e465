"""What the commands share: options, output as text or one JSON object, progress on a terminal, devices."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from checks.errors import RequestError

if TYPE_CHECKING:
    from rich.progress import Progress

    from checks.arithmetic import TorchArithmetic

EVIDENCE = Path("reports/evidence")

Claims = Annotated[list[str] | None, typer.Argument(
    help="Claim ids, paper numbers (\"Lemma 4.2\"), folders, patterns (l1_rate/*), or .py files; all claims if none is given.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, nothing else.")]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
Seed = Annotated[int, typer.Option(help="Seed of everything random.")]
Evidence = Annotated[Path, typer.Option(help="Folder for evidence files.")]

GLYPHS = {"proved": "✓", "proved_modulo": "◐", "unproved": "✗", "vacuous": "∅", "rechecked": "✓", "differs": "✗",
          "holds": "✓", "refuted": "✗", "not_run": "○", "cited": "◐", "shown": "✓", "not_shown": "✗", "recorded": "•"}


def arithmetic_for(device: str) -> TorchArithmetic:
    """Float64 on the device asked for; `auto` takes a GPU if there is one. One thread: batches do the work."""
    if device not in ("auto", "cpu", "cuda"):
        raise RequestError(f"there is no device '{device}'; use --device auto, cpu or cuda.")
    import torch

    from checks.arithmetic import TorchArithmetic

    torch.set_num_threads(1)
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return TorchArithmetic(device)


def aside() -> AbstractContextManager[Any]:
    """While work is done, whatever it prints (a user's own check, say) goes to stderr: stdout is for results."""
    return redirect_stdout(sys.stderr)


def emit(as_json: bool, claims: Sequence[dict[str, Any]], lines: Sequence[str], **more: Any) -> None:
    """Print the results as lines, or as `{"claims": [...], "summary": {...}}`; infinity and NaN become text there."""
    if not as_json:
        print("\n".join(lines))
        return
    summary: dict[str, int] = {"total": len(claims)}
    for claim in claims:
        summary[claim["verdict"]] = summary.get(claim["verdict"], 0) + 1
    from reports.evidence import plain

    found = plain({"claims": claims, "summary": {**summary, **more}})
    print(json.dumps(found, ensure_ascii=False, allow_nan=False))


def finish(verdicts: Sequence[str], good: Sequence[str]) -> None:
    """Exit 1 unless every verdict is a good one."""
    if not all(v in good for v in verdicts):
        raise typer.Exit(1)


class Bar:
    """A progress bar on stderr, silent when stderr is no terminal."""

    def __init__(self, progress: Progress, title: str, total: float) -> None:
        self.progress, self.title = progress, title
        self.task = progress.add_task(title, total=total)

    def say(self, message: str) -> None:
        self.progress.update(self.task, description=f"{self.title}: {message}")

    def advance(self, amount: float = 1) -> None:
        self.progress.advance(self.task, amount)

    def to(self, share: float) -> None:
        self.progress.update(self.task, completed=share)


@contextmanager
def bar(title: str, total: float) -> Iterator[Bar]:
    """A bar for one phase of work, on a terminal; what the work prints goes to stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}/{task.total:.0f}"),
               TimeElapsedColumn())
    console = Console(stderr=True)
    shown = Progress(*columns, console=console, transient=True, redirect_stdout=False, disable=not sys.stderr.isatty())
    with shown as progress, aside():
        yield Bar(progress, title, total)
