"""How the batch commands fail: one message, and the exit code that the documentation has for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from harness.batch.lines import UnreadableError
from harness.batch.manifest import ManifestError
from harness.batch.sources import InputError
from harness.engine.leave import NotAllowedError
from harness.engine.target_errors import TargetError
from harness.report import console
from harness.report.words import os_reason
from harness.run import exit_codes
from harness.run.batch_upload import ChangedError
from harness.run.named_target import NoTargetError
from harness.scenario.diagnostics import ScenarioError


def told(command: Callable[..., int]) -> Callable[..., int]:
    """A command whose failures are one message and an exit code."""

    @wraps(command)
    def tell(*args: object, **named: object) -> int:
        try:
            return command(*args, **named)
        except (InputError, ManifestError, UnreadableError, NoTargetError, ChangedError) as error:
            console.refuse(f"error: {error}")
            return exit_codes.WRONG
        except ScenarioError as error:
            console.refuse(f"{error}\nerror: the scenario cannot be used. Nothing was sent.")
            return exit_codes.WRONG
        except (TargetError, NotAllowedError) as error:
            console.refuse(f"error: {error}")
            return exit_codes.NO_TARGET
        except BrokenPipeError:
            raise
        except OSError as error:
            console.refuse(f"error: {error.filename or 'a file'} cannot be used: {os_reason(error)}")
            return exit_codes.INCOMPLETE
        except KeyboardInterrupt:
            console.refuse("Interrupted.")
            return exit_codes.INTERRUPTED

    return tell
