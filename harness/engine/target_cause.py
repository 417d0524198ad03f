"""Why a target could not be asked, in few words, without addresses of objects."""

from __future__ import annotations

import ssl

import urllib3

from harness.engine.own_faults import own_fault


def cause_of(error: BaseException) -> str:
    """The innermost reason of an exception of urllib3."""
    chain = [error]
    while isinstance(inner := _inner(chain[-1]), BaseException):
        chain.append(inner)
    for each in reversed(chain):
        if isinstance(each, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({each.verify_message}); its authority can be named: target.tls.ca"
        if isinstance(each, ssl.SSLError):
            return f"TLS: {each.reason or each}"
        if isinstance(each, urllib3.exceptions.NameResolutionError) or type(each).__name__ == "gaierror":
            return "its name cannot be resolved"
        if (own := own_fault(each)) is not None:
            return own.detail
        if isinstance(each, OSError) and each.strerror:
            return each.strerror.lower()
    if any(isinstance(each, urllib3.exceptions.TimeoutError) for each in chain):
        return "no reply in time"
    return type(error).__name__


def _inner(error: BaseException) -> object:
    """What an exception was made of, whichever way it tells."""
    told = [getattr(error, "reason", None), error.__cause__, *error.args]
    return next((each for each in told if isinstance(each, BaseException)), None)
