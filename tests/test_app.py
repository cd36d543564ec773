"""The command that opens the page: its words, its errors, and the models that it finds."""

import json
import shutil
import socket
import time

import pytest
import torch
import uvicorn
from helpers.commands import here, in_a_loop
from helpers.gans import small_gan

import app
from gan_demo import UserError
from gan_demo.cli import page
from gan_demo.ui import page as page_of_models
from gan_demo.ui.shared.catalogue import Catalogue


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "tiny-model"
    small_gan("dcgan", seed=3).save_pretrained(folder)
    return folder


def test_help_is_in_words():
    result = here(app.main, "--help")
    assert result.returncode == 0
    for flag in ("--checkpoint", "--host", "--port", "--share", "--mcp", "--workers", "--trusted-proxy"):
        assert flag in result.stdout
    assert "needs no network" in " ".join(result.stdout.split())


def refused(capsys, *arguments):
    """The one line with which `app.py` refuses to start."""
    assert app.main([str(argument) for argument in arguments]) == 2
    output = capsys.readouterr()
    assert not output.out
    (line,) = output.err.splitlines()
    assert line.startswith("app.py: ")
    return line


def test_a_checkpoint_that_is_none_is_one_line(capsys, tmp_path, checkpoint):
    assert "missing is not a checkpoint" in refused(capsys, "--checkpoint", tmp_path / "missing")
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "config.json").write_text('{"model_type": "bert"}')
    assert "not of this project" in refused(capsys, "--checkpoint", foreign)
    torn = tmp_path / "torn"
    torn.mkdir()
    (torn / "config.json").write_bytes((checkpoint / "config.json").read_bytes())
    assert "model.safetensors" in refused(capsys, "--checkpoint", torn)
    (torn / "model.safetensors").write_bytes((checkpoint / "model.safetensors").read_bytes()[:2000])
    assert "damaged" in refused(capsys, "--checkpoint", checkpoint, "--checkpoint", torn)


def test_a_group_that_cannot_be_had_is_one_line(capsys, monkeypatch):
    assert "--workers is a number from 1 to 64, not 0" in refused(capsys, "--workers", 0)
    assert "cannot be had together" in refused(capsys, "--workers", 2, "--share")
    assert "--trusted-proxy is an address" in refused(capsys, "--trusted-proxy", "proxy.example")
    monkeypatch.delattr(socket, "SO_REUSEPORT", raising=False)
    assert "Linux or macOS" in refused(capsys, "--workers", 2)


@pytest.mark.parametrize("proxies, believed", [([], "10.0.0.1"), (["10.0.0.0/8", "::1"], "1.2.3.4")])
def test_only_a_proxy_that_is_trusted_says_who_asks(monkeypatch, proxies, believed):
    monkeypatch.setenv(page.TRUSTED, "")
    monkeypatch.delenv(page.TRUSTED)
    page.trust(proxies)
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["client"][0])

    server = uvicorn.Config(app, lifespan="off")
    server.load()
    headers = [(b"x-forwarded-for", b"1.2.3.4")]
    in_a_loop(server.loaded_app({"type": "http", "client": ("10.0.0.1", 1), "headers": headers}, None, None))
    assert seen == [believed]


