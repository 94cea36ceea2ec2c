"""A web page becomes its main content: no menus, banners or footers among the passages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rag.errors import DocumentError
from rag.ingest.parse.html import parse_html

TEXT = "La política de energía fija objetivos para cada instalación y obliga a revisarlos todos los años con datos medidos."
PAGE = f"""<!doctype html><html lang="es"><head><meta charset="{{charset}}"><title>Política | Valdemora</title>
<meta property="article:published_time" content="2024-03-05T10:00:00Z"><style>p{{{{color:red}}}}</style></head><body>
<nav><ul><li><a href="/">Inicio</a></li><li><a href="/c">Contacto del menú</a></li></ul></nav>
<div id="cookie-banner" class="cookie-consent">Usamos cookies propias y de terceros. <button>Aceptar</button></div>
<main><h1>Política energética</h1><p>{TEXT}</p><h2>Objetivos</h2><p>{TEXT}</p>
<ul><li>Reducir un 10 % el consumo</li><li>Medir cada hora</li></ul>
<h3>Plazos</h3><table><tr><th>Año</th><th>kWh/m³</th></tr><tr><td>2025</td><td>0,58</td></tr></table>
<script>track("visita")</script></main>
<footer>© Valdemora. Aviso legal del pie</footer></body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252"])
def test_main_content_with_its_headings(charset: str) -> None:
    """Paragraphs, list items and tables under their headings; nothing of menu, banner, script or footer."""
    parsed = parse_html(PAGE.format(charset=charset).encode(charset), "p.html")
    assert (parsed.title, parsed.date) == ("Política energética", date(2024, 3, 5))
    found = [(block.locator.headings, block.text) for block in parsed.blocks]
    assert (("Política energética",), TEXT) in found
    assert (("Política energética", "Objetivos"), "- Reducir un 10 % el consumo") in found
    assert (("Política energética", "Objetivos", "Plazos"), "Año | kWh/m³\n2025 | 0,58") in found
    text = "\n".join(block.text for block in parsed.blocks)
    assert not any(word in text for word in ("cookies", "Contacto", "pie", "track", "color"))


def test_short_page_still_gives_its_text() -> None:
    """A page too short for the extractor is read as it stands."""
    assert "bombas" in parse_html(b"<html><body><p>Hay tres bombas.</p></body></html>", "x.html").blocks[0].text


def test_wrong_charset_is_corrected() -> None:
    """A page that lies about its encoding is read by its bytes."""
    page = PAGE.format(charset="utf-8").encode("windows-1252")
    assert any("Política" in heading for block in parse_html(page, "x.html").blocks for heading in block.locator.headings)


@pytest.mark.parametrize("data", [b"<html></html>", b"<script>x</script>", b"<!-- -->"])
def test_empty_pages_say_so(data: bytes) -> None:
    """A page without text fails with a reason."""
    with pytest.raises(DocumentError):
        parse_html(data, "x.html")


@pytest.mark.parametrize("page", sorted(Path("demo/documents").rglob("*.html")), ids=lambda page: page.stem)
def test_every_block_of_the_demo_pages_has_its_heading_and_none_is_furniture(page: Path) -> None:
    """Also where the markup does not say what is content: trafilatura then keeps paragraphs without headings, and the footer."""
    blocks = parse_html(page.read_bytes(), page.name).blocks
    assert all(block.locator.headings for block in blocks)
    assert not any("cookies" in block.text.lower() or "Aviso legal" in block.text for block in blocks)
