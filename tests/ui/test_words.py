"""The tables of words: complete, alike, used, and chosen by what a browser asks for."""

import ast
import json
import math
import re
import string

import numpy as np
import pytest
from helpers.commands import ROOT
from helpers.gans import SMALL, small_gan

from gan_demo import belief
from gan_demo.networks import ARCHITECTURES
from gan_demo.objectives import OBJECTIVES
from gan_demo.penalties import PENALTIES
from gan_demo.recipes import RECIPES
from gan_demo.ui import guide, words
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.tabs.discriminator import judges
from gan_demo.ui.tabs.lab import tab as lab
from gan_demo.ui.tabs.training import model_table
from gan_demo.ui.words import LANGUAGES, english, say

# Keys that are put together at run time.
COMPUTED = r"(short|long) (mlp|dcgan|style)|" + "|".join(belief.VERDICTS) + "|no number|(real|generated) group"
COMPUTED += r"|example \w+|flag .+|likelier \w+|hub \w+"
COMPUTED += r"|(repair|enlarge) done|look (nearest|repair|enlarge)"
COMPUTED += r"|(nearest|shipped) (alt|told)|tell \w+|game (yes|no|left|right)( \w+)?"
COMPUTED += r"|(towards|led to) (typical|middle)"
COMPUTED += r"|place \w+|stop \w+|(short )?failure .+"
COMPUTED += r"|(lab|train) .+"  # of their scripts
COMPUTED += r"|units (off|doubled|before|ink|loops|ends|digit)"
COMPUTED += r"|.+ of others"  # markup.either
TABS = "samples|interpolate|discriminator|spherical|linear|in (z|w\\+?)|from (14|28)"


def placeholders(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things(language):
    texts = LANGUAGES[language].texts
    assert set(texts) == set(english.TEXTS)
    for key, text in english.TEXTS.items():
        assert texts[key].strip()
        assert placeholders(texts[key]) == placeholders(text), key


def test_every_word_is_used():
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "gan_demo" / "ui").rglob("*.py")
        if "words" not in path.parts
    )
    source += (ROOT / "gan_demo/ui/words/__init__.py").read_text(encoding="utf-8")
    unused = [
        key
        for key in english.TEXTS
        if f'"{key}"' not in source and f"'{key}'" not in source and not re.fullmatch(f"{COMPUTED}|{TABS}", key)
    ]
    assert not unused


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_architecture_without_a_text_has_its_own_name(language, tmp_path, monkeypatch):
    monkeypatch.setitem(ARCHITECTURES, "tiny", ARCHITECTURES["mlp"])
    monkeypatch.setitem(SMALL, "tiny", SMALL["mlp"])
    small_gan("tiny").save_pretrained(tmp_path / "m")
    catalogue = Catalogue([tmp_path])
    model = catalogue.load("m")
    with words.speaking(language):
        assert catalogue.choices() == [("m · tiny", "m")]
        assert (say("architecture"), "tiny") in model.facts()
        assert "tiny" in model_table.view(catalogue, model)
        assert "tiny" in judges.view(catalogue, model, np.zeros((28, 28), np.uint8), None)
        assert "MLP" in words.network("mlp", "long")


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {words.DEFAULT}))
def test_what_d_means_is_said_in_every_other_language(language):
    for key in belief.MEANINGS:
        assert set(LANGUAGES[language].meanings[key]) == {"name", "unit", "explanation", "caution"}
    with words.speaking(language):
        for objective in ("non-saturating", "wasserstein"):
            assert words.meaning(objective, "name") != belief.meaning(objective).name


def test_no_word_of_a_citation_or_a_formula_stays_english():
    rows = [*OBJECTIVES.values(), *PENALTIES.values()]
    texts = [text for row in rows for text in (row.source, row.formula)]
    assert [words.phrased(text) for text in texts] == texts
    with words.speaking("zh"):
        said = [words.phrased(text) for text in texts]
    assert "Mao 等 2017，公式 9" in said
    assert set(re.findall(r"\b[a-z]{2,}", " ".join(said))) <= {"max", "min", "log", "sigmoid"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_recipe_and_every_penalty_has_a_sentence(language):
    table = LANGUAGES[language]
    assert set(table.recipes) == set(RECIPES)
    assert set(table.penalties) == {*PENALTIES, "spectral"} - {"none"}
    with words.speaking(language):
        for sentence in (*map(words.recipe, RECIPES), *map(words.penalty, table.penalties)):
            assert sentence.endswith((".", "。"))
        assert words.recipe("somebody's") == words.penalty(None) == ""


def test_what_d_means_is_said_in_english():
    assert words.meaning("minimax", "name") == belief.MEANINGS["logit"].name
    assert all(row.name for row in belief.MEANINGS.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_of_a_lesson_has_three_sentences_at_most(language):
    with words.speaking(language):
        texts = words.beginning("lab ")
    for lesson in lab.LESSONS:
        answer = texts[f"{lesson} answer"].replace("{models}", texts["digits measured"])
        sentences = re.findall(r"[.!?](?=\s|$)|[。！？]", answer)
        assert 2 <= len(sentences) <= 3, (lesson, answer)


def test_another_language_is_spoken_inside_only():
    with words.speaking("zh"):
        assert say("seed") == "随机种子"
        assert words.tell(ValueError("this file is damaged: save or download it again")).startswith("图片已损坏")
        assert words.tell(ValueError("a point of w+ has none of its own in w")).startswith("w+ 空间中的点")
    assert say("seed") == "Seed"
    assert words.tell(ValueError("one thing")) == "one thing"


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("de,zh-TW;q=0.5,en;q=0.3", "zh"),
        ("xx", "en"),
        ("zh;q=0,en;q=0.1", "en"),
        ("*", "en"),
        (";;q=,,", "en"),
    ],
)
def test_the_language_is_the_one_the_browser_likes_best(accept, language):
    assert words.preferred(accept) == language
    assert language in LANGUAGES