def test_an_address_that_cannot_be_had_is_one_line(capsys, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port {port} is taken" in refused(capsys, "--port", port)
        monkeypatch.setattr(page, "PORTS", 1)
        monkeypatch.setenv("GRADIO_SERVER_PORT", str(port))
        assert f"no port from {port} to {port} is free" in refused(capsys)
    assert page.free_port("127.0.0.1", None) == port  # free again
    monkeypatch.setenv("GRADIO_SERVER_PORT", "first")
    assert "GRADIO_SERVER_PORT" in refused(capsys)
    assert "1 to 65535" in refused(capsys, "--port", 0)
    assert "not an address of this machine" in refused(capsys, "--host", "192.0.2.1", "--port", 7860)
    monkeypatch.setenv("GRADIO_SERVER_NAME", "no such host")
    assert "no such host is not an address" in refused(capsys, "--port", 7860)


def test_the_next_free_port_is_found(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("GRADIO_SERVER_PORT", str(taken.getsockname()[1]))
        assert page.free_port("127.0.0.1", None) > taken.getsockname()[1]


def test_a_page_without_models_says_how_to_get_one(tmp_path):
    with pytest.raises(UserError, match=r"train one with python -m gan_demo train"):
        Catalogue([tmp_path]).first()


def test_each_person_gets_one_thread_of_torch():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        page.prepare()
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)


def test_checkpoints_are_named_without_their_paths(tmp_path, checkpoint):
    gan = small_gan("mlp")
    for folder in ("checkpoints/mlp", "runs/mlp", "runs/other"):
        gan.save_pretrained(tmp_path / folder)
    catalogue = Catalogue([tmp_path / "checkpoints", tmp_path / "runs", tmp_path / "checkpoints"], [checkpoint])
    assert list(catalogue.folders()) == ["tiny-model", "mlp", "runs/mlp", "other"]
    (tmp_path / "runs/other/config.json").write_text("{}")
    assert dict(catalogue.choices())["other (cannot be loaded)"] == "other"
    with pytest.raises(UserError, match="There is no model '../mlp'"):
        catalogue.load("../mlp")
    with pytest.raises(UserError) as error:
        catalogue.load("other")
    assert str(tmp_path) not in str(error.value)


def test_a_model_whose_folder_goes_leaves_the_list_and_the_page_opens_with_another(tmp_path):
    for name in ("a", "b"):
        small_gan("mlp").save_pretrained(tmp_path / name)
    for first in ([], [tmp_path / "a"]):  # found, or named by --checkpoint
        catalogue = Catalogue([tmp_path], first)
        assert catalogue.usual("a") == "a"
        (tmp_path / "a" / "config.json").rename(tmp_path / "config.json")  # as a training with --overwrite begins
        assert [name for _, name in catalogue.choices()] == ["b"]
        assert catalogue.usual("a") == "b"
        (tmp_path / "config.json").rename(tmp_path / "a" / "config.json")
        assert catalogue.usual("a") == "a"


def test_a_page_whose_first_model_has_gone_opens_without_a_word_of_it(tmp_path):
    for name in ("a", "b"):
        small_gan("mlp").save_pretrained(tmp_path / name)
    blocks = page_of_models.build(Catalogue([tmp_path]))
    shutil.rmtree(tmp_path / "a")
    opened = next(function for function in blocks.fns.values() if function.name == "open_as_asked")
    picker, chosen, *_ = opened.fn("")
    assert chosen == "b"
    assert picker.value == "b"


def test_a_checkpoint_that_changes_is_read_again(tmp_path):
    catalogue = Catalogue([tmp_path])
    small_gan("mlp", seed=1).save_pretrained(tmp_path / "m")
    first = catalogue.load("m")
    assert catalogue.load("m") is first
    time.sleep(0.01)
    small_gan("mlp", seed=2).save_pretrained(tmp_path / "m")
    assert not torch.equal(catalogue.load("m").gan.sample(1, 0), first.gan.sample(1, 0))


def test_without_sound_metrics_a_model_has_no_comparison(tmp_path):
    small_gan("mlp", training={"dataset": "kmnist"}).save_pretrained(tmp_path / "m")
    assert "python -m gan_demo evaluate m" in Catalogue([tmp_path]).load("m").why_no_reference
    (tmp_path / "m" / "state.pt").touch()
    assert "has not finished" in Catalogue([tmp_path]).load("m").why_no_reference
    other = {"discriminator": {"real": [0, 1], "generated": [0, 1]}, "weights_sha256": "0" * 64}
    for content in ("", "[1", "[]", '{"model": 3, "discriminator": {"real": 1}}', json.dumps(other)):
        (tmp_path / "m" / "metrics.json").write_text(content)
        model = Catalogue([tmp_path]).load("m")
        assert model.reference is None
        assert "metrics.json" in model.why_no_reference
        assert dict(model.facts())["Fréchet distance"] == "not measured yet"


def test_mcp_without_its_package_is_one_line(capsys, monkeypatch):
    monkeypatch.setattr(page.importlib.util, "find_spec", lambda name: None)
    assert 'pip install "gradio[mcp]"' in refused(capsys, "--mcp")


def test_a_port_that_is_taken_at_the_last_moment_gives_way_to_the_next(checkpoint, monkeypatch, capsys):
    from gan_demo.ui import page as pages

    tried, taken = [], socket.socket()

    def serve(blocks, host, port, share=False, mcp=False, desk=None, group=None):
        tried.append(port)
        if len(tried) == 1:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # an earlier page's connections linger
            taken.bind((host, port))
            taken.listen()
            raise OSError("taken")
        return f"http://{host}:{port}/"

    monkeypatch.setattr(pages, "serve", serve)
    monkeypatch.setattr(page.signal, "signal", lambda *arguments: None)  # this process keeps its own
    monkeypatch.setattr(page.threading.Event, "wait", lambda event, timeout=None: True)
    with taken:
        assert app.main(["--checkpoint", str(checkpoint)]) == 0
    assert len(tried) == 2
    assert tried[1] > tried[0]
    assert f"http://127.0.0.1:{tried[1]}/" in capsys.readouterr().out
