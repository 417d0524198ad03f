"""``harness browser-id``."""

from __future__ import annotations

import json
import sys

import click

from harness.cli import options
from harness.cli.changes import overrides


@click.command(epilog='Example: export BROWSER_ID="$(harness browser-id --target http://127.0.0.1:8080)"')
@click.argument("scenario", required=False, metavar="[SCENARIO]")
@click.option("--target", metavar="URL|REGION", envvar="HARNESS_TARGET", help="A URL, or one of eu, us, ap, jpe.")
@options.sets
@options.forms("text", "json", say="The id alone, or an object with target and time, too.")
def command(scenario: str | None, target: str | None, sets: tuple[str, ...], form: str) -> None:
    """Make a browser id at the target, as a browser's first visit does, and print it.

    The target is that of SCENARIO, or of --target with the client key from CDP_CLIENT_KEY (this machine's sandbox
    needs none). Exit code 3 when the target cannot be reached, or refuses the key.
    """
    from harness.engine.target_errors import TargetError  # noqa: PLC0415 - so that --help is quick
    from harness.report.console import refuse  # noqa: PLC0415
    from harness.run import exit_codes  # noqa: PLC0415
    from harness.run.browser_id import new_browser_id  # noqa: PLC0415
    from harness.run.named_target import NoTargetError  # noqa: PLC0415
    from harness.scenario import ScenarioError  # noqa: PLC0415

    try:
        made = new_browser_id(scenario, target, overrides(sets, None))
    except ScenarioError as error:
        refuse(str(error))
        sys.exit(exit_codes.WRONG)
    except NoTargetError as error:
        refuse(f"error: {error}")
        sys.exit(exit_codes.WRONG)
    except TargetError as error:
        refuse(f"error: {error}")
        sys.exit(exit_codes.NO_TARGET)
    if form == "json":
        click.echo(json.dumps({"browser_id": made.browser_id, "target": made.target, "latency_ms": made.latency_ms}))
    else:
        click.echo(made.browser_id)
