"""What must be so before anything is imported, and the fixtures of all tests (helpers/fixtures.py)."""

import os
import sys

# A core for each of pytest's processes: more threads would wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# What an earlier run computed must not hide what this code would.
os.environ["GAN_DEMO_CACHE"] = ""
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
# And ports of its own: between finding a free one and listening there, another process may take it.
os.environ["GRADIO_SERVER_PORT"] = str(10_000 + os.getpid() % 200 * 100)
# Some environments forbid compiled files. Each process of pytest would compile all tests and all of the project anew,
# and so would each command that a test starts.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A proxy knows no address of this machine. What is said of proxies is tested by the tests themselves.
for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
    del os.environ[name]


def pytest_configure(config):
    """The process that only hands tests out to others imports neither torch nor the project: they wait for it."""
    hands_out = getattr(config.option, "dist", "no") != "no" and not hasattr(config, "workerinput")
    if not hands_out:
        config.pluginmanager.import_plugin("helpers.fixtures")
