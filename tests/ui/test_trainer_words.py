"""What the settings of a training are called on the page."""

import re
import time

from helpers.gans import small_gan

from gan_demo import files
from gan_demo.checkpoint import STATE_FILE
from gan_demo.objectives import OBJECTIVES
from gan_demo.penalties import PENALTIES
from gan_demo.recipes import RECIPES
from gan_demo.training import live
from gan_demo.training.history import Epoch
from gan_demo.ui import words
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.tabs.training import tab
from gan_demo.ui.trainer import part


def test_keys_of_the_settings_have_chinese_names_with_the_key_beside():
    for kind, keys in (("objective", OBJECTIVES), ("penalty", PENALTIES), ("recipe", RECIPES)):
        assert part._called(kind, keys) == [(key, key) for key in keys]
        with words.speaking("zh"):
            assert all(text.endswith(f"（{key}）") for key, text in part._called(kind, keys))
    turned = ({"step": 6.0, "objective": "hinge"}, {"step": 7.0, "freeze": ""}, {"step": 8.0, "lr_d": 0.01})
    with words.speaking("zh"):
        told = re.findall("<li>(.*?)</li>", tab._happened([Epoch(1, {}, {}, (), changes=turned)]))
    assert [line.partition("手动改动：")[2] for line in told] == [
        "目标函数 合页（hinge）",
        "冻结 都不冻结",
        "D 的学习率 0.01",
    ]


def test_mode_collapse_has_one_name():
    texts = words.LANGUAGES["zh"].texts.values()
    assert any("模式崩溃" in text for text in texts)
    assert not [text for text in texts if "崩塌" in text]


def test_the_list_says_of_a_model_that_its_training_is_at_work_or_has_stopped(tmp_path):
    folder = tmp_path / "m"
    small_gan("mlp").save_pretrained(folder)
    catalogue = Catalogue([tmp_path])
    assert "unfinished" not in catalogue.choices()[0][0]
    (folder / STATE_FILE).touch()
    assert catalogue.choices()[0][0].startswith("m · unfinished · ")
    (folder / live.FOLDER).mkdir()
    files.write_json(folder / live.FOLDER / live.NOW, {"phase": "training", "at": time.time()})
    assert catalogue.choices()[0][0].startswith("m · in training · ")
    for hour in (-3600, 3600):  # the clock was set back since it was killed
        files.write_json(folder / live.FOLDER / live.NOW, {"phase": "training", "at": time.time() + hour})
        with words.speaking("zh"):
            assert catalogue.choices()[0][0].startswith("m · 未训练完 · ")