def test_ranks_in_words():
    group = "real test digits"
    for share, wanted in (
        (0.62, "More real than 62 % of real test digits"),
        (0.002, "Less real than over 99 % of real test digits"),
        (0.998, "More real than over 99 % of real test digits"),
        (0, "Less real than all real test digits"),
        (1, "More real than all real test digits"),
        (math.nan, "Nowhere among real test digits"),
    ):
        assert words.comparison(share, group).replace("\u00a0", " ").replace("\u202f", " ") == wanted


def test_likelihoods_in_words():
    for ratio, wanted in (
        (3.0, "3.0 times likelier under the data than under the generator"),
        (1 / 3, "3.0 times likelier under the generator than under the data"),
        (1.05, "About as likely under the data as under the generator"),
        (12.7, "13 times likelier under the data"),
        (123456.0, "120,000 times likelier under the data"),
        (1e9, "Over a million times likelier under the data"),
        (0.0, "Over a million times likelier under the generator"),
    ):
        assert words.likelihood(ratio).startswith(wanted)


def test_the_critic_of_the_tour_lags_and_then_its_gap_grows_while_the_digits_get_better():
    lines = (ROOT / "checkpoints/mlp-wgan-gp/history.jsonl").read_text(encoding="utf-8").splitlines()
    epochs = {row["epoch"]: row for row in map(json.loads, lines)}
    gap = {epoch: row["score_real"] - row["score_fake"] for epoch, row in epochs.items()}
    assert guide.PATHS["lecture"]["wasserstein"]["model"] == "mlp-wgan-gp"
    assert gap[10] < 0 < gap[25] < gap[50]
    frechet = [epochs[epoch]["evaluation"]["frechet_distance"] for epoch in (10, 25, 50)]
    assert frechet == sorted(frechet, reverse=True)


# Where messages come from that the page shows, and beginnings of those that only programs and commands can cause.
TOLD_OF = (
    *("checkpoint", "config", "settings", "data/archives", "data/folder", "data/sets", "latent/directions"),
    *("latent/noise", "latent/spaces", "pictures/opening", "training/epochs", "training/history", "training/iteration"),
    *("training/jobs", "ui/trainer/zips"),
)
NOT_OF_A_PAGE = ("pictures are read in grey", "a latent begins with", "styles are mixed", "each layer of w+")
FIRST = ("7", "--7", "7, line 7")  # what is put into them first; one of these will do


def messages(module):
    """What each UserError of a module says, with each of FIRST and then 7 for what is put in."""
    for node in ast.walk(ast.parse((ROOT / "gan_demo" / f"{module}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "UserError":
            said = node.args[0]
            parts = said.values if isinstance(said, ast.JoinedStr) else [said]
            texts = [_filled(parts, first) for first in FIRST]
            if re.search("[a-z]{3}", texts[0]) and not texts[0].startswith(NOT_OF_A_PAGE):
                yield texts


def _filled(parts, first):
    text, value = "", first
    for part in parts:
        if isinstance(part, ast.Constant):
            text += part.value
        else:
            text += repr(value) if getattr(part, "conversion", -1) == ord("r") else value
            value = "7"
    return text


def test_sentences_follow_each_other_as_in_their_language():
    assert words.sentences("One.", "", "Two.") == "One. Two."
    with words.speaking("zh"):
        assert words.sentences("一。", "", "二。") == "一。二。"


def test_chinese_is_set_as_chinese_is():
    """A space between Han and Latin, wide punctuation beside Han, six dots, no plain space before a percent sign."""
    zh = LANGUAGES["zh"]
    meanings = [text for row in zh.meanings.values() for text in row.values()]
    texts = [text for key, text in zh.texts.items() if key != "lab js"]  # a formula: JS(数据, G)
    texts += [*meanings, *zh.errors.values(), *zh.recipes.values(), *zh.penalties.values()]
    wrong = "[一-龥][A-Za-z0-9]|[A-Za-z0-9%][一-龥]|[一-龥][,;:!?]|[,;:!?][一-龥]|(?<!…)…(?!…)|[0-9}] %"
    assert not [text for text in texts if re.search(wrong, re.sub(r"&\w+;", " ", text))]


def test_the_chinese_page_knows_what_goes_wrong_below_it():
    found = [texts for module in TOLD_OF for texts in messages(module)]
    assert len(found) > 60
    with words.speaking("zh"):
        assert not [texts[0] for texts in found if all(words.tell(text) == text for text in texts)]
        for told in (
            "a loss became NaN or infinite at step 2; no epoch was finished, so no weights are kept. Start again",
            "a weight became NaN or infinite at step 2; the weights of epoch 3 are kept in runs/a. Start again",
            "this file is in the format HEIC, which is not read: save it as JPEG or PNG",
        ):
            assert not re.search("[a-z]{5}", words.tell(told))
