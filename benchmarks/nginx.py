"""The target of benchmarks: nginx on core 1, answering at once with what the CDP answers, plain and over TLS.

Its own counters say how many requests came: one yardstick for all contestants.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

PORT = 18080
TLS_PORT = 18443
URL = f"http://127.0.0.1:{PORT}"
TLS_URL = f"https://127.0.0.1:{TLS_PORT}"
REPLY = '{"ref":"7ed103bd-08c2-47f4-8f69-91141ca3200d","status":"OK","version":"1.2","client_key":"sandbox"}'
ORDER = '{"items":[{"referenceId":"$arg_referenceId","price":49.90,"currencyCode":"GBP","status":"PURCHASED"}]}'
CONFIG = f"""
worker_processes 1;
daemon off;
pid nginx.pid;
error_log stderr crit;
events {{ worker_connections 20000; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 300;
  default_type application/json;
  large_client_header_buffers 4 32k;
  server {{
    listen 127.0.0.1:{PORT} backlog=16384;
    listen 127.0.0.1:{TLS_PORT} ssl backlog=16384;
    ssl_certificate here.pem;
    ssl_certificate_key here.key;
    location = /status {{ stub_status; }}
    location = /v2.1/orders {{ return 200 '{ORDER}'; }}
    location / {{ return 201 '{REPLY}'; }}
  }}
}}
"""
_SEARCHED = f"{os.environ.get('PATH', '')}:/usr/sbin"


class Counters(NamedTuple):
    """What nginx counted since it began, and the connections open now."""

    connections: int
    requests: int


class Nginx(NamedTuple):
    """A running one. ``ca`` is the certificate to trust."""

    ca: Path

    def counters(self) -> Counters:
        """Asked over HTTP, which counts as a request."""
        with urllib.request.urlopen(f"{URL}/status", timeout=5) as reply:
            numbers = [int(found) for found in re.findall(rb"\d+", reply.read())]
        return Counters(numbers[0], numbers[3])


def missing_tools() -> str | None:
    """What has to be installed first, as a sentence."""
    if shutil.which("nginx", path=_SEARCHED) is None:
        return "nginx is needed as the target: apt-get install nginx-light"
    if shutil.which("openssl") is None:
        return "openssl is needed for a certificate: apt-get install openssl"
    if shutil.which("taskset") is None:
        return "taskset is needed to pin processes to cores: apt-get install util-linux"
    if (os.cpu_count() or 1) < 2:
        return "two cores are needed: one for the generator, one for the target"
    return None


@contextmanager
def nginx(folder: Path) -> Iterator[Nginx]:
    """At work on core 1, its files in ``folder``."""
    folder.chmod(0o755)
    certificate = folder / "here.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", folder / "here.key", "-out", certificate],
        check=True, capture_output=True, timeout=30,
    )  # fmt: skip
    (folder / "nginx.conf").write_text(CONFIG)
    binary = shutil.which("nginx", path=_SEARCHED) or "nginx"
    command = ["taskset", "-c", "1", binary, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    server = subprocess.Popen(command)
    try:
        made = Nginx(certificate)
        for _ in range(100):
            try:
                made.counters()
                break
            except OSError:
                time.sleep(0.05)
        if server.poll() is not None:
            raise RuntimeError("nginx does not run: is its port taken?")
        yield made
    finally:
        server.terminate()
        server.wait(10)
