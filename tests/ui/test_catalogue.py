"""Which folder a name of the page leads to."""

import json
import shutil

import pytest
from helpers.gans import small_gan

from gan_demo.errors import UserError
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.tabs.directions.tab import explore
from gan_demo.ui.tabs.interpolate.walk import Walk


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


@pytest.mark.parametrize(
    "asked", [{"start": "{}:42:3"}, {"start": "42:3", "plus": "{}:1:0"}, {"these": ["{}:7:0"]}, None]
)
def test_an_address_of_another_model_is_taken_only_where_that_is_here(tmp_path, asked):
    for seed, name in enumerate(("one", "two")):
        small_gan("mlp", seed=seed).save_pretrained(tmp_path / name)
    catalogue = Catalogue([tmp_path])

    def look(other):
        if asked is None:
            return Walk.asked(catalogue, "one", f"42:3,{other}:1:0", "spherical", 5, "0")
        named = json.loads(json.dumps({"start": "42:3", **asked}).replace("{}", other))
        return explore(catalogue, {"model": "one", **named})

    assert look("two")
    with pytest.raises(UserError, match="There is no model 'nosuch'"):
        look("nosuch")
