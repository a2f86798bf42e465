"""The commands of `theorems`, put together."""

from __future__ import annotations

import typer

from checks.cli import attacking, checking, listing, measuring, proving, rechecking, replaying, reporting, showing, stating

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
                  help="The theory of AdamW as software: claims proved by machine and exercised in bulk.")
for module in (listing, stating, proving, rechecking, checking, attacking, replaying, showing, measuring, reporting):
    app.command(module.NAME)(module.command)
