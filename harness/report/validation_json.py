"""Validation for programs: one JSON document."""

from __future__ import annotations

import json
from typing import Any

from harness import __version__
from harness.record.exchange import Exchange
from harness.report.curl import curl
from harness.report.validation_failure import again
from harness.verify.checks import Check
from harness.verify.validated import FileResult, PathResult, StepResult, Validation


def as_json(validation: Validation) -> str:
    """Everything there is to say; times in ms unless the name ends in ``_s``."""
    coverage = validation.coverage
    paths = validation.paths
    document = {
        "format": 1,
        "harness": __version__,
        "verdict": "interrupted" if validation.interrupted else "pass" if validation.held else "fail",
        "run_id": validation.run_id,
        "seed": validation.seed,
        "duration_s": round(validation.duration_s, 3),
        "paths": {
            "planned": validation.planned,
            "walked": len(paths),
            "held": sum(path.held for path in paths),
            "failed": sum(not path.held for path in paths),
            "verified": sum(path.verified for path in paths),
        },
        "coverage": {
            "branches": coverage.branches,
            "branches_reached": coverage.branches_reached,
            "steps": coverage.steps,
            "steps_reached": coverage.steps_reached,
            "missed": list(coverage.missed),
        },
        "files": [_file(file) for file in validation.files],
        "rules": [_check(check) for check in validation.rules],
        "remarks": list(validation.remarks),
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _file(file: FileResult) -> dict[str, Any]:
    journeys = [
        {
            "name": journey.name,
            "selection": journey.how,
            "possible_paths": journey.total,
            "paths": [_path(path, file) for path in journey.paths],
        }
        for journey in file.journeys
    ]
    return {"file": file.file, "scenario": file.scenario, "target": file.target, "journeys": journeys}


def _path(path: PathResult, file: FileResult) -> dict[str, Any]:
    return {
        "name": path.name,
        "held": path.held,
        "verified": path.verified,
        "duration_ms": _ms(path.duration_ms),
        "waited_ms": _ms(path.waited_ms),
        "guest": path.guest,
        "browser_id": path.browser_id,
        "error": path.error or None,
        "steps": [_step(step) for step in path.steps],
        "not_reached": list(path.not_reached),
        "checks": [_check(check) for check in path.checks],
        "notes": list(path.notes),
        "exchanges": [_exchange(each, file.target) for each in path.exchanges],
        "again": again(path, file),
    }


def _step(step: StepResult) -> dict[str, Any]:
    failure = step.failure
    return {
        "name": step.name,
        "type": step.type,
        "status": step.status or None,
        "times": step.times,
        "latency_ms": _ms(step.latency_ms),
        "failure": None
        if failure is None
        else {"kind": failure.kind, "detail": failure.detail, "cause": step.cause or None},
    }


def _check(check: Check) -> dict[str, Any]:
    findings = [
        {
            "kind": finding.kind,
            "what": finding.what,
            "expected": finding.expected,
            "found": finding.found,
            "cause": finding.cause.kind,
            "cause_text": finding.cause.text,
            "step": finding.step or None,
        }
        for finding in check.findings
    ]
    return {"subject": check.subject, "held": check.held, "told": check.told, "findings": findings}


def _exchange(exchange: Exchange, target: str) -> dict[str, Any]:
    return {
        "step": exchange.step,
        "request": f"{exchange.method} {exchange.target}",
        "headers": list(exchange.headers),
        "body": exchange.body or None,
        "message": json.loads(exchange.message) if exchange.message else None,
        "status": exchange.status or None,
        "response": exchange.reply,
        "latency_ms": _ms(exchange.latency_ms),
        "curl": curl(exchange, target),
    }


def _ms(value: float) -> float:
    return round(value, 3)
