"""Reads faults from a JSON document.

A document has a key a fault; each is a rule, or for some a list of rules. A rule is an object, or the value of its
first key alone. With ``only`` it is about events of these types and requests to paths that begin so.
"""

from collections.abc import Callable
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from harness.sandbox import money
from harness.sandbox.amounts import duration_s, per_second, share
from harness.sandbox.faults import (
    LONGEST_LATENCY_S,
    BatchFaults,
    Drop,
    Errors,
    FaultError,
    Faults,
    IgnoreCurrency,
    Latency,
    Only,
    RateLimit,
    Resets,
    Stall,
    VisibleAfter,
    WrongPrice,
)

MOST_RULES = 50


def read_faults(document: object, seed: int) -> Faults:
    """The faults in a JSON document; ``seed`` is for one that has none. Raises FaultError."""
    if not isinstance(document, dict):
        raise FaultError("The faults are one JSON object.")
    stranger = next((name for name in document if name not in ("seed", *_READ)), None)
    if stranger is not None:
        near = get_close_matches(str(stranger), _READ, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_READ)}."
        raise FaultError(f"{str(stranger)[:50]} is no fault; {hint}")
    given = document.get("seed", seed)
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given < 1 << 63:
        raise FaultError("seed: must be a whole number, not negative.")
    read = {name: _READ[name](name, value) for name, value in document.items() if name != "seed" and value is not None}
    return Faults(seed=given, document=document, **read)


# -- one rule ------------------------------------------------------------------------------------------


class _Rule:
    """A rule's keys, taken one by one; what is left in the end is a mistake."""

    def __init__(self, place: str, value: Any, short: str) -> None:
        """``short`` is the key that a value other than an object stands for."""
        self.place = place
        self._left = dict(value) if isinstance(value, dict) else {short: value}

    def take(self, name: str, read: Callable[[Any], Any], wanted: str, default: Any = ...) -> Any:
        """The value of a key, read by ``read``, which raises ValueError."""
        if name not in self._left:
            if default is ...:
                raise FaultError(f"{self.place}: {name} is missing: {wanted}.")
            return default
        try:
            return read(self._left.pop(name))
        except (ValueError, ArithmeticError, TypeError):
            raise FaultError(f"{self.place}.{name}: must be {wanted}.") from None

    def has(self, name: str) -> bool:
        return name in self._left

    def rate(self, default: Any = ...) -> float:
        rate: float = self.take("rate", share, 'a share from 0 to 1, like 0.01 or "1%"', default)
        return rate

    def duration(self, name: str, default: Any = ...) -> Any:
        return self.take(name, duration_s, 'a duration, like "200ms" or "5s"', default)

    def flag(self, name: str) -> bool:
        flag: bool = self.take(name, _flag, "true or false", False)
        return flag

    def status(self, default: int) -> int:
        status: int = self.take("status", _status, "a status from 400 to 599", default)
        return status

    def only(self, paths: bool = True) -> Only:
        wanted = 'a list of event types, like ["CHECKOUT"]' + (', or of paths, like ["/v2.1/orders"]' if paths else "")
        only: Only = self.take("only", lambda value: _only(value, paths), wanted, Only())
        return only

    def end(self) -> None:
        """Raises FaultError when there is a key that nobody took."""
        if self._left:
            raise FaultError(f"{self.place}: {str(next(iter(self._left)))[:50]} is not known here.")


