"""A small local server that plays the Hugging Face Hub, with faults on demand.

Only the parts that huggingface_hub asks for when it creates, checks, reads, fetches and commits to a repository.
Repositories live in memory. What has no answer here gives a 501, which fails a test rather than pleasing it.
"""

import base64
import hashlib
import json
import re
import threading
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import yaml

from helpers.hub_repository import Repository, sha256

LARGE = (".safetensors", ".png", ".ico")  # kept apart from git, by digest
REPOSITORY = r"(?P<id>[\w.-]+/[\w.-]+)"
API = rf"/api/(?P<type>model|space)s/{REPOSITORY}"
SPACE_CARD = b"""---
title: Page
emoji: \xf0\x9f\x8f\x83
colorFrom: gray
colorTo: green
sdk: gradio
sdk_version: 5.0.0
app_file: app.py
pinned: false
---

Check out the configuration reference at https://huggingface.co/docs/hub/spaces-config-reference
"""
# Faults beside the numbers of HTTP. The last two are what a login page or a proxy in between answers: nothing is done.
CUT, CORRUPT = "cut", "corrupt"  # half of what is sent, or of what is answered; one bit of the answer
SHORT, LOST = "short", "lost"  # half of the answer, as if it were whole; done, but not answered
SLOW, HANG = "slow", "hang"  # answered late; never
GARBAGE, HOLLOW = "garbage", "hollow"  # no JSON; JSON that says nothing
STRANGE = {GARBAGE: b"<!doctype html><title>Log in</title>", HOLLOW: b"{}"}


@dataclass
class Fault:
    method: str
    path: str  # a regular expression, found anywhere in the path
    what: int | str  # a status, CUT or CORRUPT
    times: int


