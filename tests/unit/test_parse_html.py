"""A web page becomes its main content: no menus, banners or footers among the passages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rag.errors import DocumentError
from rag.ingest.parse.html import parse_body, parse_html

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


WORDS = "La estación eleva 9.800 m³ al día con dos bombas."
ASK = "Usamos cookies propias y de terceros para analizar el tráfico. SECRETO"
BANNERS = {
    "onetrust": f'<div id="onetrust-consent-sdk"><h2>Su privacidad</h2><div id="onetrust-policy-text">{ASK}</div></div>',
    "cookiebot": f'<div id="CybotCookiebotDialog"><h2>Esta web usa cookies</h2><div>{ASK}</div></div>',
    "didomi": f'<div id="didomi-host"><div class="didomi-popup-view"><span>{ASK}</span></div></div>',
    "drupal": f'<div id="sliding-popup"><div id="popup-text"><h2>Cookies</h2><p>{ASK}</p></div></div>',
    "dialog": f"<dialog open><p>{ASK}</p></dialog>",
    "role": f'<div role="alertdialog"><p>{ASK}</p></div>',
    "moove": f'<div id="moove_gdpr_cookie_info_bar"><p>{ASK}</p></div>',
    "nameless": f'<div class="overbox" id="aviso"><p>{ASK}</p></div>',
}


def page(content: str, beside: str = "", around: str = "main") -> bytes:
    """A short page with a menu and a footer."""
    return (
        f'<html><head><meta charset="utf-8"><title>Bombeo | Valdemora</title></head><body class="cookies-accepted">'
        f"<nav><a href=/>Inicio</a> <a href=/p>Productos y servicios</a></nav><{around}><h1>Bombeo</h1>{content}</{around}>"
        f"{beside}<footer>Aviso legal</footer></body></html>"
    ).encode()


@pytest.mark.parametrize("around", ["main", "div"])
@pytest.mark.parametrize("banner", BANNERS)
@pytest.mark.parametrize("times", [1, 6])
def test_no_banner_is_evidence(banner: str, around: str, times: int) -> None:
    """Whoever made the banner, and however short the page: only the page's own text is left, under its heading."""
    blocks = parse_html(page(f"<p>{WORDS}</p>" * times, BANNERS[banner], around), "x.html").blocks
    assert {(block.locator.headings, block.text) for block in blocks} == {(("Bombeo",), WORDS)}


@pytest.mark.parametrize(
    "unseen",
    [
        "<div style='display: none;'>SECRETO 999 kWh</div>",
        "<div hidden>SECRETO 999 kWh</div>",
        "<div aria-hidden='true'>SECRETO 999 kWh</div>",
        "<p style='VISIBILITY:hidden'>SECRETO 999 kWh</p>",
        "<p style='font-size:0'>SECRETO 999 kWh</p>",
        "<p>Son <del>SECRETO</del></p>",
        "<template><p>SECRETO 999 kWh</p></template>",
        "<script>var secreto = 'SECRETO'</script>",
        "<noscript>SECRETO</noscript>",
    ],
)
@pytest.mark.parametrize("around", ["main", "div"])
@pytest.mark.parametrize("times", [1, 6])
def test_what_no_reader_sees_is_no_evidence(unseen: str, around: str, times: int) -> None:
    """Hidden, struck-out and script text stays out of short pages and long ones, marked up well or not."""
    blocks = parse_html(page(f"<p>{WORDS}</p>" * times + unseen, "", around), "x.html").blocks
    text = "\n".join(block.text for block in blocks)
    assert WORDS in text
    assert "SECRETO" not in text


