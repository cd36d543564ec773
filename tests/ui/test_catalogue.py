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


def test_the_list_shows_the_name_of_a_folder_and_addresses_hold_what_they_can(tmp_path):
    for folder in ("a/my letters", "b/my letters", "a/c&a, new", "a/two\nlines", "a/plain"):
        small_gan("mlp").save_pretrained(tmp_path / folder)
    catalogue = Catalogue([tmp_path / "a", tmp_path / "b"])
    shown = {name: label.partition(" · ")[0] for label, name in catalogue.choices()}
    assert shown == {
        "my-letters": "my letters",
        "b/my-letters": "b/my letters",
        "c-a--new": "c&a, new",
        "two-lines": "two lines",
        "plain": "plain",
    }
    assert catalogue.address("my-letters:42:3", "plain").model == "my-letters"


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
