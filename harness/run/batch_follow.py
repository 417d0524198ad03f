"""What ``harness batch upload``, ``status`` and ``errors`` do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from harness.batch import manifest as manifests
from harness.batch.manifest import Manifest, ManifestError
from harness.batch.refs import new_batch_ref
from harness.batch.sources import InputError
from harness.cdp import batch
from harness.cdp.batch_rules import is_uuid
from harness.engine.batch_api import BatchApi
from harness.engine.leave import check_allowed
from harness.engine.marks import new_run_id, request_headers
from harness.engine.target_errors import TargetError
from harness.report import batch_text, console
from harness.report.batch_progress import BatchProgress
from harness.run import exit_codes
from harness.run.batch_errors import PartErrors, errors_of, log_of
from harness.run.batch_files import Bundle, adopt, bundle_of, usual
from harness.run.batch_told import told
from harness.run.batch_upload import Patience, Uploader
from harness.run.named_target import target_of
from harness.scenario.model import Target
from harness.scenario.settings import settings_beside


@dataclass(frozen=True, slots=True)
class SendRequest:
    """What to upload or follow. ``what`` None: the usual folder; a batch's ref is asked about as it is."""

    what: str | None = None
    target: str | None = None
    allow_hosts: tuple[str, ...] = ()
    allow_production: bool = False
    wait_s: float = 0.0
    again: bool = False
    form: str = "text"
    most: int = 20
    out: Path | None = None
    quiet: bool = False


@told
def upload(request: SendRequest) -> int:
    """Sends parts and waits for them; 0 when all were imported whole, 1 when something was not, 4 when some are not done."""
    bundle, manifest = _bundle(request.what, may_adopt=True)
    target = target_of(request.target, manifest.target)
    _allowed(target, request)
    if manifest.target and manifest.target != target.url:
        if not request.again:
            what = f"{bundle.shown} goes to {manifest.target} since its first upload, not to {target.url}"
            raise InputError(f"{what}: send it all there, too, with --again")
        fresh = [replace(p, state=manifests.BUILT, ref=new_batch_ref(), has_log=False) for p in manifest.parts]
        manifest = replace(manifest, parts=tuple(fresh))
    manifest = replace(manifest, target=target.url)
    api = BatchApi(target, request_headers(new_run_id("B")))
    bundle.write(manifest)
    progress = BatchProgress(console.stdout(), request.quiet)
    uploader = Uploader(bundle, manifest, api, progress)
    try:
        with progress.uploading(manifest):
            uploader.run(Patience(request.wait_s, request.again))
    except (TargetError, KeyboardInterrupt):
        batch_text.stopped(uploader.manifest, bundle.shown, console.stdout())
        raise
    return _followed(bundle, uploader.manifest, api, request)


@told
def status(request: SendRequest) -> int:
    """Asks how parts stand; waits for those under way as long as it was told to."""
    if request.what is not None and not Path(request.what).exists() and is_uuid(request.what):
        api = BatchApi(target_of(request.target), request_headers(new_run_id("B")))
        one = api.status(request.what)
        if one is None:
            raise TargetError(f"the target knows no batch {request.what}")
        batch_text.one_status(request.what, one.code, one.log is not None, request.form, console.stdout())
        return _code([one.code])
    bundle, manifest = _bundle(request.what)
    if not manifest.target:
        batch_text.statuses(manifest, bundle.shown, request.form, console.stdout())
        return exit_codes.INCOMPLETE
    api = BatchApi(target_of(request.target, manifest.target), request_headers(new_run_id("B")))
    progress = BatchProgress(console.stdout(), request.quiet or request.form != "text")
    uploader = Uploader(bundle, manifest, api, progress)
    with progress.uploading(manifest):
        uploader.follow(request.wait_s)
    return _followed(bundle, uploader.manifest, api, request)


@told
def errors(request: SendRequest) -> int:
    """Fetches error logs and says which lines they are about; 1 when there are any."""
    if request.what is not None and not Path(request.what).exists() and is_uuid(request.what):
        api = BatchApi(target_of(request.target), request_headers(new_run_id("B")))
        found: list[PartErrors] = [log_of(api, request.what, request.most)]
    else:
        bundle, manifest = _bundle(request.what)
        if not manifest.target:
            raise ManifestError(f"{bundle.shown} was not uploaded yet: harness batch upload {bundle.shown}")
        api = BatchApi(target_of(request.target, manifest.target), request_headers(new_run_id("B")))
        # A log is there when a part is done, which nobody may have noticed yet.
        uploader = Uploader(bundle, manifest, api, BatchProgress(console.stdout(), True))
        uploader.follow(0.0)
        found = errors_of(api, bundle, uploader.manifest, request.most, request.out)
    if request.form == "json":
        batch_text.errors_json(found)
    else:
        batch_text.errors(found, request.out, console.stdout())
    return exit_codes.NOT_HELD if any(each.errors.by_code for each in found) else exit_codes.HELD


def _followed(bundle: Bundle, manifest: Manifest, api: BatchApi, request: SendRequest) -> int:
    if request.form == "json":
        batch_text.statuses(manifest, bundle.shown, "json", console.stdout())
    else:
        failed = any(part.has_log for part in manifest.parts)
        found = errors_of(api, bundle, manifest, 3, None) if failed else []
        batch_text.statuses(manifest, bundle.shown, "text", console.stdout())
        if found:
            batch_text.errors(found, None, console.stdout(), f"harness batch errors {bundle.shown}")
    return _code([part.state for part in manifest.parts])


def _code(states: Sequence[str]) -> int:
    if any(state in (batch.ERROR, batch.CORRUPTED) for state in states):
        return exit_codes.NOT_HELD
    return exit_codes.HELD if all(state == batch.SUCCESS for state in states) else exit_codes.INCOMPLETE


def _bundle(what: str | None, may_adopt: bool = False) -> tuple[Bundle, Manifest]:
    path = usual() if what is None else Path(what)
    bundle = bundle_of(path)
    if may_adopt and path.is_file() and not (bundle.folder / bundle.name).is_file():
        return bundle, adopt(path, datetime.now(UTC).isoformat(timespec="seconds"))
    return bundle, bundle.read()


def _allowed(target: Target, request: SendRequest) -> None:
    """Raises NotAllowedError unless guests may be written there."""
    settings = settings_beside(Path("harness.yaml"))
    told = {part.strip() for host in request.allow_hosts for part in host.split(",")}
    check_allowed(target, {*told, *settings.allow_hosts}, request.allow_production)
