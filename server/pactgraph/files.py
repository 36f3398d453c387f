"""Files that are whole or not there: written aside, brought to the disk, renamed; and folders that end with their process."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from pactgraph.errors import BadInput


def sync(path: Path) -> None:
    """Bring a file, or the entries of a folder, to the disk (fsync). Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def text_of(argument: str) -> str:
    """Give what a file holds, or the text itself. Raises BadInput for the name of a file that cannot be read."""
    try:
        return Path(argument).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name, or no UTF-8
        if isinstance(error, UnicodeDecodeError):
            raise BadInput("the file is not UTF-8", file=argument, hint="save it as UTF-8") from None
        if not any(mark in argument for mark in "{} \n"):
            raise BadInput("there is no such file", file=argument, hint="name a file, or write the text in quotes") from None
    return argument


@contextmanager
def written(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Give a file to write that takes the place of `path` when it is whole; after an error nothing has changed.

    `mode` are its permissions, less the umask, from its first moment. Raises OSError.
    """
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
        sync(path.parent)
    finally:
        partial.unlink(missing_ok=True)


class OwnFolder:
    """A temporary folder of this process, locked while it lives; what processes that were killed have left is removed first."""

    def __init__(self, prefix: str) -> None:
        """Make one whose name begins with a prefix. Raises OSError."""
        for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
            with suppress(OSError):  # in use, or another user's
                _remove(left)
        self.path, self._lock = _locked(prefix)

    def close(self) -> None:
        """Remove it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def _locked(prefix: str) -> tuple[Path, int]:
    """Make a folder and lock it; another one where it was taken for left behind in between."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=prefix))
        lock = os.open(path, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            return path, lock
        os.close(lock)


def _remove(folder: Path) -> None:
    """Remove a folder that nobody has locked. Raises OSError."""
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)
    finally:
        os.close(lock)
