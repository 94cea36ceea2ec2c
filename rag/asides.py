"""Questions about what was told that ask for nothing new: how the two differ, whether that is much. Pure."""

from __future__ import annotations

from rag.analyse import words

_COMPARE = frozenset(
    "diferencia diferencias difference compara comparalos comparalas comparame comparar compare compared comparacion "
    "comparison".split()
)
_TWO = frozenset("dos ambos ambas ellos ellas two both them comparalos comparalas".split())
_BETWEEN = frozenset(
    "y e pero and so then entonces cual cuanto que es son hay seria la el los las de del entre si en a con porcentaje por "
    "ciento tanto dime dame favor what which how much is are there the of between in as percent percentage per cent please tell "
    "me give show each other one another values valores cifras figures numeros numbers".split()
)
_MUCH = frozenset(
    "mucho mucha muchos muchas poco poca pocos pocas alto alta altos altas bajo baja bajos bajas normal normales elevado elevada "
    "bueno buena bien malo mala mal caro cara barato barata razonable aceptable excesivo excesiva demasiado demasiada habitual "
    "lot much little high low good bad okay ok fine reasonable acceptable expensive cheap excessive usual typical".split()
)
_FRAME = _MUCH | frozenset(
    "eso esa ese esto esta es son o u y e pero pues entonces muy mas lo que de el la un una cifra valor dato numero consumo "
    "gasto resultado para planta instalacion edificio como asi nuestra nuestro tipo considera se puede "
    "is that this it are they a an or too very so and but then the value figure number consumption use considered would be for "
    "plant facility site building kind of like ours one".split()
)


def compares_two(said: str) -> bool:
    """Whether a text asks to compare the two that were told, and nothing else: «diferencia entre los dos», "compare them"."""
    asked = set(words(said))
    return asked <= _COMPARE | _TWO | _BETWEEN and bool(asked & _COMPARE and asked & _TWO)


def doubts(said: str) -> bool:
    """Whether a text asks if what was told is much or little, and nothing else: «¿eso es mucho?», "is that a lot?"."""
    asked = words(said)
    asks = "?" in said or asked[:1] in (["es"], ["son"], ["is"], ["are"])
    return asks and set(asked) <= _FRAME and bool(set(asked) & _MUCH)


def of_told(said: str) -> bool:
    """Whether a text asks about what was told alone."""
    return compares_two(said) or doubts(said)
