"""gan-demo pull: a model of the Hub in the cache or in a folder of one's own."""

import errno
import shutil
from pathlib import Path

from helpers.commands import here
from helpers.hub import files, save

from gan_demo import GAN, cli, hub


def test_a_model_is_fetched_into_a_new_folder(there, tmp_path):
    there.add("ada/digits", files(save(tmp_path / "model")))
    new = tmp_path / "my models" / "digits"
    said = here(cli.main, "pull", "ada/digits", "--output", new)
    assert (said.returncode, said.stderr) == (0, "")
    line = f'It is in {new}. Look at it with: python -m gan_demo page --checkpoint "{new}"\n'
    assert said.stdout == line
    whole = files(tmp_path / "model")
    assert files(new) == {name: whole[name] for name in hub.PULLED if name in whole}
    assert not any(path.is_symlink() for path in new.iterdir())
    assert [path.name for path in new.parent.iterdir()] == ["digits"]  # nothing is left of the way there
    GAN.from_pretrained(new)

    again = here(cli.main, "pull", "ada/digits", "--output", new)
    assert again.returncode == 2
    assert again.stderr == f"gan-demo pull: {new} is there already: nothing is overwritten, choose another folder\n"


def test_a_folder_on_a_full_disk_is_named(there, tmp_path, monkeypatch):
    there.add("ada/digits", files(save(tmp_path / "model")))

    def full(source, target):
        raise OSError(errno.ENOSPC, "No space left on device", str(source), None, str(target))

    monkeypatch.setattr(shutil, "copyfile", full)
    said = here(cli.main, "pull", "ada/digits", "--output", tmp_path / "new")
    assert (said.returncode, said.stderr) == (2, f"gan-demo pull: No space left on device: {tmp_path / 'new'}\n")
    assert not [path for path in tmp_path.iterdir() if "new" in path.name]


def test_without_a_folder_it_says_where_the_cache_has_it(there, tmp_path):
    there.add("ada/digits", files(save(tmp_path / "model")))
    said = here(cli.main, "pull", "ada/digits")
    folder = Path(said.stdout.removeprefix("It is in ").split(". Look at it")[0])
    assert hub.origin(folder).repository == "ada/digits"
    assert folder.is_dir()
    missing = here(cli.main, "pull", "ada/none")
    assert missing.returncode == 2
    assert missing.stderr.startswith("gan-demo pull: ada/none is neither a folder here nor a repository")
