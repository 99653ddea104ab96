"""This machine: its name, and what fails outside of excache: disks, limits of the system, and
places that may not be used."""

from __future__ import annotations

import errno

from exchange_cache.errors import DiskFull, ExcacheError

#: What to do about a fault of the machine, whatever the file is, where its owner and mode are not
#: at fault.
_CURES = {
    errno.EIO: "check the disk (dmesg), then try again",
    errno.EMFILE: "raise the limit of open files (ulimit -n), then try again",
    errno.ENFILE: "too many files are open on this machine: close other programs, then try again",
}


#: Faults of the folders and file systems of a user, which no program can prevent.
_OF_PLACES = frozenset(
    {
        *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ELOOP, errno.ENOTDIR, errno.EISDIR),
        *(errno.ENOSPC, errno.EDQUOT, errno.ESTALE, errno.ENAMETOOLONG, errno.EFBIG),
    }
)


def is_of_machine(error: OSError) -> bool:
    """Whether the machine failed, and no owner, mode or name of a file is at fault."""
    return error.errno in _CURES


def cure(error: OSError, otherwise: str) -> str:
    """What to do about a file that could not be used; ``otherwise``: where the machine is well."""
    if error.errno == errno.EROFS:
        return "mount its file system for writing, or set EXCACHE_HOME to another folder"
    return _CURES.get(error.errno or 0, otherwise)


class FileFault(ExcacheError):
    """A file or folder could not be used for a reason outside of excache."""

    exit_code = 75
    code = "file"

    @classmethod
    def of(cls, error: OSError) -> ExcacheError | None:
        """This error, or that of a full disk; None for what no place and no machine is at fault
        for, or where the file is not known."""
        place = error.filename
        if place is None or error.errno not in _OF_PLACES | _CURES.keys():
            return None
        return DiskFull.named(error, place) or cls(
            f"{place} cannot be used ({error.strerror})",
            hint=cure(error, "check its owner and mode, and the folder that it is in"),
        )


def this_host() -> str:
    """The name of this machine, as locks, runs and ``hosts`` of an account have it."""
    from socket import gethostname

    return gethostname().encode("ascii", "replace").decode()
