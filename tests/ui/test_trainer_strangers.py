"""Training from the page, by strangers and by other sites: what they may, and what they may send."""

import errno
import io
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from helpers.desks import FORM, desk_of
from helpers.gans import small_gan
from helpers.zips import archive, png
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gan_demo import UserError, files
from gan_demo.training import live
from gan_demo.ui.trainer import machine, routes


@pytest.fixture
def full(tmp_path, monkeypatch):
    desk = desk_of(tmp_path, monkeypatch, machine.FULL)
    yield desk
    desk.close()


@pytest.fixture
def bounded(tmp_path, monkeypatch):
    desk = desk_of(tmp_path, monkeypatch, machine.BOUNDED)
    yield desk
    for job in desk.jobs.all():
        desk.jobs.stop(job)  # none of those that wait starts any more
    for process in desk.started:
        if process.code is None:
            process.end(130)
    desk.close()


def test_strangers_train_little_and_see_only_what_is_theirs(bounded, tmp_path):
    for wrong, said in (
        ({"dataset": "kmnist"}, "should be one of|must be one of|is one of|digits, mnist"),
        ({"dataset": str(tmp_path)}, "digits, mnist"),
        ({"epochs": "9999"}, "at most 2000 epochs"),
        ({"batch_size": "4096"}, "batch size is at most 512"),
        ({"latent_dim": "4096"}, "latent dim is at most 512"),
    ):
        for ask in (bounded.start, bounded.time):
            with pytest.raises(UserError, match=said):
                ask({**FORM, **wrong})
    for ask in (lambda: bounded.look({"dataset": "digits"}), lambda: bounded.unpack(tmp_path / "x", "x")):
        with pytest.raises(UserError, match="not offered"):
            ask()
    (id,) = bounded.start(FORM)["ids"]
    assert bounded.started[0].job.minutes == 15
    assert bounded.live({})["jobs"] == bounded.live({"ids": ["..", "x" * 22, 5, None]})["jobs"] == []
    (mine,) = bounded.live({"ids": [id]})["jobs"]
    small_gan("mlp", seed=2).save_pretrained(bounded.runs / mine["name"])
    name = bounded.live({"ids": [id]})["jobs"][0]["model"]
    assert bounded.catalogue.load(name).name == name
    assert name not in bounded.catalogue.folders()
    assert [listed for _, listed in bounded.catalogue.choices()] == ["first"]
    assert [listed for _, listed in bounded.catalogue.choices("x", None, name)] == [name, "first"]
    writer = bounded.runs / "typed" / live.FOLDER / live.NOW  # nor is another's looked at
    files.write_json(writer, {"phase": "training", "at": time.time()})
    assert [job["id"] for job in bounded.live({"ids": [id, "terminal:typed"]})["jobs"]] == [id]
    for _ in range(5):
        bounded.start(FORM)
    with pytest.raises(UserError, match="5 trainings are waiting already"):
        bounded.start(FORM)
    files.write_json(bounded.started[0].job.place / "spent", 900.5)
    bounded.started[0].end(130)
    assert bounded.live({"ids": [id]})["jobs"][0]["over"]
    with pytest.raises(UserError, match="15 minutes"):
        bounded.go_on({"id": id})
    bounded.forget({"id": id})
    assert not (bounded.runs / mine["name"]).exists()
    with pytest.raises(UserError, match="no model"):
        bounded.catalogue.load(name)


def test_ten_visitors_at_once_get_a_training_each_or_a_line(bounded):
    app = Starlette(routes=routes.routes(bounded))

    def visit(number):
        with TestClient(app, base_url="http://demo.example.org") as client:
            answer = client.post("/training/start", json={**FORM, "seed": number}).json()
            if "error" in answer:
                return answer["error"]
            (job,) = client.post("/training/live", json={"ids": answer["ids"]}).json()["jobs"]
            assert job["about"]["seed"] == number
            return job["state"]

    with ThreadPoolExecutor(10) as visitors:
        found = sorted(visitors.map(visit, range(10)))
    assert found == ["5 trainings are waiting already: try again later"] * 4 + ["running"] + ["waiting"] * 5


