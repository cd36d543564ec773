"""Talking to the Hub: a client that may write, and what goes wrong said in one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gan_demo.errors import UserError

ANSWERS = {
    401: "the Hub does not accept the token: log in with `hf auth login`, or set HF_TOKEN to a valid one",
    402: "the Hub asks for a paid plan",
    403: "the token has not the right to do this to {repository}: https://huggingface.co/settings/tokens makes others",
    404: "the Hub finds nothing of the kind in {repository}",
    409: "somebody else is changing {repository}: try again",
    412: "somebody else changed {repository} in the meantime: try again",
    429: "the Hub asks for a pause (too many requests): try again in some minutes",
}
NO_TOKEN = "there is no token for the Hub: log in with `hf auth login`, set HF_TOKEN, or give --hub-token"


class HubError(UserError):
    """Why the Hub, or what it holds, is of no use here."""

    def __init__(self, message: str, kind: str = "other") -> None:
        """`kind`, for who has words of their own for it.

        missing, gated, revision, name, network (out of reach), trouble (of the Hub), large, foreign (not a model of
        this project), damaged, or other.
        """
        super().__init__(message)
        self.kind = kind


def api(token: str | None) -> Any:
    """A client that may write; raises UserError without a token."""
    from huggingface_hub import HfApi, get_token

    if not (token or get_token()):
        raise UserError(NO_TOKEN)
    return HfApi(token=token)


@contextmanager
def in_one_line(repository: str, revision: str | None = None) -> Iterator[None]:
    """Turn what huggingface_hub raises into a HubError, and keep its warnings and bars to itself."""
    from huggingface_hub.utils import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
        httpx,
        logging,
    )

    verbosity, had_bars = logging.get_verbosity(), not are_progress_bars_disabled()
    logging.set_verbosity_error()
    disable_progress_bars()
    try:
        yield
    except UserError:
        raise
    # hf_xet, the library for large files, raises RuntimeError; an answer that lacks a field gives KeyError.
    except (OSError, ValueError, RuntimeError, KeyError, httpx.HTTPError) as error:
        raise explain(error, repository, revision) from error
    finally:
        logging.set_verbosity(verbosity)
        if had_bars:
            enable_progress_bars()


def explain(error: Exception, repository: str, revision: str | None) -> HubError:
    """What went wrong and what to do, in one line."""
    from huggingface_hub import constants, errors
    from huggingface_hub.utils import httpx

    # Why it had to look for a copy here, and why "an error occurred while uploading".
    while isinstance(error, (errors.LocalEntryNotFoundError, RuntimeError)) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    if isinstance(error, errors.GatedRepoError):
        return HubError(f"{repository} is gated: ask for access at {constants.ENDPOINT}/{repository}", "gated")
    if isinstance(error, errors.RepositoryNotFoundError):
        line = f"{repository} is neither a folder here nor a repository that the Hub shows you (is it private?)"
        return HubError(line, "missing")
    if isinstance(error, errors.RevisionNotFoundError):
        return HubError(f"{repository} has no revision {revision or 'main'}", "revision")
    if isinstance(error, errors.HFValidationError):
        return HubError(f"{repository!r} cannot be the name of a repository", "name")
    status = _status(error)
    if status in ANSWERS:
        said = getattr(error, "server_message", None) if status in (402, 403) else None
        line = ANSWERS[status].format(repository=repository) + (f" (it says: {_line(said)})" if said else "")
        kinds = {401: "missing", 403: "missing", 404: "missing", 429: "trouble"}
        return HubError(line, kinds.get(status, "other"))
    if status is not None and status >= 500:
        return HubError(f"the Hub has trouble of its own (error {status}): try again later", "trouble")
    if isinstance(error, (httpx.TransportError, ConnectionError)):
        return HubError(f"the Hub ({constants.ENDPOINT}) cannot be reached: {_line(error)}", "network")
    return HubError(f"{repository}: {_line(error)}")


def is_temporary(error: Exception) -> bool:
    """Whether the Hub could not answer, rather than answered no."""
    from huggingface_hub.utils import httpx

    status = _status(error)
    return isinstance(error, (httpx.TransportError, ConnectionError)) or (
        status is not None and (status == 429 or status >= 500)
    )


def _status(error: Exception) -> int | None:
    return getattr(getattr(error, "response", None), "status_code", None)


def _line(text: object) -> str:
    return " ".join(str(text).split())[:300]
