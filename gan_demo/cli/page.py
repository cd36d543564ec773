"""gan-demo page: the page in a browser, until Ctrl-C.

A Space on ZeroGPU does not start unless some function asks for the GPU, and wants to know before torch is imported:
there this module asks when it is imported. All other imports of torch and gradio are inside functions.
"""

import argparse
import contextlib
import ctypes
import importlib.util
import ipaddress
import os
import signal
import socket
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from gan_demo.errors import UserError

if TYPE_CHECKING:
    from gan_demo.ui.group import Group
    from gan_demo.ui.trainer.machine import Rules

if os.environ.get("SPACE_ID"):
    try:
        import spaces
    except ImportError:
        pass
    else:

        @spaces.GPU
        def on_the_gpu() -> None:
            """A function that asks for nothing and is never called: networks this small answer sooner from the CPU."""


PACKAGE = Path(__file__).parent.parent
# The models that ship lie in the package where it is installed, and beside it in a checkout.
HOME = PACKAGE if (PACKAGE / "checkpoints").is_dir() else PACKAGE.parent
ROOTS = ("checkpoints", "runs")
VARIABLE = "GAN_DEMO_CHECKPOINT"
TRUSTED = "FORWARDED_ALLOW_IPS"
FIRST_PORT, PORTS = 7860, 100


def parser(program: str) -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(
        prog=program,
        description="Open the page for exploring the latent space of a GAN of handwritten digits. It runs on the"
        " CPU and needs no network.",
        epilog="It offers every checkpoint in checkpoints/ and runs/, and lists those named by --checkpoint, and by the"
        f" variable {VARIABLE}, first. Where the Hub does not give one of them, it says so and offers the others.",
    )
    result.add_argument(
        "--checkpoint",
        action="append",
        default=[],
        metavar="MODEL",
        help="show this model first: a folder, or owner/name or owner/name@revision of the Hugging Face Hub; can be"
        " given several times",
    )
    result.add_argument(
        "--host",
        metavar="NAME",
        help="listen on this address; 0.0.0.0 lets other machines in (default: GRADIO_SERVER_NAME, else 127.0.0.1)",
    )
    result.add_argument(
        "--port",
        type=int,
        metavar="N",
        help=f"listen on this port (default: the first free one from GRADIO_SERVER_PORT, else {FIRST_PORT})",
    )
    result.add_argument("--share", action="store_true", help="also open a public address, through gradio.live")
    result.add_argument(
        "--allow-training",
        nargs="?",
        const="bounded",
        choices=("bounded", "full", "off"),
        help="let visitors of this host train: bounded means small trainings of digits and MNIST, one at a time; full,"
        " whatever train.py can (default: the variable GAN_DEMO_ALLOW_TRAINING, else full where only this machine can"
        " reach the page, and off elsewhere)",
    )
    result.add_argument(
        "--workers",
        type=int,
        default=1,
        metavar="N",
        help="serve the page with N processes, one for each core, for a whole lecture hall (docs/hosting.md)",
    )
    result.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="take who asks from X-Forwarded-For where this address sends it: a proxy, or a network such as 10.0.0.0/8;"
        " can be given several times (default: the variable FORWARDED_ALLOW_IPS, else none, and on a Space any)",
    )
    result.add_argument("--mcp", action="store_true", help="also offer the end points of the page as MCP tools")
    return result


def run(options: argparse.Namespace, program: str) -> None:
    """Serve the page until Ctrl-C."""
    from gan_demo.cli import workers
    from gan_demo.ui import temporary
    from gan_demo.ui.group import Group
    from gan_demo.ui.trainer import machine

    temporary.check()
    group = Group.of_environment()
    host = options.host or os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1"
    rules = machine.rules(host, options.share, options.allow_training)
    if options.mcp and importlib.util.find_spec("mcp") is None:
        raise UserError('--mcp needs one more package: pip install "gradio[mcp]"')
    trust(options.trusted_proxy)
    if options.workers != 1 and group is None:
        workers.serve(options, host, free_port(host, options.port))
        return
    prepare()
    first, notes = models(options.checkpoint, os.environ.get(VARIABLE))
    if group is not None:  # its own port is for the others, who are all on this machine
        host, options.port = "127.0.0.1", any_port()
    free_port(host, options.port)  # a wrong port, too, is answered before gradio is imported
    serve(first, host, options.port, options.share, options.mcp, notes, program, rules, group)


