"""Whether something may be done: what a question asks leave for, and what passages forbid or allow on a condition of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import takewhile

from rag.analyse import content_words, fold, stems, terms, words
from rag.headings import is_row
from rag.ingest.sentences import sentences
from rag.models import Hit
from rag.slices import cut, questions

MEANS = 0.75
"""Cosine of two words from which on one is taken for the other, in either language (fans, ventiladores: 0.77): above that of
things that are near (blowers, ventiladores: 0.74), as what is raised by it stands before all else."""
_ASKS = re.compile(
    r"\b(?:puedo|podemos|podria|podriamos|se pueden?|se podrian?|se permite|debo|debemos|deberia|deberiamos|se debe"
    r"|estan? (?:permitid|autorizad|prohibid)\w*|es (?:posible|seguro|legal)|tengo permiso|hay permiso"
    r"|(?:pueden|puede) (?:el|la|los|las|un)"
    r"|(?:am|are|is) (?:i|we|it|they|\w+) (?:allowed|permitted|authori[sz]ed|forbidden|safe|ok|okay|fine|possible))\b"
    r"|(?:^|[.,;?!]\s*|\b(?:and|but|so|then) )(?:can|could|may|should|must|might) \w+"
)
_QUESTIONED = re.compile(r"^\W*(?:cuant[oa]s?|cuando|donde|como|que|quien|cual|por que|how|what|when|where|who|which|why)\b")
_FORBIDS = re.compile(
    r"\b(?:nunca|jamas|prohib\w+|en ningun caso|bajo ningun concepto|(?:solo|solamente|unicamente) (?:si|cuando|con|tras|previa)"
    r"|salvo|excepto|a menos que|siempre (?:que|y cuando)|previa autorizacion"
    r"|no (?:se )?(?:debe|deben|puede|pueden|podra|podran|permite|permiten|deje)"
    r"|no (?:esta|estan) (?:autorizad|permitid)[oa]s?|(?:requiere|necesita|exige)n? (?:la )?(?:autorizacion|permiso)"
    r"|never|must not|may not|shall not|should not|do not|cannot|can't|don't|mustn't"
    r"|not (?:be )?(?:allowed|permitted|authori[sz]ed)"
    r"|prohibited|forbidden|unless|except|only (?:if|when|with|after|by)|provided that"
    r"|requires? (?:\w+ )?(?:authori[sz]ation|permission|approval))\b"
    r"|(?:^\W*(?:r: *)?|[.:;(]\s*)no (?:l[aeo]s? )?\w+(?:e|en|a|an|ar|er|ir)(?:l[aeo]s?)?\b"
)
_ARTICLES = {
    "es": frozenset("el la los las un una unos unas este esta estos estas".split()),
    "en": frozenset("the a an this that these those our my".split()),
}
_ACTIONS = (
    r"par(?:ar\w*|e|en|ad[oa]s?|amos|ando)|apag\w+|deten\w+|detien\w+|desconect\w+|stop\w*"
    r"|(?:switch|turn|shut)\w*(?:\W+\w+){0,4}?\W+(?:off|down)",
    r"arran[cq]\w+|enc[ei]\w*nd\w+|activ(?:ar\w*|e|en|a|an)|conect\w+|pon\w+ en marcha|start\w*"
    r"|(?:switch|turn)\w*(?:\W+\w+){0,4}?\W+on",
    r"abr(?:ir\w*|a|an|e|en)|open\w*",
    r"cierr\w+|cerr\w+|clos(?:e|es|ed|ing)",
    r"(?:cambi|modific|ajust|reajust|regul)(?:ar\w*|e|en|a|an)|modifi\w+|chang(?:e|es|ed|ing)|adjust\w*",
    r"(?:sub|sum)(?:ir\w*|a|an|e|en)|aument\w+|increas\w+|rais(?:e|ed|ing)",
    r"(?:baj|reduc|reduzc)(?:ar\w*|ir\w*|e|en|a|an)|lower\w*|reduc(?:e|es|ed|ing)",
)
"""What people do to equipment, each in both languages; any other verb is looked for by its stem."""
_LEANS = re.compile(
    r"\bno l[aeo]s? \w+|\b\w+[aei]r?(?:l[aeo]s?)\b|\b(?:them|it|they|est[oae]s?|es[oae]s?)\b|^\W*(?:nunca|never)\b"
)
"""What a sentence has that names its thing by a pronoun, or not at all."""
_INFINITIVE = re.compile(r"\w{2,}[aei]r(?:l[aeo]s?|se)?")


@dataclass(frozen=True, slots=True)
class Leave:
    """What leave is asked for: an action as a pattern of folded text, or its stems, and the thing it is done to."""

    thing: str
    action: re.Pattern[str] | None
    stems: tuple[str, ...] = ()

    def done_in(self, text: str) -> bool:
        """Whether a text speaks of the action."""
        return bool(self.action.search(fold(text))) if self.action else bool(set(self.stems) & set(terms(text)))


@dataclass(frozen=True, slots=True)
class Rule:
    """What a passage forbids, or allows on a condition: verbatim, with what it leans on."""

    text: str
    hit: Hit

    def holds(self, thing: str, meaning: Collection[str] = ()) -> bool:
        """Whether it speaks of a thing, by the word itself or by one that means it."""
        return bool(set(stems(thing)) & set(terms(self.text))) or bool(set(meaning) & set(content_words(self.text)))


def leave(question: str, language: str) -> Leave | None:
    """What a question asks leave for; None if it asks something else, or no thing is named."""
    asked = fold(question)
    found = _ASKS.search(asked)
    if not found or _QUESTIONED.search(asked):
        return None
    actions = ((pattern, match) for pattern in map(_word, _ACTIONS) if (match := pattern.search(asked)))
    pattern, match = min(actions, key=lambda one: one[1].start(), default=(None, None))
    stemmed: tuple[str, ...] = ()
    if match:
        behind = words(asked[match.start() :])[1:]
    else:
        rest = words(asked[found.end() :])
        verb = next((one for one in rest if _INFINITIVE.fullmatch(one) or language != "es"), "")
        stemmed, behind = stems(verb) if verb else (), rest[rest.index(verb) + 1 :] if verb else []
    thing = _thing(behind, language) or _thing(words(asked), language)
    return Leave(thing, pattern, stemmed) if thing and (pattern or stemmed) else None


def rules(asked: Leave, hits: Sequence[Hit]) -> list[Rule]:
    """What the passages forbid of the action, of whatever thing: with the question that it answers, or the sentence that it
    leans on («No los pare»).
    """
    found = []
    for hit in hits:
        text = hit.passage.text
        part = sentences(text)
        asks = questions(text, part)
        for place, sentence in enumerate(part):
            if place in asks or is_row(sentence) or sentence.endswith("?") or not _FORBIDS.search(fold(sentence)):
                continue
            first = max((one for one in asks if one < place), default=place)
            if first == place and _LEANS.search(fold(sentence)) and place and not is_row(part[place - 1]):
                first = place - 1
            if asked.done_in(sentence) or (first in asks and asked.done_in(part[first])):
                found.append(Rule(cut(text, part, first, place), hit))
    return found


def _thing(said: Sequence[str], language: str) -> str:
    """The thing that is named first: behind an article; in English the last of the nouns («the tunnel fans»)."""
    for place, word in enumerate(said[:-1]):
        run = list(takewhile(_names, said[place + 1 :])) if word in _ARTICLES[language] else []
        if run:
            return run[0] if language == "es" else run[-1]
    return ""


def _names(word: str) -> bool:
    return bool(content_words(word)) and not word.endswith(("ly", "mente"))


def _word(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b")
