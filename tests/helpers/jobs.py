"""The processes of trainings that a page starts: some that do nothing, and some that need not import torch again."""

import os

from filelock import FileLock

from gan_demo import files
from gan_demo.training import jobs
from helpers.commands import start

# Where other tests keep the processor busy, one that lets them all go first would be waited for in vain.
TRAINING = "import sys; from gan_demo.cli import job; job.NICE = 0; sys.exit(job.main(sys.argv[1:]))"


# One that lasts until somebody has stopped it, and rests meanwhile.
RESTING = """import time
from gan_demo.training.iteration import Trainer
iterate = Trainer.iterate
Trainer.iterate = lambda self: time.sleep(0.1) or iterate(self)
"""


class Processes(list):
    """Real trainings, each in a process of its own that was forked: `jobs.Jobs(root, launch=Processes())`.

    With `first_rests` the first of them takes its time, which costs less than one that has much to do.
    """

    def __init__(self, first_rests=False):
        super().__init__()
        self.first_rests = first_rests

    def __call__(self, job):
        program = RESTING + TRAINING if self.first_rests and not self else TRAINING
        self.append(start("-c", program, job.place, log=job.place / jobs.LOG, trains=True))
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
