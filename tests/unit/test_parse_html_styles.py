"""What a page's own stylesheet hides is no evidence; what it shows, or shows at a press, stays."""

from __future__ import annotations

import time

import pytest

from rag.ingest.parse.html import parse_body, parse_html

SEEN = "El bombeo de la red consume casi toda la energía del abastecimiento y se factura por periodos horarios cada mes."


def text_of(css: str, body: str, head: str = "", media: str = "") -> str:
    head = f"<head><meta charset=utf-8>{head}<style{media}>{css}</style></head>"
    page = f"<html>{head}<body><h1>Bombeo</h1><p>{SEEN}</p>{body}</body></html>"
    text = "\n".join(block.text for block in parse_html(page.encode(), "x.html").blocks)
    assert SEEN in text
    return text


@pytest.mark.parametrize("body", ["<p class='a x'>SECRETO</p>", "<div class=x><p>SECRETO</p></div>"])
@pytest.mark.parametrize(
    "css",
    [
        ".x{display:none}",
        ".X, .x { color: red; DISPLAY : None !important }",
        "body .x{visibility:hidden}",
        "body>.x{font-size:0}",
        ".x{font-size:0px;color:red}",
        ".x{color:#fff}",
        ".x{color:white;background:#fefefe}",
        "body{background:#123456} .x{color:rgb(18,52,86)}",
        ".x{position:absolute;left:-9999px}",
        ".x{position:fixed;top:-200vh}",
        ".x{text-indent:-999em}",
        ".x{position:absolute;clip:rect(0, 0, 0, 0)}",
        "@media screen and (min-width:600px){.x{display:none}}",
        "/* } */ .y:after{content:'}'} .x{display:none}",
        r".\78 {d\69splay:none}",
        ".x{display:none} .x{display:seen}",
        "body{.x{display:none}}",
        "*{display:block} .x{display:none}",
        ".x{display:none!important} p.x, div.x{display:block}",
    ],
)
def test_what_a_sheet_hides_is_no_evidence(css: str, body: str) -> None:
    """Hidden, sizeless, clipped, beside the page or in the colour under it, by class, tag or place, however it is written."""
    assert "SECRETO" not in text_of(css, body)


def test_by_id_tag_and_colour_of_tag() -> None:
    """An id's rule is heavier than a class's, and a tag's counts too."""
    assert "SECRETO" not in text_of("#s{display:none} .x{display:block}", "<p id=s class=x>SECRETO</p>")
    assert "SECRETO" not in text_of("blockquote{display:none}", "<blockquote>SECRETO</blockquote>")


@pytest.mark.parametrize(
    ("css", "body"),
    [
        (".x{display:none} @media(min-width:48em){.x{display:block}}", "<p class=x>VISTO</p>"),
        ("@media print{.x{display:none}}", "<p class=x>VISTO</p>"),
        ("@media only screen and (max-width: 600px){.x{display:none!important}}", "<p class=x>VISTO</p>"),
        (".x{display:none} .x{display:block}", "<p class=x>VISTO</p>"),
        (".x:hover{display:none} .x::before{display:none} .y .x, .x + .x, .x[hidden]{display:none}", "<p class=x>VISTO</p>"),
        (".x{font-size:0} .x p{font-size:16px}", "<div class=x><p>VISTO</p></div>"),
        (".x{visibility:hidden} p{visibility:visible}", "<div class=x><p>VISTO</p></div>"),
        (".x{background:#003366} .x p{color:#fff}", "<div class=x><p>VISTO</p></div>"),
        (".x{background-image:url(a.png)} .x p{color:white}", "<div class=x><p>VISTO</p></div>"),
        (".x{background:linear-gradient(red,blue);color:transparent}", "<p class=x>VISTO</p>"),
        (".x{left:-9999px;color:var(--white)}", "<p class=x>VISTO</p>"),
        (".x{display:none}", "<button aria-controls=d>Más</button><div class=x id=d><p>VISTO</p></div>"),
        (".x{display:none}", "<div class=x role=tabpanel><p>VISTO</p></div>"),
        ("body{display:none;visibility:hidden;font-size:0}", "<p class=x>VISTO</p>"),
        ("@font-face{font-family:x;display:none} .x{", "<p class=x>VISTO</p>"),
    ],
)
def test_what_is_seen_stays(css: str, body: str) -> None:
    """On a desk's screen, by the rule that wins; in another colour than what is under it; what opens at a press."""
    assert "VISTO" in text_of(css, body)


def test_white_on_what_is_not_known_stays() -> None:
    """A sheet that the page only links to may paint the background; white on a stated white is unseen all the same."""
    link = "<link rel=stylesheet href=a.css>"
    assert "VISTO" in text_of(".x{color:#fff}", "<p class=x>VISTO</p>", link)
    assert "SECRETO" not in text_of("body{background:#fff} .x{color:#fff}", "<p class=x>SECRETO</p>", link)
    assert "VISTO" in text_of(".x{display:none}", "<p class=x>VISTO</p>", media=" media=print")


def test_part_of_a_sentence() -> None:
    """What is hidden within a paragraph goes alone, and the sentence around it stays."""
    assert "Son 45 kWh." in text_of(".x{font-size:0}", "<p>Son <span class=x>SECRETO 999</span>45 kWh.</p>")


def test_letters_too() -> None:
    """The words that a newsletter hides for a mail program's preview are none of its text."""
    mail = b"<style>.pre{display:none}</style><div class=pre>SECRETO</div><p>Texto de la carta.</p>"
    assert [block.text for block in parse_body(mail, "m.html").blocks] == ["Texto de la carta."]


def test_colours_by_attribute() -> None:
    """As letters have them: white on a dark cell or a picture is seen, white on white is not."""
    rows = (
        "<tr><td bgcolor='#003366' style='color:#ffffff'>VISTO UNO</td></tr>"
        "<tr><td background=a.png><font color=white>VISTO DOS</font></td></tr>"
        "<tr><td bgcolor=white><font color='#FFFFFF'>SECRETO</font></td></tr>"
    )
    text = "\n".join(block.text for block in parse_body(f"<p>Carta.</p><table>{rows}</table>".encode(), "m.html").blocks)
    assert "VISTO UNO" in text
    assert "VISTO DOS" in text
    assert "SECRETO" not in text


def test_hostile_sheets_end() -> None:
    """Rules within rules, without end, and a great many of them for a great many elements take no time to speak of."""
    started = time.monotonic()
    text_of("a,b{" * 3000 + "display:none", "<p>x</p>")
    text_of("".join(f".c{number}{{display:none}} p .d{{color:red}}" for number in range(3000)), "<p class='d e'>x</p>" * 300)
    text_of("/*" * 200_000 + "\\" * 1000 + "'" * 1001, "<p>x</p>")
    assert time.monotonic() - started < 10
