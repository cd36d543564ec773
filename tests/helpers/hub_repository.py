"""A repository of the Hub that the tests play: its branches and commits, in memory."""

import hashlib
from dataclasses import dataclass, field


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@dataclass
class Repository:
    private: bool
    commits: dict = field(default_factory=dict)  # name -> {path: content}
    branches: dict = field(default_factory=dict)  # name -> commit
    messages: list = field(default_factory=list)  # newest last
    created: dict = field(default_factory=dict)  # what was asked for

    def commit(self, branch, files, message):
        parent = self.branches.get(branch, "")
        digests = [(path, sha256(content)) for path, content in sorted(files.items())]
        name = hashlib.sha1(f"{parent}{message}{digests}{len(self.commits)}".encode()).hexdigest()
        self.commits[name], self.branches[branch] = files, name
        self.messages.append(message)
        return name

    def resolve(self, revision):
        """The commit of a branch or a commit's name; None where there is none."""
        name = self.branches.get(revision, revision)
        return name if name in self.commits else None

    def files(self, branch="main"):
        return self.commits[self.branches[branch]]
