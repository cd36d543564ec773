"""Which folder a name of the page leads to."""

import shutil

import pytest
from helpers.gans import small_gan

from gan_demo.errors import UserError
from gan_demo.ui.shared.catalogue import Catalogue


def test_a_name_is_looked_up_once_in_a_while_and_what_has_gone_or_come_is_seen_at_once(tmp_path, monkeypatch):
    for root in ("models", "others"):
        small_gan("mlp", seed=1).save_pretrained(tmp_path / root / "m")
    catalogue, looked = Catalogue([tmp_path / "models"]), []
    folders = catalogue.folders
    monkeypatch.setattr(catalogue, "folders", lambda: looked.append(1) or folders())
    assert [catalogue.load("m").folder for _ in range(3)] == [tmp_path / "models" / "m"] * 3
    assert len(looked) == 1
    assert catalogue.add(tmp_path / "others" / "m") == "m"  # listed before it
    assert catalogue.load("m").folder == tmp_path / "others" / "m"
    shutil.rmtree(tmp_path / "others" / "m")
    assert catalogue.load("m").folder == tmp_path / "models" / "m"
    shutil.rmtree(tmp_path / "models" / "m")
    with pytest.raises(UserError, match="no model 'm'"):
        catalogue.load("m")