def test_what_strangers_trained_is_deleted_in_the_end(bounded, monkeypatch):
    (id,) = bounded.start(FORM)["ids"]
    bounded.started[0].end()
    assert bounded.live({"ids": [id]})["jobs"]
    bounded.rules = bounded.rules._replace(kept_minutes=-1.0)
    assert not bounded.live({"ids": [id]})["jobs"]
    place = bounded.runs
    bounded.close()
    assert not place.exists()


@pytest.fixture
def web(full):
    with TestClient(Starlette(routes=routes.routes(full)), base_url="http://127.0.0.1:7860") as client:
        yield client


def test_no_other_site_reaches_a_page_of_this_machine(web):
    assert web.post("/training/live", json={}).json() == {"jobs": []}
    assert web.post("/training/live", json={}, headers={"origin": "http://127.0.0.1:7860"}).status_code == 200
    for headers in ({"origin": "http://evil.example"}, {"origin": "null"}, {"host": "evil.example:7860"}):
        assert web.post("/training/start", json=FORM, headers=headers).status_code == 403
    # A form of another site can send these types without asking first.
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        assert web.post("/training/start", content=json.dumps(FORM), headers={"content-type": kind}).status_code == 415
    assert web.post("/training/zip", content=b"PK", headers={"content-type": "text/plain"}).status_code == 415
    assert web.get("/training/start").status_code == 405
    assert web.post("/training/close", json={}).status_code == 404


class Full(io.BytesIO):
    """A file on a full disk."""

    def write(self, content):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_and_a_folder_without_rights_are_a_line(web, full, monkeypatch):
    kind = {"content-type": "application/zip"}
    with monkeypatch.context() as patch:
        patch.setattr(routes.tempfile, "TemporaryFile", Full)
        assert web.post("/training/zip?lang=zh", content=b"PK", headers=kind).json()["error"].startswith("本机磁盘已满")
    for number, said in ((errno.ENOSPC, "The disk of this machine is full"), (errno.EACCES, "The page may not write")):

        def write_bytes(path, content, number=number, **how):
            raise OSError(number, "no", str(path))

        monkeypatch.setattr(files, "write_bytes", write_bytes)
        assert web.post("/training/start", json=FORM).json()["error"].startswith(said)
    assert not full.started and not full.jobs.all()


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b"[" * 10_000, b'{"a": "' + b"x" * 60_000 + b'"}'])
def test_bodies_that_are_no_question(web, body):
    answer = web.post("/training/ask", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400


@pytest.mark.parametrize("what", routes.ACTIONS)
@pytest.mark.parametrize("sent", [{}, {"id": 5}, {"ids": 7, "watched": 7, "steps": 7}, {"lang": [1], "models": {}}])
def test_nonsense_is_answered_in_a_line(web, what, sent):
    answer = web.post(f"/training/{what}", json={**sent, "model": [], "knobs": 5})
    assert answer.status_code == 200
    assert "Traceback" not in answer.text
    assert web.post(f"/training/{what}", json={**sent, "lang": "zh", "epochs": "x"}).status_code == 200


def test_an_uploaded_zip_becomes_a_data_set(web, full, tmp_path):
    content = archive({f"{name}/{n}.png": png(n) for name in ("a", "b") for n in range(30)})
    sent = web.post("/training/zip?name=my%20cats.zip", content=content, headers={"content-type": "application/zip"})
    dataset = sent.json()["dataset"]
    answer = web.post("/training/look", json={"dataset": dataset}).json()
    assert (answer["said"], answer["classes"]) == ("54 pictures to train on, 6 held out", ["a: 27", "b: 27"])
    assert "my_cats" in web.post("/training/ask", json={**FORM, "dataset": dataset}).json()["command"]
    bad = web.post("/training/zip", content=b"no zip", headers={"content-type": "application/zip"}).json()
    assert bad["error"].startswith("this is no sound ZIP")
    full._forget_pictures()  # as when the page opens again: no training has use for them
    assert "no longer here" in web.post("/training/look", json={"dataset": dataset}).json()["error"]


def test_off_there_are_no_routes(full):
    full.rules = machine.RULES[machine.OFF]
    assert routes.routes(full) == routes.routes(None) == []
