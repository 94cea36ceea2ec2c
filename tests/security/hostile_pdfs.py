"""Hostile PDF files: streams that unpack to gigabytes, cycles, endless nesting, fonts of noise. See hostile_files.py."""

from __future__ import annotations

import io
import random
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial

MB = 1_000_000


def pdf(objects: Sequence[bytes]) -> bytes:
    """A PDF file of numbered objects, the first its catalogue."""
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.7\n")
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()


def _stream(data: bytes, extra: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), extra, data)


def _page_pdf(content: bytes, extra: Sequence[bytes] = (), resources: bytes = b"") -> bytes:
    """One page; `extra` objects begin with number 6, the page's content is number 4, its font 5."""
    return pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F 5 0 R >> %s >> >>" % resources,
            content,
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            *extra,
        ]
    )


_LINES = (b"El caudal nocturno del sector es de 38 metros por hora", b"y baja por la noche al regular la presion de la red.")
_WORDS = b"BT /F 18 Tf 50 700 Td (Manual) Tj /F 12 Tf 0 -40 Td (%s) Tj 0 -14 Td (%s) Tj ET\n" % _LINES


def deflated(size: int, chunk: bytes = b" " * MB, times: int = 1) -> bytes:
    """`size` bytes of a repeated chunk, deflated `times` times. Each chunk is compressed alike, so it is done for two only."""
    made = zlib.compressobj(9)
    first, again = (made.compress(chunk) + made.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    data = first + again * (size // len(chunk)) + made.flush()
    return data if times == 1 else zlib.compress(data, 9)


def _flate_bomb(size: int, times: int = 1, chunk: bytes = b" " * MB) -> bytes:
    filters = b" ".join([b"/FlateDecode"] * times)
    return _page_pdf(_stream(deflated(size, chunk, times), b"/Filter [%s]" % filters))


def _many_pages(pages: int) -> bytes:
    """One page object that the tree names again and again."""
    kids = b"3 0 R " * pages
    return _page_pdf(_stream(_WORDS)).replace(b"/Kids [3 0 R] /Count 1", b"/Kids [%s] /Count %d" % (kids, pages))


def _form_cycle() -> bytes:
    """Two form XObjects that draw each other."""
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 600 900] /Resources << /XObject << /X %d 0 R >> >>"
    return _page_pdf(
        _stream(_WORDS + b"/X Do"), [_stream(b"/X Do", form % 7), _stream(b"/X Do /X Do", form % 6)], b"/XObject << /X 6 0 R >>"
    )


def _form_tree(levels: int = 12) -> bytes:
    """Forms of which each draws the next one ten times."""
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 600 900] /Resources << /Font << /F 5 0 R >> /XObject << /X %d 0 R >> >>"
    forms = [_stream(b"/X Do " * 10, form % (7 + level)) for level in range(levels)]
    return _page_pdf(_stream(_WORDS + b"/X Do"), [*forms, _stream(_WORDS, form % 5)], b"/XObject << /X 6 0 R >>")


def _many_characters(count: int) -> bytes:
    """Text at random places, some outside the page: what orders pieces by their places has most to do."""
    chance = random.Random(7)
    words = b"".join(b"1 0 0 1 %d %d Tm (a%d) Tj\n" % (chance.randrange(595), chance.randrange(842), n) for n in range(count))
    return _page_pdf(_stream(zlib.compress(b"BT /F 8 Tf\n" + words + b"ET"), b"/Filter /FlateDecode"))


def _broken_font() -> bytes:
    """An embedded TrueType font of noise, and a ToUnicode map with half surrogates."""
    noise = random.Random(3).randbytes(50_000)
    umap = b"1 begincodespacerange <00> <FF> endcodespacerange 2 beginbfchar <61> <D800> <62> <DFFF> endbfchar"
    font = b"<< /Type /Font /Subtype /TrueType /BaseFont /Bad /FontDescriptor 7 0 R /ToUnicode 8 0 R /LastChar 255 >>"
    extra = [font, b"<< /Type /FontDescriptor /FontName /Bad /Flags 4 /FontFile2 9 0 R >>", _stream(umap), _stream(noise)]
    return _page_pdf(_stream(_WORDS.replace(b"/F ", b"/G ") + _WORDS), extra).replace(b"/F 5 0 R", b"/F 5 0 R /G 6 0 R")


PDFS: Mapping[str, Callable[[], bytes]] = {
    "flate.pdf": partial(_flate_bomb, 2_000 * MB),
    "flate-twice.pdf": partial(_flate_bomb, 4_000 * MB, 2),
    "flate-operators.pdf": partial(_flate_bomb, 500 * MB, 1, b"0 0 m 1 1 l S\n" * 100_000),
    "objects.pdf": lambda: _page_pdf(_stream(_WORDS), [b"<< /A [1 2 3] >>"] * 100_000),
    "many-pages.pdf": partial(_many_pages, 100_000),
    "counts.pdf": lambda: _page_pdf(_stream(_WORDS)).replace(b"/Count 1", b"/Count 2147483647"),
    "page-cycle.pdf": lambda: _page_pdf(_stream(_WORDS)).replace(b"/Kids [3 0 R] /Count 1", b"/Kids [2 0 R 3 0 R] /Count 9"),
    "form-cycle.pdf": _form_cycle,
    "form-tree.pdf": _form_tree,
    "deep-arrays.pdf": lambda: _page_pdf(_stream(_WORDS), [b"[" * 500_000 + b"]" * 500_000]),
    "deep-content.pdf": lambda: _page_pdf(_stream(b"[" * 500_000 + _WORDS)),
    "many-characters.pdf": partial(_many_characters, 60_000),
    "broken-font.pdf": _broken_font,
    "huge-page.pdf": lambda: _page_pdf(_stream(_WORDS)).replace(b"595 842", b"1e38 1e38"),
}
