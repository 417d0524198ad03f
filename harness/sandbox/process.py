"""The sandbox as a child process that never outlives its parent."""

import os
import select
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from harness.sandbox.config import (
    API_TOKEN_VARIABLE,
    CLIENT_KEY_VARIABLE,
    EXPERIENCES_VARIABLE,
    SETTINGS_VARIABLE,
    SandboxConfig,
    SandboxError,
)

START_TIMEOUT_S = 15.0
BYTES_READ_A_SECOND = 5_000_000
"""Of a data file, at least: what is in it is done again before the sandbox is ready."""
STOP_TIMEOUT_S = 3.0

MAX_EXPERIENCES = 100_000
"""Bytes. Linux takes 128 KiB a variable of the environment."""


class SandboxProcess:
    """A running sandbox: started by the constructor, ended by ``stop``, the end of ``with``, or our end.

    Raises SandboxError, with the end of what the child wrote, when it is not ready within 15 s, or longer with a
    large data file. In a
    session of its own, so that a Ctrl-C in the terminal ends the run first and the sandbox after it.
    Only pipes, ``select`` and ``subprocess``: works in a process patched by gevent, too.
    """

    def __init__(self, config: SandboxConfig | None = None, host: str = "127.0.0.1", port: int = 0) -> None:
        settings = SandboxConfig() if config is None else config
        self._owner = os.getpid()
        child_stdin, self._lifeline = os.pipe()
        url_pipe, child_stdout = os.pipe()
        # A file takes whatever comes; a pipe that nobody empties would block the child in the end.
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                _command(host, port),
                stdin=child_stdin,
                stdout=child_stdout,
                stderr=self._stderr,
                env=_environment(settings),
                start_new_session=True,
            )
        except BaseException:
            for each in (self._lifeline, url_pipe):
                os.close(each)
            self._stderr.close()
            raise
        finally:
            os.close(child_stdin)
            os.close(child_stdout)
        self.pid: int = self._process.pid
        _let_go_after_fork(self)
        try:
            self.url: str = self._wait_for_url(url_pipe, _start_timeout_s(settings))
        except BaseException:
            self.stop()
            raise
        finally:
            os.close(url_pipe)

    def stop(self) -> None:
        """TERM, and KILL after 3 s. May be called again; does nothing in a forked child of the owner."""
        if os.getpid() != self._owner or self._lifeline < 0:
            return
        os.close(self._lifeline)
        self._lifeline = -1
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stderr.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _wait_for_url(self, pipe: int, timeout_s: float) -> str:
        deadline = time.monotonic() + timeout_s
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([pipe], [], [], max(deadline - time.monotonic(), 0))
            if not ready:
                late = f"The sandbox was not ready within {timeout_s:.0f} s."
                raise SandboxError(f"{late} {self._tail()}".strip())
            got = os.read(pipe, 4096)
            if not got:
                self._process.wait(STOP_TIMEOUT_S)
                raise SandboxError(self._last_words())
            line += got
        return line.decode().strip()

    def _last_words(self) -> str:
        """The child's own sentence when it wrote one, else the end of whatever it wrote."""
        tail = self._tail()
        _, marker, sentence = tail.rpartition("error: ")
        if marker and "\n" not in sentence and "Traceback" not in tail:
            return sentence
        return f"The sandbox did not start (exit code {self._process.returncode}). {tail}".strip()

    def _tail(self) -> str:
        size = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(size - 2000, 0))
        return self._stderr.read().decode(errors="replace").strip()


def _start_timeout_s(config: SandboxConfig) -> float:
    try:
        size = 0 if config.data is None else config.data.stat().st_size
    except OSError:
        size = 0
    return START_TIMEOUT_S + size / BYTES_READ_A_SECOND


def _command(host: str, port: int) -> list[str]:
    # -P: a folder named harness where the user happens to stand is not ours.
    command = [sys.executable, "-P", "-m", "harness.sandbox", "--parent-pipe"]
    return [*command, f"--host={host}", f"--port={port}"]


def _environment(config: SandboxConfig) -> dict[str, str]:
    environment = {
        **{name: value for name, value in os.environ.items() if _is_needed(name)},
        CLIENT_KEY_VARIABLE: config.client_key,
        API_TOKEN_VARIABLE: config.api_token,
        SETTINGS_VARIABLE: _json("settings", config.settings()),
    }
    if config.experiences != SandboxConfig().experiences:
        environment[EXPERIENCES_VARIABLE] = _json("experiences", config.experiences)
    root = Path(__file__).resolve().parents[2]
    if root.name not in ("site-packages", "dist-packages"):
        # Run from a checkout that is not installed.
        paths = [str(root), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    return environment


_NEEDED = ("PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "VIRTUAL_ENV", "PYTHONPATH")
_NEEDED_BEGIN = ("LC_", "LD_", "DYLD_", "PYTHON", "COVERAGE_", "COV_")


def _is_needed(name: str) -> bool:
    """Whether an interpreter may need a variable. Others stay here: keys of real systems are none of a sandbox's business."""
    return name in _NEEDED or name.startswith(_NEEDED_BEGIN)


def _json(what: str, value: Mapping[str, Any]) -> str:
    try:
        text = orjson.dumps(dict(value)).decode()
    except TypeError as error:
        raise SandboxError(f"The {what} cannot be written as JSON: {error}.") from error
    if len(text.encode()) > MAX_EXPERIENCES:
        raise SandboxError(f"The {what} are longer than {MAX_EXPERIENCES:,} bytes of JSON.")
    return text


def _let_go_after_fork(sandbox: SandboxProcess) -> None:
    """A forked worker must not hold the lifeline, or the sandbox would outlive the parent through it."""
    reference = weakref.ref(sandbox)

    def close() -> None:
        forked = reference()
        if forked is not None and forked._lifeline >= 0:
            os.close(forked._lifeline)
            forked._lifeline = -1

    os.register_at_fork(after_in_child=close)
