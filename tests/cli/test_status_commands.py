"""Every command that ``status`` and ``portfolio`` print about missing history, run as it stands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

from tests.e2e.world import World

_PLACEHOLDER = re.compile(r"\b[A-Z]*(?:ASSET|NAME|CODE|TEXT)\b")


def printed(screen: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"   excache (.+)$", screen, re.M)))


def test_printed_commands_run_as_they_stand_and_show_what_they_promise(
    make_world: Callable[..., World],
) -> None:
    world = make_world(history_days=None, fills=200, accounts={"okx": "okx"})
    assert world.run("sync").code == 0
    screens = [
        world.run("status").out,
        world.run("status", "--all").out,
        world.run("portfolio").out,
    ]
    findings = world.run("status", "--json").json()["findings"]
    commands = [command for screen in screens for command in printed(screen)]
    commands += [one["hint"].removeprefix("excache ") for one in findings if one["hint"]]
    assert not [one["code"] for one in findings if one["hint"] is None]
    for command in dict.fromkeys(commands):
        assert not _PLACEHOLDER.search(command), command
        done = world.run(*shlex.split(command))
        assert (done.code, done.err) == (0, ""), command

    (lost,) = {one["hint"] for one in findings if one["code"] == "out_of_retention"}
    shown = world.run(*shlex.split(lost.removeprefix("excache "))).out
    for one in findings:
        if one["code"] == "out_of_retention":
            for day in re.findall(r"before (\d{4}-\d\d-\d\d)", one["message"]):
                assert f"before {day}: no longer served" in shown
