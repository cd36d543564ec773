"""The processes that serve one page, and what each knows of the others. gradio is not needed to know."""

import json
import os
import socket
import zlib
from pathlib import Path
from typing import NamedTuple

from gan_demo import files

VARIABLE = "GAN_DEMO_WORKER"  # what a process of a group is told by the one that starts it


class Group(NamedTuple):
    """The processes of a page, and which of them this one is."""

    folder: Path
    number: int
    size: int
    host: str  # where all of them listen
    port: int
    secret: str

    @classmethod
    def of_environment(cls) -> "Group | None":
        """The group that this process was started for, if it was."""
        told = os.environ.get(VARIABLE)
        if not told:
            return None
        fields = json.loads(told)
        return cls(**{**fields, "folder": Path(fields["folder"])})

    def told(self) -> str:
        """What the process is told in its environment."""
        return json.dumps({**self._asdict(), "folder": str(self.folder)})

    def owner(self, name: str) -> int:
        """The process that a session belongs to."""
        return zlib.crc32(name.encode("utf-8", "replace")) % self.size

    @property
    def page(self) -> int:
        """The number by which gradio tells a page from another one."""
        return zlib.crc32(self.secret.encode())

    @property
    def models(self) -> Path:
        """The file that lists the models which some process has fetched."""
        return self.folder / "fetched.json"

    @property
    def trainings(self) -> Path:
        """Where strangers' trainings lie."""
        return self.folder / "trainings"

    def listen(self) -> socket.socket:
        """A socket at the address that all processes listen at: the system shares out the connections."""
        family, kind, protocol, _, address = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            listener.setsockopt(socket.SOL_SOCKET, option, 1)
        listener.bind(address)
        return listener

    def tell(self, port: int) -> None:
        """Tell the other processes where they reach this one."""
        files.write_json(self._told_by(self.number), port)

    def address(self, index: int) -> str | None:
        """Where another process is; None while it is not there."""
        try:
            port = json.loads(self._told_by(index).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return f"http://127.0.0.1:{port}"

    def _told_by(self, index: int) -> Path:
        return self.folder / f"worker-{index}.json"
