"""``python -m harness.sandbox``: the sandbox as a process of its own.

Everything but host and port comes from the environment, where SandboxProcess puts it: everyone can read a command
line. For people there is ``harness sandbox``.
"""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from harness.sandbox.config import (
    API_TOKEN_VARIABLE,
    CLIENT_KEY_VARIABLE,
    EXPERIENCES_VARIABLE,
    SETTINGS_VARIABLE,
    SandboxConfig,
    SandboxError,
    default_experiences,
)
from harness.sandbox.server import serve


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """Prints one line with the URL when ready; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m harness.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080, help="0: any free one")
    parser.add_argument("--parent-pipe", action="store_true", help="end when the standard input ends")
    options = parser.parse_args(arguments)

    default = SandboxConfig()
    config = SandboxConfig(
        client_key=environment.get(CLIENT_KEY_VARIABLE) or default.client_key,
        api_token=environment.get(API_TOKEN_VARIABLE) or default.api_token,
        experiences=_experiences(environment),
    )
    if settings := environment.get(SETTINGS_VARIABLE):
        config = config.with_settings(orjson.loads(settings))
    if options.parent_pipe:
        threading.Thread(target=_end_with_parent, name="parent-pipe", daemon=True).start()
    try:
        serve(config, options.host, options.port, _announce)
    except SandboxError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


def _experiences(environment: Mapping[str, str]) -> Mapping[str, Any]:
    """Those that SandboxProcess handed over, else the default ones."""
    given = environment.get(EXPERIENCES_VARIABLE)
    experiences: Mapping[str, Any] = orjson.loads(given) if given else default_experiences()
    return experiences


def _announce(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    """The parent holds the other end of the pipe: however it dies, the kernel closes it."""
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
