"""The processes of trainings that a page starts: some that do nothing, and some that need not import torch again."""

import os

from filelock import FileLock

from gan_demo import files
from gan_demo.training import jobs
from helpers.commands import start

# Where other tests keep the processor busy, one that lets them all go first would be waited for in vain.
TRAINING = "import sys; from gan_demo.cli import job; job.NICE = 0; sys.exit(job.main(sys.argv[1:]))"


class Processes(list):
    """Real trainings, each in a process of its own that was forked: `jobs.Jobs(root, launch=Processes())`."""

    def __call__(self, job):
        self.append(start("-c", TRAINING, job.place, log=job.place / jobs.LOG, trains=True))
        return self[-1]

    def close(self):
        for process in self:
            process.stdout.close()


class Process:
    """Stands for the process of a job: it holds the lock until it is told to end."""

    def __init__(self, job):
        self.job, self.lock, self.code = job, FileLock(job.place / jobs.LOCK, thread_local=False), None
        self.lock.acquire()

    def poll(self):
        return self.code

    def end(self, code=0, line=""):
        if code >= 0:
            files.write_json(self.job.place / jobs.ENDED, {"code": code, "line": line})
        self.lock.release()
        os.utime(self.job.place / jobs.LOCK, (0, 0))
        self.code = code
