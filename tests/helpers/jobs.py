"""A training's process that does nothing, for tests of who starts and stops them."""

import os

from filelock import FileLock

from gan_demo import files
from gan_demo.training import jobs


class Process:
    """Stands for the process of a job: it holds the lock until it is told to end."""

    def __init__(self, job):
        self.job, self.lock, self.code = job, FileLock(job.place / jobs.LOCK), None
        self.lock.acquire()

    def poll(self):
        return self.code

    def end(self, code=0, line=""):
        if code >= 0:
            files.write_json(self.job.place / jobs.ENDED, {"code": code, "line": line})
        self.lock.release()
        os.utime(self.job.place / jobs.LOCK, (0, 0))
        self.code = code
