"""Talking to the Hub: a client that may write, and what goes wrong said in one line."""

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from gan_demo.errors import UserError

ANSWERS = {
    401: "the Hub does not accept the token: log in with `hf auth login`, or set HF_TOKEN to a valid one",
    402: "the Hub asks for a paid plan",
    403: "the token has not the right to do this to {repository}",
    404: "the Hub finds nothing of the kind in {repository}",
    409: "somebody else is changing {repository}: try again",
    412: "somebody else changed {repository} in the meantime: try again",
    413: "the Hub finds this too large for {repository}",
    429: "the Hub asks for a pause (too many requests): try again in some minutes",
}
MORE_TOKENS = "https://huggingface.co/settings/tokens makes others"
WRITERS = ("admin", "write", "contributor")  # the roles in an organisation that may make repositories there
TIMEOUT = 60  # seconds without a byte; huggingface_hub itself would wait for ever
# What huggingface_hub raises where an answer is no JSON or lacks a field.
STRANGE = (json.JSONDecodeError, KeyError, TypeError, AttributeError)
STRANGE_WORDS = ("improperly formatted", "Malformed response")  # of its ValueErrors that say the same
SOCKS = (
    "your environment sends the Hub through a SOCKS proxy (ALL_PROXY or HTTPS_PROXY), which needs one more package:"
    " pip install socksio, or unset the variable"
)
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
def writing(repository: str, token: str | None, revision: str | None = None) -> Iterator[Any]:
    """A client that may write, with errors as `in_one_line` has them; a refusal names the account and its rights."""
    with in_one_line(repository, revision):
        writer = api(token)
        try:
            yield writer
        except Exception as error:
            if isinstance(error, UserError) or _status(_cause(error)) != 403:
                raise
            line = explain(error, repository, revision, _rights(writer))
            raise line from error


def _rights(writer: Any) -> str:
    """Whose token it is, and where that account may write; empty where the Hub does not tell."""
    from huggingface_hub.utils import httpx

    try:
        told = writer.whoami()
        name, groups = told["name"], told.get("orgs") or []
        role = (told.get("auth") or {}).get("accessToken", {}).get("role")
        places = [f"{name}/…"] + [
            f"{group['name']}/…" for group in groups if group.get("roleInOrg") in (None, *WRITERS)
        ]
    # Why the first answer was no is worth more than why this one does not come.
    except (OSError, ValueError, LookupError, TypeError, AttributeError, httpx.HTTPError):
        return ""
    if role == "read":
        return f": it is a token of the account {name} that only reads; one that writes may write to {_listed(places)}"
    return f": it is a token of the account {name}, which may write to {_listed(places)}"


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


@contextmanager
def in_one_line(repository: str, revision: str | None = None) -> Iterator[None]:
    """Turn what huggingface_hub raises into a HubError, and keep its warnings and bars to itself."""
    from huggingface_hub.utils import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
        get_session,
        httpx,
        logging,
    )

    verbosity, had_bars = logging.get_verbosity(), not are_progress_bars_disabled()
    logging.set_verbosity_error()
    disable_progress_bars()
    warnings.filterwarnings("ignore", "Not enough free disk space")  # where it matters an error follows
    try:
        with suppress(ImportError, ValueError):  # of a proxy, which the first request raises again
            get_session().timeout = httpx.Timeout(TIMEOUT)
        yield
    except UserError:
        raise
    # hf_xet, the library for large files, raises RuntimeError; a proxy whose package is missing gives ImportError.
    except (OSError, ValueError, RuntimeError, ImportError, httpx.HTTPError, *STRANGE) as error:
        raise explain(error, repository, revision) from error
    finally:
        logging.set_verbosity(verbosity)
        if had_bars:
            enable_progress_bars()


def explain(error: Exception, repository: str, revision: str | None, rights: str = "") -> HubError:
    """What went wrong and what to do, in one line. `rights` is what `_rights` says, where the Hub refused."""
    from huggingface_hub import constants, errors
    from huggingface_hub.utils import httpx

    error = _cause(error)
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
        line = ANSWERS[status].format(repository=repository) + rights + (f" (it says: {_line(said)})" if said else "")
        line += f"; {MORE_TOKENS}" if status == 403 else ""
        kinds = {401: "missing", 403: "missing", 404: "missing", 429: "trouble"}
        return HubError(line, kinds.get(status, "other"))
    if status is not None and 400 <= status < 500:
        said = _line(getattr(error, "server_message", None) or "no reason")
        return HubError(f"the Hub refuses this to {repository} (error {status}, it says: {said})")
    if status is not None and status >= 500:
        return HubError(f"the Hub has trouble of its own (error {status}): try again later", "trouble")
    if isinstance(error, ImportError) and "SOCKS" in str(error):
        return HubError(SOCKS, "network")
    if _is_bad_proxy(error):
        return HubError(f"the proxy that your environment names is none: {_line(error)}", "network")
    if _is_strange(error):
        line = f"what answers at {constants.ENDPOINT} does not answer as the Hub does"
        return HubError(f"{line} (is a login page or a proxy in between?): try again", "network")
    if "Consistency check failed" in str(error):
        return HubError(f"a file of {repository} came only in part: try again", "damaged")
    if isinstance(error, (httpx.TransportError, ConnectionError)):
        return HubError(f"the Hub ({constants.ENDPOINT}) cannot be reached: {_line(error)}", "network")
    return HubError(f"{repository}: {_line(error)}")


def is_temporary(error: Exception) -> bool:
    """Whether the Hub could not answer, rather than answered no."""
    from huggingface_hub.utils import httpx

    status = _status(error)
    return (
        isinstance(error, (httpx.TransportError, ConnectionError, ImportError))
        or _is_bad_proxy(error)
        or _is_strange(error)
        or (status is not None and (status == 429 or status >= 500))
    )


def _is_strange(error: Exception) -> bool:
    """Whether the answer was none that the Hub gives."""
    from huggingface_hub import errors

    if isinstance(error, ValueError) and any(words in str(error) for words in STRANGE_WORDS):
        return True
    return isinstance(error, (*STRANGE, errors.FileMetadataError))


def _is_bad_proxy(error: Exception) -> bool:
    return isinstance(error, ValueError) and "proxy" in str(error)


def _cause(error: Exception) -> Exception:
    """Why huggingface_hub had to look for a copy here, and why "an error occurred while uploading"."""
    from huggingface_hub import errors

    while isinstance(error, (errors.LocalEntryNotFoundError, RuntimeError)) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    return error


def _status(error: Exception) -> int | None:
    return getattr(getattr(error, "response", None), "status_code", None)


def _line(text: object) -> str:
    return " ".join(str(text).split())[:300]
