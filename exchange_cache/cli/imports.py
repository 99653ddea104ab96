"""``excache import FILE… | list | undo | template``: files of exchanges, into the one ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.options import MOST, Whole, completed, output_options
from exchange_cache.errors import CacheUnreadable, ExcacheError, StatementRefused, UsageError

if TYPE_CHECKING:
    from exchange_cache.cache.imports import Outcome


class FilesGroup(click.Group):
    """A group whose arguments are files, unless the first one is a command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, "-h", "--help"}:
            args = ["files", *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "FILE... [OPTIONS] | COMMAND")


class ZoneName(click.ParamType[tzinfo]):
    """A zone as an offset: UTC, UTC+8, UTC-3:30."""

    name = "zone"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tzinfo:
        from exchange_cache.statements.zones import stated_zone

        found = value if isinstance(value, tzinfo) else stated_zone(str(value))
        if found is None:
            self.fail(f"{value!r} is no zone such as UTC, UTC+8 or UTC-3:30", param, ctx)
        return found


@click.group("import", cls=FilesGroup)
def command() -> None:
    """Import statements downloaded from exchanges.

    Reads CSV files, and zips of them, as the exchange's page makes them; - is stdin. The table and
    its edition are recognised by the column names. A file is stored whole or not at all, and the
    same file twice adds nothing. Rows that the exchange's API served already are known; where both
    differ, the API's row counts.

    \b
    Options of excache import FILE...:
      -a, --account NAME  The account, if an exchange has several.
      --zone UTC+8        The zone of times, if the file does not state it.
      --dry-run           Show what a file would bring; store nothing.
      --json              Exact, for programs (also --format).

    \b
    Examples:
      excache import list
      excache import template
    """


def _files(ctx: click.Context, param: click.Parameter, incomplete: str) -> Any:
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


@command.command("files", hidden=True)
@click.argument("paths", nargs=-1, required=True, metavar="FILE...", shell_complete=_files)
@click.option(
    "--account",
    "-a",
    metavar="NAME",
    shell_complete=completed("configured accounts"),
    help="The account that the files belong to.",
)
@click.option(
    "--zone",
    type=ZoneName(),
    shell_complete=completed("zones"),
    help="The zone of times, if a file does not state it.",
)
@click.option("--dry-run", is_flag=True, help="Show what a file would bring; store nothing.")
@output_options
@click.pass_obj
def files(
    app: App,
    paths: tuple[str, ...],
    account: str | None,
    zone: tzinfo | None,
    dry_run: bool,
    form: str,
) -> int:
    """Import statements downloaded from exchanges.

    See: excache import --help

    \b
    Example:
      excache import --help
    """
    from exchange_cache.cli.basis import superfluous_if_readable
    from exchange_cache.cli.imported import notes, row_of, superfluous_notes
    from exchange_cache.cli.importing import Importer, on_a_copy
    from exchange_cache.cli.main import show_error
    from exchange_cache.render.imports import brought_listing
    from exchange_cache.render.output import write_listing

    accounts = app.accounts([account] if account is not None else [])
    chosen = accounts[0] if account is not None else None
    app.if_interrupted = "nothing was stored"
    app.repository()  # creates the folder of the lock
    outcomes: list[Outcome] = []
    failed: list[ExcacheError] = []
    with app.lock() as lock, ExitStack() as stack:
        if dry_run:
            app = stack.enter_context(on_a_copy(app))
        else:
            lock.acquire("import", wait_seconds=600)
        importer = Importer(app, chosen=chosen, zone=zone)
        before = {} if dry_run else superfluous_if_readable(app)
        for result in _imported(importer, paths, stack):
            if isinstance(result, ExcacheError):
                failed.append(result)
            else:
                outcomes.append(result)
                if not dry_run:
                    names = ", ".join(one.file.name for one in outcomes)
                    app.if_interrupted = f"stored: {names}; import the others again"
        after = before
        if outcomes and not dry_run:
            # A file that was imported before, too: a kill may have come in between.
            after = None
            if _followed(app):
                after = superfluous_if_readable(app)
    for error in failed:
        show_error(app, error)
    if outcomes:
        lines = [*notes(outcomes, dry_run)]
        if before is not None and after is not None:
            lines += superfluous_notes(before, after)
        rows = [row_of(one, dry_run) for one in outcomes]
        listing = brought_listing(rows, app.now(), lines)
        write_listing(listing, app.out, form=form, terminal=app.terminal(), now=app.now())
    return failed[0].exit_code if failed else 0


