"""The pages: the login, the terminal, and a feed's. Nothing in them comes from data but what is escaped here."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ortool.calendar.feed import Feed

STYLE = (
    "body{background:#10151c;color:#e6e6e6;font-family:monospace;margin:0}"
    "main{max-width:26rem;margin:10vh auto;padding:1rem}"
    "label{display:block;margin:1rem 0 .2rem}"
    "input,button{font:inherit;font-size:1.1rem;width:100%;box-sizing:border-box;padding:.5rem}"
    "button{margin-top:1.5rem}.alarm{color:#ffb4a8}"
)
# The program in the browser writes its own style elements, so styles cannot be tied to a nonce there.
TERMINAL_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self' {socket}; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
LOGIN_POLICY = (
    "default-src 'none'; style-src 'nonce-{nonce}'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
FEED_POLICY = "default-src 'none'; style-src 'nonce-{nonce}'; frame-ancestors 'none'; base-uri 'none'"
REFRESH = (
    "Calendar programs decide themselves how often they look: Apple and Thunderbird follow a set interval, Outlook "
    "looks every few hours, Google every 4 to 24 hours and takes no hint. What happens today is on the day board."
)
NOTHING_POLICY = "default-src 'none'; frame-ancestors 'none'"


def login_page(site: str, nonce: str, proof: str, sentence: str = "") -> str:
    """Return the login form. `proof` is sent back with it: another site cannot know it."""
    alarm = f'<p class="alarm" role="alert">{escape(sentence)}</p>' if sentence else ""
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>ortool: log in</title>'
        f'<style nonce="{escape(nonce)}">{STYLE}</style></head><body><main><h1>ortool</h1><p>{escape(site)}</p>{alarm}'
        '<form method="post" action="/login" autocomplete="off">'
        f'<input type="hidden" name="proof" value="{escape(proof)}">'
        '<label for="person">Your id</label><input id="person" name="person" maxlength="64" required autofocus>'
        '<label for="pin">PIN</label>'
        '<input id="pin" name="pin" type="password" inputmode="numeric" maxlength="64" required>'
        '<button type="submit">Log in</button></form></main></body></html>'
    )


def terminal_page(socket: str, font_size: int) -> str:
    """Return the page that shows the program; `socket` is where its terminal connects to."""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>ortool</title>'
        '<link rel="stylesheet" href="/static/css/xterm.css"><script src="/static/js/textual.js"></script>'
        "<style>body{background:#10151c}"
        "#ended{display:none;position:fixed;inset:0;color:#e6e6e6;font-family:monospace;padding:20vh 2rem}"
        "body.-closed .textual-terminal{display:none}body.-closed #ended{display:block}a{color:inherit}</style></head>"
        '<body><div id="ended">The terminal was closed; everything entered is stored. <a href="/">Open it again</a>'
        '<form method="post" action="/logout"><button type="submit">Log out</button></form></div>'
        f'<div id="terminal" class="textual-terminal" data-session-websocket-url="{escape(socket)}" '
        f'data-font-size="{font_size}"></div></body></html>'
    )


def feed_page(title: str, feed: Feed, address: str, nonce: str) -> str:
    """Return the page of a feed: its addresses, their QR code, and how rarely calendar programs look."""
    import segno

    scheme, _, rest = address.partition("://")
    webcal = f"webcal://{rest}"
    code = segno.make(webcal, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff")
    held = f"{feed.kind}, level {feed.audience}, until {feed.expires_at:%Y-%m-%d}"
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="robots" content="noindex">'
        f'<title>{escape(title)}</title><style nonce="{escape(nonce)}">{STYLE}a{{color:inherit;word-break:break-all}}'
        f"</style></head><body><main><h1>{escape(title)}</h1><p>A calendar ({escape(held)}), without patients.</p>"
        f'<p>Subscribe: <a href="{escape(webcal)}">{escape(webcal)}</a></p>'
        f'<p>Or, as {escape(scheme)}: <a href="{escape(address)}">{escape(address)}</a></p>{code}'
        f"<p>{REFRESH}</p><p>Whoever has this address reads this calendar: pass it on to nobody.</p>"
        "</main></body></html>"
    )