class Hub:
    """`with Hub() as hub:` serves at `hub.address`; tokens are "write-NAME" and "read-NAME"."""

    def __init__(self):
        self.repositories, self.blobs, self.faults, self.requests = {}, {}, [], []
        self.groups = {}  # name of an account -> {organisation: its role there}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"hub": self}))
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.lock = threading.Lock()
        self.slow, self.hang = 0.2, 30.0  # seconds
        self.woken = threading.Event()  # ends what hangs

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *arguments):
        self.woken.set()
        self.server.shutdown()
        self.server.server_close()

    def add(self, name, files, kind="model", private=False):
        """A repository as if somebody had pushed `files`, {path: bytes}; returns it."""
        repository = self.repositories[kind, name] = Repository(private)
        repository.commit("main", dict(files), "by hand")
        return repository

    def model(self, name):
        return self.repositories["model", name]

    def fail(self, method, path, what, times=1_000_000):
        self.faults.append(Fault(method, path, what, times))

    def heal(self):
        """No faults, and no memory of requests."""
        self.faults.clear()
        self.requests.clear()

    def forget(self):
        """As at the beginning."""
        self.heal()
        self.repositories.clear()
        self.blobs.clear()
        self.groups.clear()

    def asked(self, method, path):
        """How often."""
        return sum(m == method and re.search(path, p) is not None for m, p in self.requests)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two packets: the second would wait 40 ms for the first
    hub: Hub

    def log_message(self, *arguments):
        pass

    def handle(self):
        with suppress(ConnectionError):  # of a client that was killed
            super().handle()

    def do_GET(self):
        path = unquote(urlsplit(self.path).path)
        length = int(self.headers.get("Content-Length") or 0)
        with self.hub.lock:
            self.hub.requests.append((self.command, path))
            fault = self.fault(path)
        if fault == CUT and length:  # in the middle of an upload
            self.rfile.read(length // 2)
            return self.hang_up()
        self.body = self.rfile.read(length) if length else b""
        if fault == HANG:
            self.hub.woken.wait(self.hub.hang)
            return self.hang_up()
        if fault == SLOW:
            self.hub.woken.wait(self.hub.slow)
        if fault in STRANGE:
            self.spoil = None
            return self.reply(
                STRANGE[fault], **{"Content-Type": "text/html" if fault == GARBAGE else "application/json"}
            )
        if isinstance(fault, int):
            return self.refuse(fault, "", "a fault that a test asked for")
        self.spoil = fault
        for method, pattern, answer in ROUTES:
            match = re.fullmatch(pattern, path)
            if match and self.command in method:
                with self.hub.lock:
                    return answer(self, **match.groupdict())
        self.refuse(501, "", f"no answer to {self.command} {path}")

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET

    def fault(self, path):
        for fault in self.hub.faults:
            if fault.times > 0 and fault.method == self.command and re.search(fault.path, path):
                fault.times -= 1
                return fault.what
        return None

    def hang_up(self):
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(2)

    def reply(self, content, status=200, **headers):
        if self.spoil == LOST:
            return self.hang_up()
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
            headers["Content-Type"] = "application/json"
        if self.spoil == SHORT and self.command != "HEAD":
            content = content[: len(content) // 2]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if self.spoil == CUT:
            self.wfile.write(content[: len(content) // 2])
            return self.hang_up()
        if self.spoil == CORRUPT and content:
            content = content[:-1] + bytes([content[-1] ^ 1])
        self.wfile.write(content)

    spoil = None

    def refuse(self, status, code="", message=""):
        self.spoil = None
        self.reply({"error": message}, status, **({"X_Error_Code": code} if code else {}), X_Error_Message=message)

    # Who asks, and for what.

    def role(self):
        """("write" or "read", name) of the token; (None, None) without one."""
        match = re.fullmatch(r"Bearer (write|read)-(\w+)", self.headers.get("Authorization", ""))
        return match.groups() if match else (None, None)

    def repository(self, type, id, write=False):
        """The repository, or None after a refusal."""
        repository = self.hub.repositories.get((type, id))
        role, name = self.role()
        if role is None and "Authorization" in self.headers:
            return self.refuse(401, "", "Invalid credentials in Authorization header")
        owner = name == id.split("/")[0]
        if repository is None or (repository.private and not owner):
            return self.refuse(404 if role else 401, "RepoNotFound", "Repository not found")
        if write and not self.may_write(id.split("/")[0]):
            return self.refuse(403 if role else 401, "", "You need write access")
        return repository

    def at(self, type, id, rev):
        """(repository, commit), or None after a refusal."""
        repository = self.repository(type, id)
        if repository is None:
            return None
        commit = repository.resolve(rev)
        if commit is None:
            return self.refuse(404, "RevisionNotFound", f"Invalid rev id: {rev}")
        return repository, commit

    def may_write(self, owner):
        """Whether the token may write to the repositories of `owner`, an account or an organisation."""
        role, name = self.role()
        return role == "write" and (
            owner == name or self.hub.groups.get(name, {}).get(owner) in ("admin", "write", "contributor")
        )

    # The answers.

    def whoami(self):
        role, name = self.role()
        if role is None:
            return self.refuse(401, "", "Invalid credentials in Authorization header")
        groups = [{"name": group, "roleInOrg": role} for group, role in self.hub.groups.get(name, {}).items()]
        self.reply({"name": name, "orgs": groups, "auth": {"accessToken": {"role": role}}})

    def create(self):
        asked = json.loads(self.body)
        role, name = self.role()
        owner = asked.get("organization") or name
        if role is None:
            return self.refuse(401, "", "Invalid credentials in Authorization header")
        if not self.may_write(owner):
            return self.refuse(403, "", f"You don't have the rights to create a model under the namespace {owner}")
        kind, identifier = asked.get("type", "model"), f"{owner}/{asked['name']}"
        if (kind, identifier) in self.hub.repositories:
            return self.reply({"error": "You already created it", "url": f"{self.hub.address}/{identifier}"}, 409)
        private = asked.get("visibility") == "private" or bool(asked.get("private"))
        files = {".gitattributes": b"*.safetensors filter=lfs\n"}
        if kind == "space":
            files["README.md"] = SPACE_CARD
        repository = self.hub.add(identifier, files, kind, private)
        repository.messages[-1], repository.created = "initial commit", asked
        self.reply({"url": f"{self.hub.address}/{identifier}", "name": identifier, "id": "1"})

    def auth_check(self, type, id):
        if self.repository(type, id, write=True):
            self.reply({})

    def branch(self, type, id, branch):
        repository = self.repository(type, id, write=True)
        if repository and branch in repository.branches:
            self.refuse(409, "", "Reference already exists")
        elif repository:
            repository.branches[branch] = repository.branches["main"]
            self.reply({})

    def info(self, type, id, rev="main"):
        found = self.at(type, id, rev)
        if found:
            repository, commit = found
            siblings = [entry(path, content) for path, content in repository.commits[commit].items()]
            self.reply({"id": id, "sha": commit, "private": repository.private, "siblings": siblings, "tags": []})

    def tree(self, type, id, rev):
        found = self.at(type, id, rev)
        if found:
            files = [entry(path, content) for path, content in found[0].commits[found[1]].items()]
            self.reply([{"type": "file", "path": f["rfilename"], "oid": f["blobId"], **f} for f in files])

    def validate(self):
        content = json.loads(self.body)["content"]
        match = re.match(r"---\n(.*?)\n---\n", content, re.DOTALL)
        try:
            fields = yaml.safe_load(match[1]) if match else None
        except yaml.YAMLError as error:
            return self.reply({"errors": [{"message": str(error)}]}, 400)
        warnings = [] if fields else [{"message": "empty or missing yaml metadata in repo card"}]
        self.reply({"errors": [], "warnings": warnings})

    def preupload(self, type, id, rev):
        repository = self.repository(type, id, write=True)
        if repository:
            files = json.loads(self.body)["files"]
            modes = [
                {
                    "path": file["path"],
                    "uploadMode": "lfs" if file["path"].endswith(LARGE) else "regular",
                    "shouldIgnore": False,
                    "oid": None,
                }
                for file in files
            ]
            self.reply({"files": modes})

    def batch(self, id, space=None):
        if self.repository("space" if space else "model", id, write=True):
            objects = json.loads(self.body)["objects"]
            for one in objects:
                if one["oid"] not in self.hub.blobs:
                    one["actions"] = {
                        "upload": {"href": f"{self.hub.address}/storage/{one['oid']}"},
                        "verify": {"href": f"{self.hub.address}/verify"},
                    }
            self.reply({"transfer": "basic", "objects": objects})

    def store(self, oid):
        if sha256(self.body) != oid:
            return self.refuse(400, "", "not what was announced")
        self.hub.blobs[oid] = self.body
        self.reply({})

    def verify(self):
        self.reply({}) if json.loads(self.body)["oid"] in self.hub.blobs else self.refuse(404)

    def commit(self, type, id, rev):
        repository = self.repository(type, id, write=True)
        if repository is None:
            return
        if rev not in repository.branches:
            return self.refuse(404, "RevisionNotFound", f"Invalid rev id: {rev}")
        lines = [json.loads(line) for line in self.body.splitlines()]
        header = lines[0]["value"]
        if header.get("parentCommit", repository.branches[rev]) != repository.branches[rev]:
            return self.refuse(412, "", "A commit has happened since. Please refresh and try again.")
        if any(line["key"] == "lfsFile" and line["value"]["oid"] not in self.hub.blobs for line in lines[1:]):
            return self.refuse(
                400, "", "Your push was rejected because an LFS pointer pointed to a file that does not exist"
            )
        files = dict(repository.files(rev))
        for line in lines[1:]:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.hub.blobs[value["oid"]]
            else:
                del files[value["path"]]
        name = repository.commit(rev, files, header["summary"])
        self.reply({"commitUrl": f"{self.hub.address}/{id}/commit/{name}", "commitOid": name, "success": True})

    def resolve(self, id, rev, path, space=None):
        found = self.at("space" if space else "model", id, rev)
        if not found:
            return
        repository, commit = found
        content = repository.commits[commit].get(path)
        if content is None:
            return self.refuse(404, "EntryNotFound", "Entry not found")
        facts = entry(path, content)
        headers = {"X_Repo_Commit": commit, "ETag": f'"{facts["blobId"]}"'}
        if "lfs" in facts:
            headers |= {"X_Linked_ETag": f'"{facts["lfs"]["sha256"]}"', "X_Linked_Size": len(content)}
        start = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if start:
            rest = content[int(start[1]) :]
            span = f"bytes {start[1]}-{len(content) - 1}/{len(content)}"
            return self.reply(rest, 206, **headers, Content_Range=span)
        self.reply(content, **headers)


def entry(path, content):
    """A file in a listing."""
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    facts = {"rfilename": path, "size": len(content), "blobId": blob}
    if path.endswith(LARGE):
        facts["lfs"] = {"sha256": sha256(content), "size": len(content), "pointerSize": 132}
        facts["lfs"]["oid"] = facts["lfs"]["sha256"]
    return facts


ROUTES = [
    ("GET", "/api/whoami-v2", Handler.whoami),
    ("POST", "/api/repos/create", Handler.create),
    ("POST", "/api/validate-yaml", Handler.validate),
    ("GET", API + "/auth-check/write", Handler.auth_check),
    ("POST", API + "/branch/(?P<branch>.+)", Handler.branch),
    ("GET", API, Handler.info),
    ("GET", API + "/revision/(?P<rev>.+)", Handler.info),
    ("GET", API + "/tree/(?P<rev>[^/]+)", Handler.tree),
    ("POST", API + "/preupload/(?P<rev>.+)", Handler.preupload),
    ("POST", API + "/commit/(?P<rev>.+)", Handler.commit),
    ("POST", rf"/(?P<space>spaces/)?{REPOSITORY}\.git/info/lfs/objects/batch", Handler.batch),
    ("PUT", "/storage/(?P<oid>[0-9a-f]{64})", Handler.store),
    ("POST", "/verify", Handler.verify),
    ("GET HEAD", rf"/(?P<space>spaces/)?{REPOSITORY}/resolve/(?P<rev>[^/]+)/(?P<path>.+)", Handler.resolve),
]
