"""A tab in Locust's web UI, by Locust's extension points: tabs of the page, routes of its Flask application, its login."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any

import gevent
from flask import Blueprint, Response, request

_SCRIPT = files("harness.engine").joinpath("web_tab.js").read_text("utf-8")
_KEEP_OUT = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


_FRAMES = "frame-ancestors 'self'"
"""Only Locust's own page may hold ours in a frame."""


class _Own(Response):
    """Locust lets pages of any origin read its answers. These are for its own page."""

    def get_wsgi_headers(self, environ: Any) -> Any:
        """The headers, as they go out."""
        headers = super().get_wsgi_headers(environ)
        headers.remove("Access-Control-Allow-Origin")
        return headers


@dataclass(frozen=True, slots=True)
class WebTab:
    """A tab under ``title``, whose content is a page of its own at ``path`` (a word) beneath the web UI's address.

    ``page`` gives the page, ``now`` the changing part of it alone, at ``path/now``; ``report`` a whole report at
    ``path/report`` (None: there is none yet). Each gives HTML that is safe to show; the first two piece by piece, so
    that in a process that also sends the load replies need not wait for the whole. ``policy`` is the page's content
    security policy.
    """

    title: str
    path: str
    policy: str
    page: Callable[[], Iterable[str]]
    now: Callable[[], Iterable[str]]
    report: Callable[[], str | None]


def add_tab(web_ui: Any, tab: WebTab) -> None:
    """Add a tab to a web UI that does not serve yet. Who may not see Locust's own pages sees none of it either."""
    # Beneath --web-base-path, if there is one.
    prefix = web_ui.app.blueprints["locust"].url_prefix
    pages = Blueprint(f"harness-{tab.path}", __name__, url_prefix=prefix)

    def route(path: str, answer: Callable[[], Response]) -> None:
        view = web_ui.auth_required_if_enabled(answer)
        pages.add_url_rule(f"/{tab.path}{path}", endpoint=path.strip("/.") or "page", view_func=view)

    def report() -> Response:
        made = tab.report()
        if made is None:
            return _answer("There is no report yet: it is made when a load has ended.\n", "text/plain", 404)
        return _answer(made, policy=_FRAMES)  # it has a policy of its own in itself

    route("", lambda: _answer(_whole(tab.page()), policy=f"{tab.policy}; {_FRAMES}"))
    route("/now", lambda: _answer(_whole(tab.now())))
    route("/report", report)
    route("/script", lambda: _answer(_SCRIPT, "text/javascript"))
    web_ui.app.register_blueprint(pages)

    # A tab of Locust's page shows one table; what ours shows is more, so a script puts our page in its place.
    script = (
        f'<script src="./{tab.path}/script" data-title="{escape(tab.title)}" data-page="./{tab.path}" defer></script>'
    )

    def with_script(response: Response) -> Response:
        if request.endpoint == "locust.index" and response.status_code == 200 and not response.direct_passthrough:
            response.set_data(response.get_data(as_text=True).replace("</body>", f"{script}</body>"))
        return response

    web_ui.app.after_request(with_script)
    shown = web_ui.template_args
    shown["extended_tabs"] = [*shown.get("extended_tabs", ()), {"title": tab.title, "key": tab.path}]
    link = {"href": f"./{tab.path}", "title": f"{tab.title}, as a page of its own"}
    shown["extended_csv_files"] = [*shown.get("extended_csv_files", ()), link]


def _whole(pieces: Iterable[str]) -> str:
    made = []
    for piece in pieces:
        made.append(piece)
        gevent.sleep(0)
    return "".join(made)


def _answer(text: str, kind: str = "text/html", status: int = 200, policy: str = "default-src 'none'") -> Response:
    headers = {**_KEEP_OUT, "Content-Security-Policy": policy}
    return _Own(text, status=status, content_type=f"{kind}; charset=utf-8", headers=headers)
