"""The command line `theorems`: list, prove, check, replay, counterexample, report.

Exit code 0: all that was asked for holds; 1: something is refuted or unproved; 2: the request was wrong.
"""

from __future__ import annotations

import sys

import typer

from checks.cli import checking, listing, proving, replaying, reporting, showing
from checks.errors import RequestError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
                  help="The theory of AdamW as software: claims proved by machine and exercised in bulk.")
for module in (listing, proving, checking, replaying, showing, reporting):
    app.command(module.NAME)(module.command)


def main() -> None:
    """Run the command line; a wrong request is one sentence on stderr and exit code 2."""
    try:
        app()
    except RequestError as problem:
        print(f"theorems: {problem}", file=sys.stderr)
        sys.exit(2)