def prepare() -> None:
    """What has to be settled before gradio is imported, and before any thread uses torch."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported: nobody learns of this page
    import torch

    # Several people are served by several threads, and a core for each is faster than all cores for each in turn.
    torch.set_num_threads(1)
    # Large pictures go back to the system when they are done. glibc learns from each to keep the next one's memory
    # instead, for every thread anew: -3 is M_MMAP_THRESHOLD, which no longer learns once it is set.
    # What is smaller is kept for the threads that share a part of the heap: -8 is M_ARENA_MAX, of which there would be
    # eight a core.
    with contextlib.suppress(OSError, AttributeError):  # not glibc
        ctypes.CDLL("libc.so.6").mallopt(-3, 3_000_000)
        ctypes.CDLL("libc.so.6").mallopt(-8, 2)


def trust(proxies: list[str]) -> None:
    """Tell the server, by the variable that it reads, whose X-Forwarded-For it believes. Raises UserError.

    Each address may have its share of the page (ui/fair.py), and whoever is believed can say that it is any other.
    """
    for proxy in proxies:
        try:
            ipaddress.ip_network(proxy, strict=False)
        except ValueError:
            raise UserError(f"--trusted-proxy is an address or a network such as 10.0.0.0/8, not {proxy}") from None
    if proxies:
        os.environ[TRUSTED] = ",".join(proxies)
    elif TRUSTED not in os.environ:
        os.environ[TRUSTED] = "*" if os.environ.get("SPACE_ID") else ""  # only its proxy reaches a Space


def models(named: list[str], variable: str | None) -> tuple[list[Path], list[str]]:
    """The folders of the models that are asked for, and why some are not to be had.

    Raises UserError, before anything opens, where a folder of `named` is no checkpoint. The Hub may be out of
    reach, and nobody sits in front of a Space to mend its variable: then there are the other models, and a note.
    """
    from gan_demo import GAN, hub

    folders, notes = [], []
    for name in [*named, variable] if variable else named:
        remote = hub.is_repository(name)
        try:
            if remote:
                print(f"Fetching {name} from the Hugging Face Hub", file=sys.stderr)
            folder = hub.pull(name) if remote else Path(name)
            GAN.from_pretrained(folder)
        except UserError as error:
            if not remote and name in named:
                raise
            note = f"{name} cannot be shown: {error}"
            # The page tells everybody, and says nothing of where on this machine it runs.
            notes.append(note if remote else note.replace(name, Path(name).name))
        else:
            folders.append(folder)
    return folders, notes


def serve(
    first: list[Path],
    host: str,
    port: int | None,
    share: bool,
    mcp: bool,
    notes: list[str],
    program: str,
    rules: "Rules",
    group: "Group | None" = None,
) -> None:
    """Open the page and wait until somebody stops it."""
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    from gan_demo.ui import temporary

    if group is not None:
        stop_with_standard_input(stop)
    with temporary.own_folder() if group is None else contextlib.nullcontext():  # which the group has already
        _serve(stop, first, host, port, share, mcp, notes, program, rules, group)


def stop_with_standard_input(stop: threading.Event) -> None:
    """End this process, too, when the one that started it ends in whatever way, and its end of a pipe with it."""

    def wait() -> None:
        while os.read(0, 4096):  # not by sys.stdin, whose lock Python could not take at its end
            pass
        stop.set()

    if stat.S_ISFIFO(os.fstat(0).st_mode):
        threading.Thread(target=wait, daemon=True).start()


def _serve(
    stop: threading.Event,
    first: list[Path],
    host: str,
    port: int | None,
    share: bool,
    mcp: bool,
    notes: list[str],
    program: str,
    rules: "Rules",
    group: "Group | None",
) -> None:
    # Here, so that a wrong folder or port is answered at once: gradio takes a second or two.
    from gan_demo.ui.without_stubs import without_stubs

    with _no_proxies(), without_stubs():
        from gan_demo.ui import page
    from gan_demo.ui.shared.catalogue import Catalogue
    from gan_demo.ui.trainer.desk import Desk

    roots = dict.fromkeys(folder / name for folder in (HOME, Path.cwd()) for name in ROOTS)
    try:
        catalogue = Catalogue(roots, first, group and group.models)
        desk = Desk(catalogue, rules, shared=group and group.trainings)
        blocks = page.build(catalogue, notes, desk)
    except UserError as error:
        raise UserError("; ".join([*notes, str(error)])) from None
    for note in notes if group is None or group.number == 0 else ():
        print(f"{program}: {note}", file=sys.stderr)
    for tries_left in (2, 1, 0):
        free = free_port(host, port)
        try:
            address = page.serve(blocks, host, free, share, mcp, desk, group)
            break
        except OSError as error:
            # Somebody else may have taken the port in the meantime: then the next one will do.
            if port is not None or not tries_left:
                message = f"cannot listen on {host}, port {free} ({error}): try others with --host and --port"
                raise UserError(message) from None
    print(f"The page is at {address} (Ctrl-C ends it)", flush=True)
    if mcp:
        print(f"Its MCP server is at {address}gradio_api/mcp/", flush=True)
    stop.wait()
    print("\nClosed.", flush=True)
    blocks.close(verbose=False)
    desk.close()


@contextlib.contextmanager
def _no_proxies() -> Iterator[None]:
    """Hide the proxies of the environment while gradio is imported.

    It makes a client of HTTP there, which the page does not use, and which asks for a package if the proxy is a SOCKS
    one.
    """
    hidden = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    for name in hidden:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(hidden)


def free_port(host: str, port: int | None) -> int:
    """`port` if it is free on `host`, or without one the first free from GRADIO_SERVER_PORT on; or UserError."""
    if port is not None:
        if not 1 <= port <= 65535:
            raise UserError(f"--port is a number from 1 to 65535, not {port}")
        if not _is_free(host, port):
            raise UserError(f"port {port} is taken or not allowed: choose another with --port, or leave it out")
        return port
    start = os.environ.get("GRADIO_SERVER_PORT") or str(FIRST_PORT)
    if not start.isdecimal() or not 1 <= int(start) <= 65535:
        raise UserError(f"GRADIO_SERVER_PORT is a number from 1 to 65535, not {start!r}")
    ports = range(int(start), min(int(start) + PORTS, 65536))
    for candidate in ports:
        if _is_free(host, candidate):
            return candidate
    raise UserError(f"no port from {ports[0]} to {ports[-1]} is free: choose one with --port")


def any_port() -> int:
    """A port of this machine that is free."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _is_free(host: str, port: int) -> bool:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.bind((address[0], 0))  # any port: is the address ours at all?
    except OSError:
        raise UserError(f"--host {host} is not an address of this machine: try 127.0.0.1 or 0.0.0.0") from None
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do, to restart at once
        try:
            listener.bind(address)
        except OSError:
            return False
    return True
