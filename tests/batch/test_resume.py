"""An upload that breaks off anywhere goes on: every part arrives, none of them twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.batch.build import Frame, build, synthetic
from harness.batch.manifest import Manifest
from harness.batch.people import People
from harness.engine.batch_api import BatchApi, Place, PlaceError
from harness.engine.marks import request_headers
from harness.engine.refusal import RefusedError
from harness.engine.target_errors import TargetError, UnreachableError
from harness.run.batch_files import Bundle
from harness.run.batch_upload import Patience, Uploader
from harness.run.named_target import target_of
from tests.sandbox.client import Client

from .conftest import Wire

PATIENCE = Patience(30.0)


class Quiet:
    def __init__(self) -> None:
        self.told: list[str] = []

    def sending(self, part, host):
        pass

    def sent(self, size):
        pass

    def state(self, part, waited_s):
        pass

    def again(self, part, reason):
        self.told.append(reason)


class Broken(BatchApi):
    """Ends at a step: before the n-th call reaches the target, or after it did."""

    def __init__(self, url: str, step: int, error: BaseException, after: bool) -> None:
        super().__init__(target_of(url, environ={}), request_headers("BTEST"))
        self.step = step
        self.error = error
        self.after = after
        self.calls = 0

    def _broken(self, call, *args):
        self.calls += 1
        here = self.calls == self.step
        if here and not self.after:
            raise self.error
        result = call(*args)
        if here:
            raise self.error
        return result

    def allocate(self, *args):
        return self._broken(super().allocate, *args)

    def send(self, *args):
        return self._broken(super().send, *args)

    def status(self, *args):
        return self._broken(super().status, *args)


def parts(folder: Path, count: int = 30) -> tuple[Bundle, Manifest]:
    records = synthetic(count, People((("en_GB", 1.0),), 1), Frame("guest", "create"), 1)
    made = Manifest("now", "guest", "create", 1, (), build(records, folder, 2_500, (), lambda *_: None))
    bundle = Bundle(folder)
    bundle.write(made)
    return bundle, made


def uploader(bundle: Bundle, api: BatchApi, progress: Quiet | None = None) -> Uploader:
    return Uploader(bundle, bundle.read(), api, progress or Quiet(), sleep=lambda s: None)


def whole(url: str) -> BatchApi:
    return BatchApi(target_of(url, environ={}), request_headers("BTEST"))


@pytest.mark.parametrize("after", [False, True])
def test_ended_at_any_step_it_goes_on(client: Client, tmp_path: Path, after: bool) -> None:
    step, ended = 0, True
    while ended:
        step += 1
        client.request("POST", "/_sandbox/reset")
        (tmp_path / str(step)).mkdir()
        bundle, made = parts(tmp_path / str(step))
        assert len(made.parts) == 2
        api = Broken(client.url, step, KeyboardInterrupt(), after)
        try:
            uploader(bundle, api).run(PATIENCE)
            ended = False
        except KeyboardInterrupt:
            uploader(bundle, whole(client.url)).run(PATIENCE)
        # "create" would fail for whoever came a second time.
        assert [part.state for part in bundle.read().parts] == ["success", "success"], step
        assert client.stats()["guests"] == 30
    assert step > 6


@pytest.mark.parametrize("after", [False, True])
def test_a_connection_that_breaks_is_tried_again(client: Client, tmp_path: Path, after: bool) -> None:
    bundle, _ = parts(tmp_path)
    progress = Quiet()
    uploader(bundle, Broken(client.url, 2, UnreachableError("it broke"), after), progress).run(PATIENCE)
    assert [part.state for part in bundle.read().parts] == ["success", "success"]
    assert client.stats()["guests"] == 30
    # What arrived although nobody said so is not sent again.
    assert progress.told == ([] if after else ["it broke"])


def test_a_place_that_expired_is_asked_for_anew(client: Client, tmp_path: Path) -> None:
    bundle, made = parts(tmp_path)
    uploader(bundle, Broken(client.url, 2, PlaceError("expired"), False)).run(PATIENCE)
    (first, second) = bundle.read().parts
    assert (first.state, first.earlier) == ("success", (made.parts[0].ref,))
    assert second.earlier == ()


def test_a_place_that_never_works_is_given_up(client: Client, tmp_path: Path, monkeypatch) -> None:
    bundle, _ = parts(tmp_path)
    api = whole(client.url)
    real = api.allocate
    monkeypatch.setattr(api, "allocate", lambda *args: Place(real(*args).url.replace("Signature=", "Signature=0")))
    with pytest.raises(PlaceError, match="403"):
        uploader(bundle, api).run(PATIENCE)
    assert len(bundle.read().parts[0].earlier) == 2


def test_a_ref_that_another_used_is_replaced(client: Client, wire: Wire, tmp_path: Path) -> None:
    bundle, made = parts(tmp_path)
    wire.announce(made.parts[0].ref, b"something else")
    progress = Quiet()
    uploader(bundle, whole(client.url), progress).run(PATIENCE)
    assert [part.state for part in bundle.read().parts] == ["success", "success"]
    assert progress.told == ["its batch ref was used before (409)"]


def test_a_part_that_somebody_sent_already_is_recognised(client: Client, wire: Wire, tmp_path: Path) -> None:
    bundle, made = parts(tmp_path)
    wire.upload(made.parts[0].ref, (tmp_path / made.parts[0].file).read_bytes())
    uploader(bundle, whole(client.url)).run(PATIENCE)
    assert client.stats()["guests"] == 30
    assert bundle.read().parts[0].earlier == ()


def test_a_part_that_arrives_damaged_is_sent_again_a_few_times(client: Client, tmp_path: Path) -> None:
    client.faults(batches={"corrupted": 1})
    bundle, _ = parts(tmp_path)
    uploader(bundle, whole(client.url)).run(PATIENCE)
    first, second = bundle.read().parts
    assert (first.state, len(first.earlier), second.state) == ("corrupted", 2, "built")
    client.faults()
    uploader(bundle, whole(client.url)).run(Patience(30.0, again=True))
    assert [part.state for part in bundle.read().parts] == ["success", "success"]


def test_patience_ends(client: Client, tmp_path: Path) -> None:
    client.faults(batches={"delay": "1h"})
    bundle, _ = parts(tmp_path)
    upload = Uploader(bundle, bundle.read(), whole(client.url), Quiet())
    upload.run(Patience(0.3))
    assert [part.state for part in bundle.read().parts] == ["sent", "built"]


# Whom what is sent to


@pytest.fixture
def cdp() -> BatchApi:
    environ = {"CDP_CLIENT_KEY": "our-key", "CDP_API_TOKEN": "our-token"}
    return BatchApi(target_of("eu", environ=environ), request_headers("BTEST"))


@pytest.mark.parametrize(
    "url",
    [
        "http://bucket.s3.amazonaws.com/file",
        "ftp://bucket.s3.amazonaws.com/file",
        "https://user:password@bucket.s3.amazonaws.com/file",
        "https:///file",
        "file:///etc/passwd",
        "//bucket.s3.amazonaws.com/file",
        "https://[::1/file",
        "nonsense",
    ],
)
def test_places_that_no_file_is_sent_to(cdp: BatchApi, url: str) -> None:
    with pytest.raises(TargetError):
        cdp._trusted(Place(url))


def test_a_target_without_tls_sends_us_nowhere(client: Client) -> None:
    with pytest.raises(TargetError, match="a target without TLS must not"):
        whole(client.url)._trusted(Place("https://bucket.s3.amazonaws.com/file"))


def test_keys_never_go_to_another_host(cdp: BatchApi, tmp_path: Path) -> None:
    sent = []

    class Elsewhere:
        def request(self, method, url, **named):
            sent.append((url, named))
            return type("Reply", (), {"status": 400, "data": b"<Error><Message>No.</Message></Error>"})()

    cdp._foreign = Elsewhere()  # type: ignore[assignment]
    (tmp_path / "part").write_bytes(b"data")
    place = cdp._trusted(Place("https://bucket.s3.amazonaws.com/file?X-Amz-Signature=secret"))
    assert "secret" not in f"{place!r} {place.shown} {place.host}"
    with pytest.raises(RefusedError) as refused:
        cdp.send(place, tmp_path / "part", "md5", 4, lambda size: None)
    assert "secret" not in str(refused.value)
    ((url, named),) = sent
    assert url.startswith("https://bucket.s3.amazonaws.com/")
    assert named["redirect"] is False
    names = {name.lower() for name in named["headers"]}
    assert names == {"user-agent", "x-amz-server-side-encryption", "content-type", "content-md5", "content-length"}
    assert "our-" not in repr(named["headers"])
