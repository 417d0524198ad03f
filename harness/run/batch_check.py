"""What ``harness batch check`` does: looks, and asks a target if it is told to; sends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.batch.checking import Check, Checker, existing, used
from harness.batch.manifest import Manifest
from harness.engine.batch_api import BatchApi
from harness.engine.marks import new_run_id, request_headers
from harness.engine.target_reader import TargetReader
from harness.report import batch_text, console
from harness.report.batch_progress import BatchProgress
from harness.run import exit_codes
from harness.run.batch_files import Bundle, bundle_of, usual
from harness.run.batch_told import told
from harness.run.named_target import target_of
from harness.scenario.model import Target


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """Files, or folders of parts; ``target`` None: nobody is asked."""

    paths: tuple[Path, ...]
    target: str | None = None
    form: str = "text"
    strict: bool = False
    quiet: bool = False


@told
def check(request: CheckRequest) -> int:
    """Says what would go wrong; 1 when something would."""
    progress = BatchProgress(console.stdout(), request.quiet or request.form != "text")
    bundles: list[tuple[Bundle, Manifest]] = []
    with progress.checking() as tell:
        checker = Checker(tell)
        for path in request.paths or (usual(),):
            bundle = bundle_of(path) if path.is_dir() or not path.is_file() or path.suffix == ".gz" else None
            if bundle is None or not (bundle.folder / bundle.name).is_file():
                checker.file(path)
                continue
            manifest = bundle.read()
            parts = [part for part in manifest.parts if path.is_dir() or path.name in (part.file, bundle.name)]
            bundles.append((bundle, replace(manifest, parts=tuple(parts))))
            for part in manifest.parts if path.name == bundle.name else parts:
                checker.file(bundle.path(part), part)
        found = checker.end()
    if request.target is not None:
        _ask(found, bundles, target_of(request.target))
    wrong = bool(found.errors) or (request.strict and bool(found.warnings))
    if request.form == "json":
        batch_text.check_json(found)
    else:
        batch_text.checked(found, request.target is not None, console.stdout())
    return exit_codes.NOT_HELD if wrong else exit_codes.HELD


def _ask(found: Check, bundles: Sequence[tuple[Bundle, Manifest]], target: Target) -> None:
    """Asks a target which refs it knows, and which of the guests to be created are there."""
    headers = request_headers(new_run_id("B"))
    api, reader = BatchApi(target, headers), TargetReader(target.url, target, headers)
    for bundle, manifest in bundles:
        refs = frozenset(part.ref for part in manifest.parts if api.status(part.ref) is not None)
        used(found, manifest, refs, {part.file: str(bundle.path(part)) for part in manifest.parts})
    there = set()
    for _, _, (provider, id_) in found.creates:
        guests = reader.guests(identifier=(provider, id_)) if provider else reader.guests(email=id_)
        if guests:
            there.add((provider, id_))
    existing(found, frozenset(there))
