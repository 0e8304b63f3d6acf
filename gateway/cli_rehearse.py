"""`gateway rehearse`: a drill with invented people, and the short report at its end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from gateway.errors import ExitCode


def rehearse(
    data: Annotated[Path, typer.Option(help="The drill's own data folder.")] = Path("demo-data"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Replace an earlier drill in that folder.")] = False,
    faxes: Annotated[int, typer.Option(min=1, max=2000, help="How many faxes are sent.")] = 12,
    seed: Annotated[int, typer.Option(help="Another number, other people and faxes.")] = 2026,
    people: Annotated[int, typer.Option(min=50, help="People in the invented patient index.")] = 5000,
    open_: Annotated[
        bool, typer.Option("--open", help="Play nothing: open the review desk on the folder of an earlier drill.")
    ] = False,
) -> None:
    """Play one morning without e-RS with invented people: faxes, reading, review, release, letters, balance.

    It has its own data folder and free ports, marks everything as a rehearsal, and can never reach a real e-RS. Exit 1 when
    anything that was promised did not happen. On a terminal the review desk stays open on its data until Ctrl-C.

    Example: gateway rehearse --faxes 40 --seed 7
    """
    # only a drill needs these, and drawing faxes is heavy
    from gateway.rehearsal.drill import Drill, Plan, judge, prepare_folder
    from gateway.rehearsal.drill_report import in_words
    from gateway.rehearsal.program import DrillFailed

    console = Console(highlight=False)
    if open_:
        _desk(console, data)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    try:
        prepare_folder(data, fresh)
        console.print("A morning without e-RS, with invented people (rehearsal).")
        with Progress(*columns, console=console) as bars:
            tasks: dict[str, object] = {}

            def tell(name: str, done: int, of: int) -> None:
                task = tasks.get(name)
                if task is None:
                    task = tasks[name] = bars.add_task(name, total=of or 1)
                    for other in tasks.values():
                        if other is not task:
                            bars.update(other, completed=bars.tasks[other].total)  # type: ignore[arg-type, call-overload]
                bars.update(task, completed=done, total=of or 1)  # type: ignore[arg-type]

            report = Drill(Plan(data, faxes, seed, people, tell)).run()
            for task in tasks.values():
                bars.update(task, completed=bars.tasks[task].total)  # type: ignore[arg-type, call-overload]
    except DrillFailed as failed:
        console.print(f"The drill could not go on: {failed}", markup=False)
        raise typer.Exit(int(ExitCode.NOT_IN_ORDER)) from None
    broken = judge(report)
    console.print(in_words(report, broken), markup=False)
    where = "" if data == Path("demo-data") else f" --data {data}"
    program = ".venv/bin/gateway" if Path(".venv/bin/gateway").exists() else "gateway"
    console.print(f"\nOpen the review desk on it: {program} rehearse --open{where}", markup=False, soft_wrap=True)
    if console.is_terminal and sys.stdin.isatty():
        _desk(console, data)
    raise typer.Exit(int(ExitCode.NOT_IN_ORDER if broken else ExitCode.OK))


def _desk(console: Console, data: Path) -> None:
    """Serve the desk on a drill's folder until Ctrl-C or its end."""
    from gateway.rehearsal.desk_open import desk_on
    from gateway.rehearsal.program import DrillFailed

    try:
        with desk_on(data) as desk:
            console.print(f"\nThe review desk is open: {desk.address}", markup=False)
            console.print(f"Sign in as {desk.name} with {desk.password}. Ctrl-C ends it.", markup=False, soft_wrap=True)
            desk.service.process.wait()
    except DrillFailed as failed:
        console.print(str(failed), markup=False, soft_wrap=True)
        raise typer.Exit(int(ExitCode.NOT_IN_ORDER)) from None
    except KeyboardInterrupt:
        console.print("The desk is closed; what was done there stays in the folder.", markup=False)
