"""The words, folded, that questions about readings and tariffs are made of, in Spanish and English; a star ends a word's stem."""

from __future__ import annotations

import re

COMMON = """
    cual* dime dame muestra* quiero saber favor please show tell give want know total totals totales instalacion* site sites
    facilit* contador* meter meters lectura* reading* segun according dato datos data fichero archivo file curva valor* value*
    cifra* periodo* period periods ano anos year years yearly anual* annual* mes meses month months dia dias day days hora horas
    hour hours fecha date exact* ahora now actual* current* momento moment many kwh mwh gwh kw m3 p1 p2 p3 p4 p5 p6 us energia
    energetic* energy electric* luz suministro supply red medido medida metered measured empresa company compania nuestr* entera
    entero whole complet* registrad* recorded fue fueron hubo last past durante euro euros eur dinero money kilovatio* cubic*
    tuvo tenia todas sector* metro metros metre* meters grupo together conjunto edificio building planta plantas plant plants
    centro sede toda todo entonces overall dimelo pasame pasamelo pasalo pasas pasarlo pasarmelo convierte* conviert* convert*
"""
"""Of any such question."""

_USE = "consum* gast* use uses used uso usos usa usan usage using utiliz* draw draws drawn"
_MONEY = "cost* cuest* pag* paid pays spend* spent expensive costly dear* caro cara caros caras cheap* barat* factur* bill*"
_FLOWS = "agua water gas caudal* flow* volumen volume"
OWN = {
    "used": f"{_USE} {_FLOWS} take takes took taken entro trata* trato treat* produc* produj* suministr* supplied depur* desal*",
    "cost": f"{_USE} {_FLOWS} cost* cuest* pag* paid pays vale importe* factur* bill* spend* spent precio price "
    "medi* mean average "
    "sale saldria seria would con",
    "night": f"{_USE} noche noches nocturn* madrugada* night nights overnight nighttime medi* mean average carga "
    "base load potencia power",
    "mean": f"{_USE} {_FLOWS} media medio promedio mean average potencia power demanda demand diari* daily",
    "peak": f"{_USE} caudal flow punta* pico picos peak* maxim* highest mayor max potencia* power demand* carga "
    "load alta alto alcanz* "
    "reach* ocurr* occur* happen* produjo dio llego registr* record time",
    "most": f"{_USE} {_FLOWS} {_MONEY} mas most mayor* highest maxim* more biggest largest greatest alto alta",
    "least": f"{_USE} {_FLOWS} {_MONEY} menos least menor* lowest minim* less fewest smallest bajo baja",
    "night_flow": f"{_FLOWS} minim* noctur* noche noches night nights sector* distrit* district*",
    "leak": "fuga fugas leak* abiert* open opened activ* repar* repair* unrepaired fix* mended arregl* "
    "sector* distrit* district* network zona sigue* "
    "still exist* empez* began begin start* sub* rose cost* cuest* situacion estado status state agua "
    "water lleva* long pendiente* "
    "alguna algun aparec* appear* detect* cerr* closed vale pag* paying perd* pierd* lost losing noche "
    "night nocturn* caudal flow",
    "specific": f"{_USE} agua water especific* specific por per medi* ratio sale salen",
    "contracted": "contrat* contract* potencia* power* punta* pico picos peak* maxim* highest max demand* alcanz* reach* "
    "frente versus vs compar*",
    "price": "precio* price* cost* cuest* vale pag* pays termino term peaje toll contrat* contract* rate rates",
    "tariff": "tarifa* tariff* peaje toll contrat* contract*",
}
"""Of questions about one value."""

COMPARES = """
    compar* frente versus vs diferenc* difference mas menos more less higher lower quien which mayor menor both ambos ambas
    ranking todas instalacion sitio facility site most least highest lowest biggest uno otra otro one reparto parte
    share cada each porcentaje percent percentage
"""
"""Of several facilities or times side by side."""


def pattern(words: str) -> re.Pattern[str]:
    """What matches one of the words as a whole."""
    return re.compile("|".join(re.escape(word).replace(r"\*", r"\w*") for word in words.split()))


