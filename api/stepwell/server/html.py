"""Pages made of escaped text: every value that goes into one is foreign."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape

import msgspec

STYLE = """
:root{color-scheme:light dark;--line:#8884;--dim:#888;--good:#2a8a4a;--bad:#c33;--busy:#27c}
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:0 auto;padding:1rem 1.5rem 4rem}
h1{font-size:1.4rem;margin:.5rem 0}h2{font-size:1.05rem;margin:2rem 0 .5rem}
nav a{margin-right:1rem}a{color:var(--busy)}
table{border-collapse:collapse;width:100%}th{text-align:left;font-weight:600;color:var(--dim)}
th,td{padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
code,pre{font:13px/1.45 ui-monospace,monospace}
pre{border:1px solid var(--line);border-radius:6px;padding:.8rem;overflow:auto;max-height:36rem}
.dim{color:var(--dim)}.Completed,.Active{color:var(--good)}.Failed{color:var(--bad)}.Running{color:var(--busy)}
"""

_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none';"
                               " frame-ancestors 'none'",
}


class Html(msgspec.Struct, frozen=True):
    """Text that is HTML already."""

    text: str


def show(value: Html | str | int | None) -> str:
    """Anything as HTML: text is escaped, None is nothing."""
    return value.text if isinstance(value, Html) else "" if value is None else escape(str(value))


def tag(name: str, content: Html | str | int | None, **attributes: str) -> Html:
    """An element. `class_` stands for class."""
    said = "".join(f' {key.rstrip("_")}="{escape(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{said}>{show(content)}</{name}>")


def link(content: str, href: str) -> Html:
    """A link to another page here."""
    return tag("a", content, href=href)


def joined(parts: Iterable[Html | str], between: str = "") -> Html:
    """Several parts one after the other."""
    return Html(escape(between).join(map(show, parts)))


def table(heads: Sequence[str], rows: Iterable[Sequence[Html | str | int | None]], empty: str) -> Html:
    """A table, or a sentence when it would be empty."""
    body = "".join(f"<tr>{''.join(f'<td>{show(cell)}</td>' for cell in row)}</tr>" for row in rows)
    if not body:
        return tag("p", empty, class_="dim")
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    return Html(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")


def page(title: str, *parts: Html, refresh_s: int | None = 5) -> str:
    """A whole page, which comes anew by itself every so many seconds."""
    again = "" if refresh_s is None else f'<meta http-equiv="refresh" content="{refresh_s}">'
    return (f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
            f'<meta name="viewport" content="width=device-width,initial-scale=1">{again}<style>{STYLE}</style></head>'
            f"<body>{''.join(map(show, parts))}</body></html>")
