"""Releases are listed, compared, verified, rolled back, pruned, backed up and restored by the command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pactgraph.release import open_current, releases_of
from tests.conftest import needs, run_cli
from tests.release.conftest import make


def cli(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_cli("release", *arguments, "--releases", str(folder))


def done(folder: Path, *arguments: str) -> str:
    result = cli(folder, *arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


def names(folder: Path) -> list[str]:
    return [release.id for release in releases_of(folder)]


def test_list_and_show(folder: Path) -> None:
    first, second = names(folder)
    assert done(folder, "list").splitlines() == [
        f"  {first}  2026-01-01  3 statements",
        f"* {second}  2026-01-01  3 statements",
    ]
    assert [entry["current"] for entry in json.loads(done(folder, "list", "--json"))] == [False, True]
    assert "dumps/pactgraph.nq.gz" in done(folder, "show", first)
    assert json.loads(done(folder, "show", "--json"))["id"] == second


def test_diff_says_what_changed_of_each_entity(folder: Path) -> None:
    first, second = names(folder)
    shown = done(folder, "diff", first)
    assert 'pact:p0\n  - pact:p0 pg:cowCode "1"\n  + pact:p0 pg:cowCode "2"' in shown
    assert "3 added, 3 removed, in 3 entities" in shown
    found = json.loads(done(folder, "diff", second, first, "--json"))
    assert found["added"]["pact:p1"] == ['pact:p1 pg:cowCode "1"']


@pytest.mark.parametrize("damage", ["changed", "missing", "store"])
def test_verify_finds_damage_and_a_build_mends_it(folder: Path, damage: str) -> None:
    release = open_current(folder)
    assert "is whole" in done(folder, "verify")
    dump = release.path / "dumps/pactgraph.nq.gz"
    if damage == "changed":
        dump.write_bytes(dump.read_bytes() + b"x")
    elif damage == "missing":
        dump.unlink()
    else:
        shutil.rmtree(release.store_path)
    result = cli(folder, "verify")
    assert result.returncode == 1
    assert ("store/" if damage == "store" else "dumps/pactgraph.nq.gz") in result.stdout
    make(folder, 2)
    assert "is whole" in done(folder, "verify")


def test_rollback_goes_to_the_one_before_and_to_a_named_one(folder: Path) -> None:
    first, second = names(folder)
    assert first in done(folder, "rollback")
    assert open_current(folder).id == first
    assert second in done(folder, "rollback")
    assert first in done(folder, "rollback", first)


def test_rollback_refuses_what_is_damaged_or_not_there(folder: Path) -> None:
    first, second = names(folder)
    (folder / first / "void.ttl").write_text("x")
    for target, words in ((first, "is damaged"), ("2026.9.9-0", "no readable release"), ("../x", "not the identifier")):
        result = cli(folder, "rollback", target)
        assert (result.returncode, words in result.stderr) == (2, True), result.stderr
    assert open_current(folder).id == second


def test_prune_keeps_the_current_and_the_latest(folder: Path) -> None:
    make(folder, 3)
    make(folder, 4)
    assert done(folder, "prune", "--keep", "1").count("removed") == 2
    assert [name.split("-")[0] for name in names(folder)] == ["2026.1.3", "2026.1.4"]
    done(folder, "prune", "--keep", "0")
    assert names(folder) == [open_current(folder).id]


def test_a_backup_is_restored_elsewhere_whole(folder: Path, tmp_path: Path) -> None:
    archive, other = tmp_path / "backup.tar", tmp_path / "other"
    done(folder, "backup", str(archive))
    assert open_current(folder).id in done(other, "restore", str(archive))
    assert "is whole" in done(other, "verify")


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda data: data[: len(data) // 3],
    "no archive": lambda data: b"no archive",
    "a changed dump": lambda data: data.replace(b"\x1f\x8b", b"\x1f\x8c", 1),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_is_refused(folder: Path, tmp_path: Path, damage: str) -> None:
    archive, other = tmp_path / "backup.tar", tmp_path / "other"
    done(folder, "backup", str(archive))
    archive.write_bytes(DAMAGES[damage](archive.read_bytes()))
    result = cli(other, "restore", str(archive))
    assert result.returncode == 2
    assert "backup" in result.stderr and "Traceback" not in result.stderr
    assert not (other / "current").exists()
    assert names(other) == []


def test_a_read_only_folder_is_said_to_be_one(folder: Path, tmp_path: Path) -> None:
    needs(os.geteuid() != 0 or shutil.which("setpriv"), "a user other than root, or setpriv")
    folder.chmod(0o555)
    (folder / ".lock").unlink()
    try:
        command = ["release", "rollback", "--releases", str(folder)]
        result = run_cli(*command) if os.geteuid() else as_nobody(command, tmp_path)
        assert result.returncode == 2, result.stderr
        assert "cannot be written to" in result.stderr
    finally:
        folder.chmod(0o755)


def as_nobody(arguments: list[str], tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line without root's powers, which pass over permissions."""
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_uid == 0 and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o055)
    command = [
        "setpriv",
        "--bounding-set=-all",
        "--inh-caps=-all",
        "--ambient-caps=-all",
        sys.executable,
        "-m",
        "pactgraph",
        *arguments,
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
