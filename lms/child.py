"""Starts a process that ends when its parent ends, however that happens, and that need not run as root.

`start` runs this very file as a small go-between: it gives up root where asked, has the kernel promise a signal for the
parent's death (Linux; elsewhere nobody promises that), and then becomes the wanted program. Only the standard library
and no Django, because it is run outside the virtual environment's packages.
"""

import ctypes
import enum
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

ON_LINUX = sys.platform == "linux"
_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000


class Identity(enum.StrEnum):
    """Who a child runs as: PostgreSQL refuses to be root."""

    SELF = "self"
    NAMESPACE = "namespace"  # root, seen as nobody from inside a user namespace: root's files stay its own
    NOBODY = "nobody"  # really nobody: its files must belong to it, and the program must be readable to it

    @property
    def owner(self) -> tuple[int, int]:
        """The user and group, as seen from outside, that own the child's files."""
        if self is Identity.NOBODY:
            return _nobody()
        return os.geteuid(), os.getegid()


def start(
    command: Sequence[str | Path],
    *,
    identity: Identity = Identity.SELF,
    on_parents_death: signal.Signals = signal.SIGTERM,
    output: IO[bytes] | int | None = None,
    keep_open: Sequence[int] = (),
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, from the main thread: the promise is tied to the thread that asks."""
    between = [sys.executable, "-I", "-S", __file__, str(os.getpid()), on_parents_death.name, identity.value]
    return subprocess.Popen(  # noqa: S603  # commands are ours
        [*between, *map(str, command)],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
        pass_fds=tuple(keep_open),
        start_new_session=True,
        env=env,
    )


def main(parent: str, on_parents_death: str, identity: str, *command: str) -> None:
    _become(Identity(identity))
    if ON_LINUX:
        _die_with(int(parent), signal.Signals[on_parents_death])
    os.execv(command[0], command)  # noqa: S606  # becoming it is the purpose


def _become(identity: Identity) -> None:
    user, group = _nobody()
    if identity is Identity.NAMESPACE:
        outer_user, outer_group = os.geteuid(), os.getegid()
        if _libc().unshare(_CLONE_NEWUSER):
            raise SystemExit(f"No user namespace: {os.strerror(ctypes.get_errno())}.")
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {outer_user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {outer_group} 1")
    elif identity is Identity.NOBODY:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)


def _die_with(parent: int, with_signal: signal.Signals) -> None:
    _libc().prctl(_PR_SET_PDEATHSIG, with_signal)
    if os.getppid() != parent:
        raise SystemExit("The process that asked for this one is gone.")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _nobody() -> tuple[int, int]:
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


if __name__ == "__main__":
    main(*sys.argv[1:])
