"""What the settings of a training are called on the page."""

import re

from gan_demo.objectives import OBJECTIVES
from gan_demo.penalties import PENALTIES
from gan_demo.recipes import RECIPES
from gan_demo.training.history import Epoch
from gan_demo.ui import words
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