PEAKS = re.compile(r"\b(punta\w*|picos?|peaks?|maxim\w*|highest|max)\b")
"""What was drawn at most."""
USES = r"\b(consum\w+|gast[ao]\w*|us(e|es|ed|o|os|a|an|age|ing)|utiliz\w+|draws?|energia|energy|electric\w*|kwh|mwh|luz)\b"
_MORE = r"\b(mas|most|mayor\w*|highest|maxim\w*|more|pico|peak|biggest|largest|greatest)\b"
_LESS = r"\b(menos|least|menor\w*|lowest|minim\w*|less|fewest|smallest)\b"
GRAIN = {"month": r"\b(mes|meses|months?)\b", "hour": r"\b(hora|horas|hours?)\b", "day": r"\b(dia|dias|days?|fecha|date)\b"}
_GRAINS, _FLOWING = "|".join(GRAIN.values()), r"\b(agua|water|gas|caudal\w*|flow|m3)\b"
_DEAR = r"\b(mas car[oa]s?|mas costos\w+|most (expensive|costly)|dearest)\b"
_CHEAP = r"\b(mas barat\w+|menos car\w+|least expensive|cheapest)\b"
_DAY_OR_MONTH = f"{GRAIN['month']}|{GRAIN['day']}"
MONEY = r"\b(cost\w*|cuest\w+|pag\w+|paid|pays?|spen[dt]\w*)\b"
_PAID_MOST = rf"{MONEY}\s+(\w+\s+)?(mas|most|more)\b|\b(mas|most|more)\s+{MONEY}"
RANKS_MONEY = re.compile(f"{_DEAR}|{_CHEAP}|{_PAID_MOST}")
"""Days or months by what they cost, not by what was used."""
_A_CUBIC_METRE = r"(por|per|cada|each|every)\s+((el|the)\s+)?(m3|metros? cubicos?|cubic met\w+)"
METRICS = (
    ("specific", rf"^\W*((y|e|and|pero|but|what about|how about)\b\W*)?{_A_CUBIC_METRE}\b"),
    ("leak", r"\b(fugas?|leak(s|age|ing)?)\b"),
    ("most", rf"(?=.*({_DAY_OR_MONTH})).*({_DEAR}|{_PAID_MOST})"),
    ("least", rf"(?=.*({_DAY_OR_MONTH})).*({_CHEAP})"),
    ("contracted", r"\bcontratad\w+|\bcontracted\b|\bcontract power\b"),
    ("cost", r"\b(precio medio|(mean|average) price)\b"),
    ("tariff", r"\b(tarifas?|tariffs?)\b(?!.*\b(precio|price))"),
    ("price", r"\b(precios?|prices?)\b|\b(cuest\w+|cost\w*|vale|pag\w+|pay)\s+(\w+\s+){0,3}(kwh|kilovatio)|\bkwh\b.*\bcost"),
    ("night_flow", r"(?=.*\bminim\w+)(?=.*\b(noctur\w+|noche|night)\b).*\b(caudal|flow|minim\w+)\b"),
    ("specific", rf"(?!.*{MONEY})(?=.*{USES}).*\b(por|per|cada|each|every)\s+((el|the)\s+)?(m3|metros? cubicos?|cubic met\w+)"),
    (
        "specific",
        r"(kwh|energ\w+|electric\w*)\s*(/|per|por)\s*(m3|(el )?metro|cubic)|"
        r"\b(consumo|energia) especific\w+|\bspecific (energy|consumption)",
    ),
    ("most", rf"(?=.*\b(que|which|what|cual|when|cuando)\b)(?=.*({_GRAINS}))(?=.*{_MORE}).*({USES}|{_FLOWING})"),
    ("most", rf"({_GRAINS})\s+(de|con|of|with)\s+(the\s+)?(mas|mayor|most|more|highest|maximo)\s+({USES}|{_FLOWING})"),
    ("least", rf"(?=.*({_GRAINS}))(?=.*{_LESS}).*({USES}|{_FLOWING})"),
    ("peak", r"\b(punta\w*|picos?|peaks?|maximetro\w*)\b"),
    ("peak", r"(?=.*\b(maxim\w*|highest|max|mayor|mas alta)\b).*\b(potencia|power|load|demanda?|caudal|flow)\b"),
    ("night", r"\b(noches?|nocturn\w+|madrugadas?|nights?|overnight|nighttime)\b"),
    ("cost", r"\b(?:en|in) (?:euros?|eur|dinero|money)\b"),
    ("cost", r"\b(cuest\w+|cost\w*|pag\w+|paid|pays?|vale|importe|factur\w+|bill(ed|s)?|spend|spent|sale|saldria|seria)\b"),
    ("mean", rf"(?=.*\b(media|medio|promedio|average|mean)\b).*({USES}|\bpotencia|\bpower|\bcaudal|\bflow|\bdiari|\bdaily)"),
    ("used", rf"{USES}|{_FLOWING}|\btotal\b"),
)
"""What is asked for by what is said, in this order: the first that is found holds."""

