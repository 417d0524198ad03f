"""``harness init``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

SCENARIO = """\
# A scenario says who comes, what they do, how many come, and what has to hold. Change it to your own guests.
# Every key and verb: docs/language.md. An editor can check it as you type: docs/editors.md.

scenario: starter
description: Guests look around; some of them buy.

target:
  url: sandbox                        # a stand-in that every run brings along
  # Your own CDP instead: take out the line above, take in those below, and set the two variables.
  # region: eu                        # eu, us, ap, jpe; or url: https://…
  # client_key: ${CDP_CLIENT_KEY}     # secrets come from the environment, never from this file
  # api_token: ${CDP_API_TOKEN}       # lets the run look which orders exist afterwards
  point_of_sale: pastoral-witty-grill # Settings > Points of sale

defaults: {channel: WEB, language: EN, currency: GBP, page: home page}

guests:
  locales: {en_GB: 80%, de_DE: 20%}   # names and addresses of these countries
  returning: 20%                      # come back as somebody this run has already seen

catalog:
  - {item_id: SHOE_1, type: SHOES, name: Running shoe, price: 49.90}
  - {item_id: SOCKS_3, type: SOCKS, name: "Socks, 3 pairs", price: 9.95}

journeys:
  looker:
    weight: 2                         # two lookers for every buyer
    think: 200ms..1s                  # pause between steps; real guests take longer: 2s..20s
    steps:
      - browse: home page
      - repeat: 1..4
        steps:
          - browse: product page
          - leave: 30%                # so many go away here, by design

  buyer:
    weight: 1
    think: 200ms..1s
    steps:
      - browse: home page
      - identify                      # the visitor says who they are
      - add: {item: any, quantity: 1..2}
      - confirm
      - checkout: {status: PURCHASED}
        expect: {status: 201, within: 500ms}

load:                                 # the first one runs, unless --load names another
  smoke: {users: 3, duration: 10s}    # so many guests at a time
  rush:                               # guests come at a rate, whether or not the target keeps up
    stages:
      - {ramp: 10/s, over: 10s}
      - {hold: 1m}
      - {ramp: 0/s, over: 5s}

thresholds:                           # the run fails when one of these does not hold
  - error_rate < 1%
  - p95 < 500ms
  - orders.missing == 0
"""
SETTINGS = """\
# Settings for the scenarios in this folder.

# Load goes to these hosts and to no others (more for one run: --allow-host).
allow_hosts:
  - 127.0.0.1                         # this machine, which is always allowed
  # - api-engage-eu.sitecorecloud.io
"""
FILES = {"scenario.yaml": SCENARIO, "harness.yaml": SETTINGS}


@click.command(epilog="Example: harness init load-tests")
@click.argument("directory", default=".", metavar="[DIR]")
def command(directory: str) -> None:
    """Write a commented scenario to start from, and its settings, into DIR [this directory].

    Overwrites nothing.
    """
    folder = Path(directory)
    for name in FILES:
        if (folder / name).exists() or (folder / name).is_symlink():
            _refuse(f"{folder / name} is there already", "Nothing was written. Name another directory.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in FILES.items():
            # Should somebody else write it just now: theirs stays.
            with (folder / name).open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        _refuse(f"{error.filename or folder}: {(error.strerror or str(error)).lower()}", "")
    scenario = shlex.quote(str(folder / "scenario.yaml"))
    click.echo(f"Wrote {' and '.join(str(folder / name) for name in FILES)}. Next:\n")
    for line, why in (
        (f"harness check {scenario}", "is it right?"),
        (f"harness plan {scenario}", "what would it send?"),
        (f"harness run {scenario}", "run it against the sandbox"),
    ):
        click.echo(f"  {line:<{len(scenario) + 14}}  # {why}")


def _refuse(what: str, more: str) -> None:
    click.echo(f"error: {what}" + (f"\n{more}" if more else ""), err=True)
    sys.exit(2)