def _followed(app: App) -> bool:
    """Compute what follows from a change that is stored. False where a row cannot be read: the
    change stands, and the rest follows with the sync that repairs the row."""
    from exchange_cache.cache.cells import UNREADABLE
    from exchange_cache.cli.basis import derive_again
    from exchange_cache.cli.running import closed
    from exchange_cache.cli.unreadable import left_to_sync

    if not derive_again(app):
        return False
    try:
        closed(app)
    except (*UNREADABLE, CacheUnreadable):
        if not left_to_sync(app):
            raise
        return False
    return True


def _imported(
    importer: Any, paths: Sequence[str], stack: ExitStack
) -> Iterator[Outcome | ExcacheError]:
    """What each file brought, or why it was refused; one that is refused stops no other."""
    from exchange_cache.cli.importing import opened

    for path in paths:
        try:
            sources = [one for _, found in opened([path], stack) for one in found]
        except StatementRefused as error:
            yield error
            continue
        for source in sources:
            try:
                known = importer.recognised(source)
                yield importer.store(known, importer.account_of(known))
            except (StatementRefused, UsageError) as error:
                yield error


@command.command("list")
@output_options
@click.pass_obj
def list_files(app: App, form: str) -> None:
    """List the imported files.

    \b
    Example:
      excache import list
    """
    from exchange_cache.render.imports import files_listing
    from exchange_cache.render.output import write_listing

    repository = app.cached()
    found = () if repository is None else repository.imports.files()
    rows = [
        {
            "id": one.id,
            "file": one.name,
            "account": one.account,
            "exchange": one.exchange,
            "table": one.table,
            "edition": one.edition,
            "origin": one.origin,
            "start": one.start_at,
            "end": one.end_at,
            "rows": one.rows,
            "records": one.records,
            "unknown": one.unknown,
            "left_out": sum(one.left_out.values()),
            "in_ledger": 0 if repository is None else repository.imports.in_ledger(one.id),
            "imported_at": one.imported_at,
            "user": one.user,
            "digest": one.digest,
        }
        for one in found
    ]
    listing = files_listing(rows, app.now())
    write_listing(listing, app.out, form=form, terminal=app.terminal(), now=app.now())


@command.command("undo")
@click.argument(
    "number", type=Whole(1, MOST), metavar="ID", shell_complete=completed("imported files")
)
@click.pass_obj
def undo(app: App, number: int) -> None:
    """Remove an imported file and what came only from it.

    \b
    Example:
      excache import list
    """
    from exchange_cache.sync.archive_rows import ARCHIVE
    from exchange_cache.sync.by_hand import derive_balances

    app.if_interrupted = "nothing was removed"
    repository = app.repository()
    with app.lock() as lock:
        lock.acquire("import undo", wait_seconds=600)
        file = next((one for one in repository.imports.files() if one.id == number), None)
        if file is None:
            raise UsageError(f"there is no imported file {number}", hint="excache import list")
        if file.origin == ARCHIVE:
            raise UsageError(
                f"{file.name} was fetched from {file.exchange} by a sync, as its pages are: it"
                " stays",
                hint="archives = false in config.toml orders no more of them",
            )
        removed = repository.imports.in_ledger(number)
        repository.imports.undo(file)
        app.if_interrupted = f"{file.name} is removed"
        own = {one.name for one in app.settings.accounts if one.by_hand}
        if file.account in own:
            derive_balances(repository, file.account, app.now())
        _followed(app)
    app.say(f"Removed {file.name}: {removed:,} rows of {file.account} came from it.")


@command.command("template")
@click.pass_obj
def template(app: App) -> None:
    """Print the form for what no exchange's file states.

    For cold wallets, purchases outside exchanges, and exchanges without an API: write the rows,
    add an account of the exchange manual to config.toml, and import the file.

    \b
    Example:
      excache import template
    """
    from exchange_cache.exchanges.manual.files import TEMPLATE

    app.answer(TEMPLATE, end="")
