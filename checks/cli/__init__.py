"""The command line `theorems`: list, show, prove, check, attack, replay, counterexample, measure, report.

Exit code 0: all that was asked for holds; 1: something is refuted or unproved; 2: the request was wrong, with one
sentence on stderr that says how to mend it; 130: interrupted. stdout holds results and nothing else.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

from checks.errors import RequestError

PROJECT = ("theory", "checks", "counterexamples", "reports")
DISTRIBUTIONS = {"z3": "z3-solver", "flint": "python-flint", "sklearn": "scikit-learn"}  # where the names differ

INTERRUPTED = "interrupted; the evidence written before is kept."


def main() -> None:
    """Run the command line and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without ✓ still gets its verdicts
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """The exit code for these arguments; a wrong request, a missing package and Ctrl-C are each one sentence."""
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return _complain(INTERRUPTED, 130)
    except RequestError as problem:
        return _complain(str(problem))
    except ImportError as problem:
        return _complain(_missing(problem))


def _run(arguments: Sequence[str]) -> int:
    import typer

    from checks.cli.app import app

    try:
        code = int(app(list(arguments), prog_name="theorems", standalone_mode=False) or 0)
        return _complain(INTERRUPTED, 130) if code == 130 else code  # typer's code for Ctrl-C
    except typer.TyperException as problem:  # the command line cannot be understood
        words = problem.format_message()
        if words.startswith("Usage:"):  # nothing was asked for: show what there is
            print(words, file=sys.stderr)
            return 2
        context = getattr(problem, "ctx", None)
        command = context.command_path if context else "theorems"
        return _complain(f"{words[:1].lower()}{words[1:].rstrip('.')}; `{command} --help` shows what there is.")


def _missing(problem: ImportError) -> str:
    """What to install for an import that failed; one of the project's own names is a mistake of ours and stays an error."""
    package = (problem.name or "").split(".")[0]
    if package in PROJECT:
        raise problem
    if isinstance(problem, ModuleNotFoundError) and package:
        return f"the package {package} is missing; install it with `pip install {DISTRIBUTIONS.get(package, package)}`."
    return f"a package cannot be imported ({problem}); install the dependencies again with `pip install -e .` in the project."


def _complain(sentence: str, code: int = 2) -> int:
    print(f"theorems: {' '.join(sentence.split())}", file=sys.stderr)
    return code
