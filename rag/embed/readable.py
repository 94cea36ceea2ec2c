"""Text as the embedded models can take it: valid, not endless, without endless words. Pure."""

from __future__ import annotations

import re

_LONGEST = 2000
"""Characters: beyond any passage and its headings, and what e5 reads in a second or two."""
_ASKED = 800
"""Characters of a question: what stands beyond is searched for by its words alone. Questions wait for one another here."""
_REPEATED = re.compile(r"(\S)\1{9,}")
_ENDLESS = re.compile(r"(\S{100})(?=\S)")


def readable(text: str) -> str:
    """The text with lone surrogates replaced, cut at 2,000 characters, its longest words broken: tokenizers crawl on those."""
    valid = text[:_LONGEST].encode("utf-8", "replace").decode("utf-8")
    return _ENDLESS.sub(r"\1 ", valid)


def brief(question: str) -> str:
    """A question as the models read it soon: nothing ten times in a row, the beginning of a long one."""
    return _REPEATED.sub(lambda run: run[1] * 9, question)[:_ASKED]