IN_PERCENT = re.compile(r"\b(porcentaje|percent(age)?|(por|per) (ciento|cent))\b|%")
OF_US = re.compile(
    r"\b(en total|in total|overall|(gast|us|utiliz|pag)amos|consumimos|we (use|consume|spend|pay|used|consumed|spent|paid))\b"
)
"""Of nothing in particular: of the company as a whole."""
PUMPS = re.compile(r"\b(did|does|do)((?: (?!the\b)\w+){1,2}) pump\b")
"""That water is pumped: "how many m3 did it pump?"; "the pump" is a machine."""
EVERYWHERE = re.compile(
    r"\b(empresa|company|compania|organizacion)\b|\btod[ao]s? ((las|los|nuestr[ao]s) )?(instalaciones|sitios|plantas|sedes)\b|"
    r"\ball ((of )?(our |the ))?(sites|facilities|plants)\b|\b(each|every|which|what) (site|facility|plant)s?\b|"
    r"\b(que|cada|cual es la) (instalacion|sitio|planta|sede)\b|\bcual de (las|nuestras) (instalaciones|plantas|sedes)\b"
)
UNITS = {
    "MWh": r"mwh|megavatios? hora|megawatt hours?",
    "GWh": r"gwh",
    "kWh": r"kwh",
    "MW": r"mw",
    "kW": r"kw",
    "hm3": r"hm3",
    "l/s": r"l/s|lps|litros? (?:por|al) segundo|lit(?:re|er)s? (?:per|a) second",
    "m3/h": r"m3/h(?:ora|our)?|m3 (?:por|a la|per|an) (?:hora|hour)",
    "m3/day": r"m3/d(?:ia|ay)?|m3 (?:por|al|per|a) (?:dia|day)",
    "m3": r"m3",
}
EMITTED = re.compile(
    r"\b(?:(?:t|toneladas?|tons?|tonnes?)\s+(?:de\s+|of\s+)?)?co2e?\b|\b(?:emisiones|emissions)(?:\s+(?:de|of)\s+co2e?)?\b"
)
EMITS = re.compile(r"\b(?:emit\w*|emisiones|emissions)\b")
IN_CO2 = re.compile(rf"\b(?:en|in|to)\s+{EMITTED.pattern}|{USES}\W+(?:en|in)\s+{EMITTED.pattern}")
CO2_ITSELF = re.compile(
    r"(?=.*\bco2e?\b).*\b(?:consum\w+|gast\w+|us(?:e|es|ed|a|an|o|os)|dos\w+|compr\w+|cuest\w+|cost\w*|buy\w*)\b"
)
"""Carbon dioxide that electricity emits, and as a thing that a plant uses."""


def emitted(rest: str) -> tuple[tuple[str, ...], str] | None:
    """The unit and the text as of energy, if it asks what electricity emits; None if not, or if CO2 itself is used or bought."""
    if not EMITTED.search(rest) or CO2_ITSELF.search(IN_CO2.sub(" ", rest)):
        return None
    return ("tCO2",), EMITS.sub(" ", EMITTED.sub(" energia ", rest))


