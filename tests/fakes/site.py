"""A company's web site as a real server: 200 pages with menus, a cookie banner and a footer, and all that makes crawling hard.

Beliefs: a page that fails may answer a moment later; addresses differ by tracking parameters, session ids and index files and
mean the same page; a calendar links to the next month for ever; servers answer 304 to If-None-Match with their ETag (RFC 9110).
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass, field
from zlib import crc32

from aiohttp import web

from tests.fakes.faults import FakeServer

MENU, BANNER, FOOTER = "Menú principal Inicio Contacto", "Usamos cookies propias y de terceros", "Aviso legal Todos los derechos"
TOPICS = (
    "bombas",
    "soplantes",
    "alumbrado",
    "climatización",
    "fugas",
    "riego",
    "calderas",
    "aire comprimido",
    "presión",
    "aireación",
)


def topic(number: int) -> str:
    """What the page of this number says: no two pages say the same."""
    what = TOPICS[number % len(TOPICS)]
    return (
        f"La medida número {number} trata de {what}: conviene revisar la instalación {number} cada trimestre, porque su consumo "
        f"específico sube un {number % 17 + 2} por ciento cuando nadie mira los registros de noche ni ajusta las consignas."
    )


@dataclass
class Doc:
    """An answer of the site; `home` is its canonical link."""

    title: str = ""
    text: str = ""
    links: tuple[str, ...] = ()
    home: str = ""
    head: str = ""
    data: bytes = b""
    media_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


class Site(FakeServer):
    """`async with Site() as site:`; paths answer with `docs`, `redirects`, `broken` (502 for ever) or first `shaky` (502 once).

    `entries` are what the sitemap lists; None: there is none.
    """

    def __init__(self) -> None:
        super().__init__()
        self.docs: dict[str, Doc] = {}
        self.redirects: dict[str, str] = {}
        self.broken: set[str] = set()
        self.shaky: set[str] = set()
        self.entries: list[str] | None = None
        self.robots = ""
        self.calendar = False
        self.not_modified = 0

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/robots.txt", self._robots), web.get("/sitemap.xml", self._index), web.get("/pages.xml.gz", self._sitemap),
            web.get("/{path:.*}", self._answer),
        ]  # fmt: skip

    async def _robots(self, _: web.Request) -> web.Response:
        return web.Response(text=self.robots) if self.robots else web.Response(status=404)

    async def _index(self, _: web.Request) -> web.Response:
        if self.entries is None:
            return web.Response(status=404)
        text = f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc>{self.url}/pages.xml.gz</loc>"
        return web.Response(text=f"{text}</sitemap></sitemapindex>", content_type="application/xml")

    async def _sitemap(self, _: web.Request) -> web.Response:
        rows = "".join(f"<url><loc>{self.url}{path}</loc></url>" for path in self.entries or [])
        text = f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{rows}</urlset>"
        return web.Response(body=gzip.compress(text.encode()), content_type="application/gzip")

    async def _answer(self, request: web.Request) -> web.Response:
        path = request.path
        if path in self.broken or path in self.shaky:
            self.shaky.discard(path)
            return web.Response(status=502)
        if path in self.redirects:
            return web.Response(status=301, headers={"Location": self.redirects[path]})
        if self.calendar and path == "/agenda":
            return self._page(request, _month(int(request.query.get("mes", "0"))))
        return self._page(request, self.docs[path]) if path in self.docs else web.Response(status=404, text=MENU)

    def _page(self, request: web.Request, doc: Doc) -> web.Response:
        body = doc.data or _html(doc).encode()
        etag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
        if request.headers.get("If-None-Match") == etag:
            self.not_modified += 1
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=body, headers={"ETag": etag, "Content-Type": doc.media_type, **doc.headers})


def _month(number: int) -> Doc:
    """A calendar's page, with the next and the last month."""
    return Doc(f"Agenda {number}", f"En el mes {number} no hay actos previstos.", (f"?mes={number + 1}", f"?mes={number - 1}"))


def _html(doc: Doc) -> str:
    home = f'<link rel="canonical" href="{doc.home}">' if doc.home else ""
    links = "".join(f'<li><a href="{link}">Enlace</a></li>' for link in doc.links)
    return (
        f'<!doctype html><html lang="es"><head><title>{doc.title} | Aguas</title>{home}{doc.head}</head><body>'
        f'<nav class="menu"><ul><li><a href="/">{MENU}</a></li></ul></nav>'
        f'<div id="cookie-banner" class="cookie-consent" role="dialog"><p>{BANNER}. <button>Aceptar</button></p></div>'
        f"<main><article><h1>{doc.title}</h1><p>{doc.text}</p></article></main>"
        f'<nav class="related"><ul>{links}</ul></nav><footer><p>{FOOTER} reservados.</p></footer></body></html>'
    )


def company_site(pages: int = 200) -> Site:
    """A tree of pages, some of which answer only when asked again; every address that means the same as another is linked too."""
    site = Site()
    names = ["/", *(f"/medidas/{number}" for number in range(1, pages))]
    for number, name in enumerate(names):
        links = [names[child] for child in range(number * 8 + 1, min(number * 8 + 9, pages))]
        aliases = [
            f"{link}{alias}"
            for link in links[:2]
            for alias in ("?utm_source=boletin&fbclid=x1", "#arriba", "?PHPSESSID=0a1b2c3d4e5f")
        ]
        site.docs[name] = Doc(f"Medida {number}", topic(number), tuple(links + aliases))
    site.shaky = {name for name in names[1:] if crc32(name.encode()) % 20 == 0}
    return site