def test_page_whose_headings_the_extractor_drops_is_clean_too() -> None:
    """Content in nameless boxes: headings are kept, and nothing of scripts, styles, menu and footer comes with them."""
    boxes = (
        f"<div class=menu><ul><li><a href=/>Inicio</a></li></ul></div><div class=cab><h1>Consumo</h1></div><div><h2>Bombeo</h2>"
        f"<p>{WORDS}</p></div><script>var t = 'NO'</script><style>.NO{{}}</style><div><h2>Variadores</h2><p>{TEXT}</p></div>"
        "<div class=pie><p>Aviso legal. NO</p></div>"
    )
    blocks = parse_html(f"<html><meta charset=utf-8><body>{boxes}</body></html>".encode(), "x.html").blocks
    assert [(block.locator.headings, block.text) for block in blocks] == [
        (("Consumo", "Bombeo"), WORDS),
        (("Consumo", "Variadores"), TEXT),
    ]


def test_captions_boxes_addresses_and_tabs_are_text() -> None:
    """What the extractor would pass over: a figure's caption, a box beside the text, an address, a tab that is not chosen."""
    more = (
        "<figure><img src=x><figcaption>Figura 1. Caudal.</figcaption></figure><aside><p>Recuadro: ahorra 41.000 kWh.</p></aside>"
        "<div role=tabpanel aria-hidden=true><p>Pestaña: 0,13 euros.</p></div><address>Ana Pérez, tel. 555</address>"
        "<p>Revisado el <time datetime=2024-05-03>3 de mayo</time> por Ana.</p>"
    )
    parsed = parse_html(page(f"<p>{TEXT}</p>" * 4 + more), "x.html")
    text = [block.text for block in parsed.blocks]
    assert {"Figura 1. Caudal.", "Recuadro: ahorra 41.000 kWh.", "Pestaña: 0,13 euros.", "Ana Pérez, tel. 555"} <= set(text)
    assert "Revisado el 3 de mayo por Ana." in text
    assert parsed.date == date(2024, 5, 3)


def test_superscripts_and_merged_cells() -> None:
    """A footnote's mark is no digit of the number; a cell merged over rows is told in each."""
    table = (
        "<table><tr><th>Zona</th><th>Año</th><th>kWh</th></tr><tr><td rowspan=2>Norte</td><td>2022</td><td>1.234<sup>1</sup>"
        "</td></tr><tr><td>2023</td><td>1.300<sup><a href=#b>[2]</a></sup></td></tr>"
        "<tr><td colspan=2>Total</td><td>2.534</td></tr></table>"
    )
    data = page(
        f"<p>{TEXT}</p>" * 4
        + f"<p>Fueron 182<sup>1</sup> MWh, 10<sup>6</sup> W y CO<sub>2</sub>, el 1<sup>er</sup> año.</p>{table}"
    )
    for parser in (parse_html, parse_body):
        text = [block.text for block in parser(data, "x.html").blocks]
        assert "Fueron 182¹ MWh, 10⁶ W y CO2, el 1er año." in text
        assert "Zona | Año | kWh\nNorte | 2022 | 1.234¹\nNorte | 2023 | 1.300⁽²⁾\nTotal |  | 2.534" in text


def test_a_sentence_with_marked_words_stays_whole() -> None:
    """Bold words and links in a box without a paragraph of its own do not cut its sentence."""
    text = "<div>El caudal es de <b>38</b> m³/h<br>y <a href=#>baja</a>.<br><br>Fin.<ul><li>Uno <i>a</i></li></ul></div>"
    found = parse_body(f"<html><meta charset=utf-8><body>{text}</body></html>".encode(), "x.html").blocks
    assert [block.text for block in found] == ["El caudal es de 38 m³/h y baja.", "Fin.", "- Uno a"]


def test_a_table_that_only_lays_out_is_read_as_its_text() -> None:
    """Letters put their paragraphs into cells: they are no rows. A table of figures within them is one."""
    inner = "<table><tr><th>Uso</th><th>kWh</th></tr><tr><td>Luz</td><td>3,5</td></tr></table>"
    text = f"<table role=presentation><tr><td>Hola, Ana:</td><td><p>Van los datos.</p>{inner}</td></tr></table>"
    assert [block.text for block in parse_body(text.encode(), "x.html").blocks] == [
        "Hola, Ana:",
        "Van los datos.",
        "Uso | kWh\nLuz | 3,5",
    ]