_A_UNIT = rf"((?:{'|'.join(UNITS.values())}))\b(?!\s*(?:/|por\b|per\b|al?\b(?!\s+[gmk]wh)))"
IN_UNIT = re.compile(rf"\b(?:en|in|a|to|into)\s+{_A_UNIT}", re.IGNORECASE)
HOW_MANY = re.compile(rf"\b(?:cuant[oa]s|how many)\s+{_A_UNIT}")
IN_UNITS = re.compile(f"{IN_UNIT.pattern}|{HOW_MANY.pattern}")
"""The unit that a value is wanted in: «en MWh», "in l/s", «¿cuántos MWh ...?»; not «kWh por m3»."""
BARE_UNIT = re.compile(r"[kmg]wh?|h?m3")
OF_THEN = re.compile(
    r"\b(salen?|fue|fueron|hubo|tuvo|llego|alcanzo|ocurrio|produjo|consumio|consumieron|was|were|did|had|reached|happened|occurred)\b"
)
"""Of what was, or comes of it: after a question of some time, of that time."""
REASONS = re.compile(
    r"\bpor que\b|\bwhy\b|\bshould\b|\bdeb(er|e|en|emos)\w*|\bpodr?i\w+|\bpodemos\b|\bcan (we|i|it|they)\b|\bcould\b|\bif\b|"
    r"\bwill\b|\bhow (to|do|does|can|is|are|was|were)\b|\bcomo (?!va\b|van\b|esta\b|estan\b|sigue\b)|^\W*si\b|, si\b"
)
"""Questions for reasons and ways, of which a value is no answer."""
SUPPOSES = re.compile(r"\bwould\b|\b(?!diaria|horaria)\w+ria(mos|n)?\b|\b(costar|consumir|gastar|pagar|ser)(a|an|emos)\b")
"""Of what is not, or not yet: asked with a price it is a sum."""
WHO = re.compile(r"\b(quien(es)?|who|whom|whose)\b")
"""Of one facility no value is an answer; of several it may be the one that uses most."""
WORKS = re.compile(r"(?=.*\b(cuest\w+|cost\w*|vale)\b).*\b(repar\w+|repair\w*)\b")
"""What mending a leak costs is not what the leak does."""
OF_WHAT = re.compile(
    r"\b(en|de|a|para|con) que\b|"
    r"\bque (se )?(consumen?|gastan?|usan?)\b|\bdonde\b|\bwhere\b|\bwhat (uses|consumes|draws|is using)\b|"
    r"\bwhich\b|\b(cuando|when)\b|\b(mas|most|more|menos|less|least)\b|\b(no|not|without|except\w*|salvo)\b|"
    r"\b(antes|despues|before|after|tras)\b|\b(cada|each|every)\b|\b(mensual\w*|monthly)\b|\b(por|per|al|a) meses\b"
)
"""Questions for what uses it, when, by parts, or what is not used: of one facility's total none is an answer."""
HANDLED = re.compile(r"\b(trat\w+|treat\w*|produ\w+|entro|depur\w+|desal\w+|handled|suministr\w+|supplied)\b")
OF_ENERGY = re.compile(rf"{USES}|{_FLOWING}|\b(potencia|power|load|carga|kw|factura|bill)\b")
OPENS = re.compile(r"\W*(y|e|and|pero|but|entonces|then|what about|how about)\b")
EACH = {
    "month": re.compile(r"\b(al|por|a|per) (mes|month)\b"),
    "day": re.compile(r"\b(al|por|a|per) (dia|day)\b"),
}
"""Of how long an amount is asked for."""
BEGAN = re.compile(r"(?=.*\b(cuando|when|since|desde)\b).*\b(empez\w+|comenz\w+|start\w*|beg[ai]n\w*|open\w*|abri\w*)\b")
"""Of readings that were sent: what begins in them is a leak."""
PERIOD = re.compile(r"\bp([1-6])\b|\b(?:periodo|period)\s+([1-6])\b")
PRICE = re.compile(
    r"(?:(?P<lead>\b(?:a|at|con|with|por|for|de|of))\s+)?(?:€\s*)?(?P<number>\d+(?:[.,]\d+)?)\s*"
    r"(?P<money>€|eur(?:os?)?\b|c€|cents?\b|centimos?\b|ct\b)?"
    r"(?:\s*(?:/|por|per|el|al|a|the)\s*(?:el\s+|cada\s+)?"
    r"(?P<unit>kwh|mwh|kilovatio\w*(?:\s+hora)?|m3|metro\w*(?:\s+cubico)?|cubic met\w+))?"
)