def _many(read: Callable[[str, Any], Any]) -> Callable[[str, Any], tuple[Any, ...]]:
    def read_all(place: str, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            return (read(place, value),)
        if len(value) > MOST_RULES:
            raise FaultError(f"{place}: has more than {MOST_RULES} rules.")
        return tuple(read(f"{place}[{index}]", each) for index, each in enumerate(value))

    return read_all


def _latency(place: str, value: Any) -> Latency:
    rule = _Rule(place, value, "fixed")
    only, most = rule.only(), rule.duration("max", LONGEST_LATENCY_S)
    if rule.has("uniform"):
        a, b = rule.take("uniform", _two_durations, 'two durations, like ["10ms", "80ms"]')
        made = Latency(only, "uniform", a, b, most)
    elif rule.has("lognormal"):
        shape = _Rule(f"{place}.lognormal", rule.take("lognormal", _object, "an object"), "median")
        median = shape.duration("median")
        sigma = shape.take("sigma", _sigma, "a number from 0 to 5", 0.5)
        shape.end()
        made = Latency(only, "lognormal", median, sigma, most)
    else:
        made = Latency(only, "fixed", rule.duration("fixed"), most=most)
    rule.end()
    if most > LONGEST_LATENCY_S:
        raise FaultError(f"{place}.max: must be {LONGEST_LATENCY_S:.0f}s at most.")
    return made


def _errors(place: str, value: Any) -> Errors:
    rule = _Rule(place, value, "rate")
    made = Errors(rule.only(), rule.rate(), rule.status(503), rule.duration("retry_after", None), rule.flag("stored"))
    rule.end()
    return made


def _resets(place: str, value: Any) -> Resets:
    rule = _Rule(place, value, "rate")
    made = Resets(rule.only(), rule.rate(), rule.flag("stored"))
    rule.end()
    return made


def _stall(place: str, value: Any) -> Stall:
    rule = _Rule(place, value, "for")
    made = Stall(rule.only(), rule.duration("for"), rule.duration("after", 0.0), rule.duration("every", 0.0))
    rule.end()
    if made.every_s and made.every_s < made.length_s:
        raise FaultError(f"{place}.every: must be longer than for.")
    return made


def _rate_limit(place: str, value: Any) -> RateLimit:
    rule = _Rule(place, value, "rate")
    rate = rule.take("rate", per_second, 'a rate, like "100/s"')
    burst = rule.take("burst", _whole, "a whole number from 1 to 1000000", max(1, int(rate)))
    made = RateLimit(rule.only(), rate, burst, rule.status(429), rule.duration("retry_after", 1.0))
    rule.end()
    return made


def _drop(place: str, value: Any) -> Drop:
    rule = _Rule(place, value, "rate")
    made = Drop(rule.only(paths=False), rule.rate())
    rule.end()
    return made


def _visible_after(place: str, value: Any) -> VisibleAfter:
    rule = _Rule(place, value, "delay")
    made = VisibleAfter(rule.only(paths=False), rule.duration("delay"))
    rule.end()
    return made


def _wrong_price(place: str, value: Any) -> WrongPrice:
    rule = _Rule(place, value, "factor")
    if not rule.has("factor") and not rule.has("add"):
        raise FaultError(f"{place}: factor or add is missing, like 1.1 or 0.01.")
    factor = rule.take("factor", _decimal, "a number", Decimal(1))
    made = WrongPrice(rule.rate(1.0), factor, rule.take("add", _decimal, "a number", money.ZERO))
    rule.end()
    return made


def _ignore_currency(place: str, value: Any) -> IgnoreCurrency:
    rule = _Rule(place, value, "currency")
    currency = rule.take("currency", _currency, "a currency, like EUR")
    made = IgnoreCurrency(rule.rate(1.0), currency)
    rule.end()
    return made


def _rate(place: str, value: Any) -> float:
    rule = _Rule(place, value, "rate")
    rate = rule.rate()
    rule.end()
    return rate


def _confirm_before_add(place: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise FaultError(f"{place}: must be true or false.")
    return value


def _batches(place: str, value: Any) -> BatchFaults:
    rule = _Rule(place, value, "delay")
    wanted = 'a share from 0 to 1, like 0.01 or "1%"'
    shares = {name: rule.take(name, share, wanted, 0.0) for name in ("corrupted", "failed_records")}
    made = BatchFaults(0, rule.duration("delay", 0.0), **shares)
    rule.end()
    return made


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _status(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 400 <= value <= 599:
        raise ValueError
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 1_000_000:
        raise ValueError
    return value


def _sigma(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 5:
        raise ValueError
    return float(value)


def _object(value: Any) -> Any:
    if isinstance(value, list):
        raise ValueError
    return value


def _two_durations(value: Any) -> tuple[float, float]:
    a, b = (duration_s(each) for each in value)
    if a > b:
        raise ValueError
    return a, b


def _decimal(value: Any) -> Decimal:
    number = money.amount(value)
    if number is None:
        raise ValueError
    return number


def _currency(value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= 20:
        raise ValueError
    return value.strip().upper()


def _only(value: Any, paths: bool) -> Only:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not all(isinstance(each, str) and each for each in names):
        raise ValueError
    types = frozenset(each for each in names if not each.startswith("/"))
    found = tuple(each for each in names if each.startswith("/"))
    if found and not paths:
        raise ValueError
    return Only(types, found)


_READ: dict[str, Callable[[str, Any], Any]] = {
    "latency": _many(_latency),
    "errors": _many(_errors),
    "resets": _many(_resets),
    "stall": _many(_stall),
    "rate_limit": _many(_rate_limit),
    "drop": _many(_drop),
    "visible_after": _many(_visible_after),
    "wrong_price": _wrong_price,
    "ignore_currency": _ignore_currency,
    "duplicate_orders": _rate,
    "merge_identities": _rate,
    "confirm_before_add": _confirm_before_add,
    "batches": _batches,
}
