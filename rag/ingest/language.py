"""Spanish or English: of a question, a passage or a document. Short and numeric text takes the default."""

from __future__ import annotations

import re
import threading

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from rag.models import Language

# Without «ha»: in tables it is the hectare of either language.
_SPANISH = frozenset(
    "el la los las un una unos unas de del al en y o que qué se por para con sin su sus es son está están hay como "
    "cómo cuánto cuánta cuántos cuántas cuándo cuál cuáles dónde quién este esta estos estas lo le les más pero "
    "porque si sí entre desde hasta sobre según cada ser han fue era también nos mi mis tu muy cuando donde qué "
    "cual tenemos tiene tienen puede pueden debe deben hola gracias cuanto cuantos cuanta cuantas cuales hacer".split()
)
_ENGLISH = frozenset(
    "the of and to in is are was were be been that this these those it its for on with as by at from or an which "
    "what how when where who why can could should would will do does did have has had not we our you your they "
    "their there than then if into between about per much many any all more most hello thanks please us i my".split()
)
_SPANISH_LETTERS = re.compile(r"[¿¡ñáéíóúü]|ción\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_READ = 4000
"""Characters that are looked at: enough to tell, and cheap."""
_SURE = 0.7
_lock = threading.Lock()
_identifier: list[LanguageIdentifier] = []  # loaded once, when first needed: the model takes a tenth of a second


def detect(text: str, default: Language = "es") -> Language:
    """The language of `text`; `default` when it has too few words to tell (numbers, names, units)."""
    read = text[:_READ]
    words = [word.lower() for word in _WORD.findall(read)]
    spanish = sum(word in _SPANISH for word in words) + len(_SPANISH_LETTERS.findall(read))
    english = sum(word in _ENGLISH for word in words)
    if spanish != english and max(spanish, english) >= 2 * min(spanish, english):
        return "es" if spanish > english else "en"
    if sum(len(word) > 2 for word in words) < 2:
        return default
    language, probability = _model().classify(" ".join(words))
    if probability < _SURE:
        return default
    return "es" if language == "es" else "en"


def _model() -> LanguageIdentifier:
    with _lock:
        if not _identifier:
            identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
            identifier.set_languages(["es", "en"])
            _identifier.append(identifier)
        return _identifier[0]
