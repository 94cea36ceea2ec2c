"""What people in a thread say to each other of what they do or will do: «sí, ahora voy», "Luis, can you call me?". Pure."""

from __future__ import annotations

import re

from rag.analyse import words
from rag.courtesy import beside_courtesy, courtesy

_DOES = frozenset(
    "voy vamos vengo venimos llego llegamos llamo llamamos llamame miro miramos reviso revisamos mando mandamos envio "
    "enviamos paso pasamos pasate subo salgo hablo hablamos pongo ponemos encargo encargamos aviso avisamos vuelvo volvemos "
    "vienes venis quedamos acerco acercas apunto venir llamar llamarme llamarnos pasarte acercarte quedar reunirnos hablar "
    "ocupo way coming come call calling join meet checking look looking going sending talk brb".split()
)
"""Of whoever speaks, or is spoken to; never a thing that an adviser of meters and documents is asked for."""
_BESIDE = frozenset(
    "puedes podrias podemos podeis si no ya ahora mismo luego despues enseguida hoy manana tarde pronto antes yo tu "
    "vosotros nosotros te os le les lo la los las me nos se ello eso esto a al en un una de del con que y o e por para ahi "
    "alli aqui alla momento rato segundo minuto minutos media hora horas correo mail telefono reunion despacho sala cafe "
    "semana lunes martes miercoles jueves viernes vale venga claro entonces uno dos tres cinco diez will ll can could are "
    "yes no i me my you your we us it this that on in into at by to for the a an of and or now later soon today tomorrow "
    "minute minutes hour back there here right away after before office phone mail meeting sure then be up over".split()
)
_CALLED = re.compile(r"^\W*(?-i:[A-ZÁÉÍÓÚÑ])[a-záéíóúñ]+\s*,\s+(?=\S)|,\s*(?-i:[A-ZÁÉÍÓÚÑ])[a-záéíóúñ]+\W*$")
"""«Luis, ...», "..., Ana?"."""


def left_alone(text: str) -> bool:
    """Whether what is said in a thread without naming the adviser is for people: thanks and nods, and what they do themselves."""
    return bool(courtesy(text)) or among_people(text)


def among_people(text: str) -> bool:
    """Whether a text says what somebody does, or asks them to come or to call, and nothing that could be for an adviser."""
    said = [word for word in words(_CALLED.sub(" ", beside_courtesy(text))) if not word.isdigit()]
    return any(word in _DOES for word in said) and all(word in _DOES or word in _BESIDE for word in said)
