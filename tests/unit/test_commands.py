"""Commands in words and by slash, in both languages, and questions that only look like them."""

import pytest

from bot.commands import Request, parse
from bot.messages import IncomingMessage
from config.company import CompanyConfig
from tests.answer_fixtures import library, said

COMPANY = CompanyConfig.model_validate(
    {
        "sites": [
            {"id": "edar-norte", "name": "EDAR Norte", "kind": "wastewater_treatment", "aliases": ["la depuradora"]},
            {"id": "tunel-sierra", "name": "Túnel de la Sierra", "kind": "tunnel", "aliases": ["el túnel"]},
            {"id": "red", "name": "Red de Abastecimiento", "kind": "water_distribution", "aliases": ["water network", "la red"]},
        ]
    }
)


def asked(text: str, command: str = "ask") -> Request:
    """The request in a message with this text."""
    return parse(IncomingMessage("1", "slack", "T", "c", "U", text, command=command), COMPANY)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "kind", "site"),
    [
        ("recomienda energía", "energy", None),
        ("recommend water", "water", None),
        ("/recommend infrastructure edar-norte", "infrastructure", "edar-norte"),
        ("recomienda agua en la depuradora", "water", "edar-norte"),
        ("recommend", None, None),
        ("Recomendaciones de energía para el túnel de la sierra", "energy", "tunel-sierra"),
        ("recommend water for the network", "water", "red"),
        ("Recommend measures for the water network", None, "red"),
        ("What do you recommend to save water in the network?", "water", "red"),
        ("qué recomiendas para ahorrar agua en la red", "water", "red"),
        ("how can the water network save energy?", "energy", "red"),
        ("¿cómo puede ahorrar energía la depuradora?", "energy", "edar-norte"),
        ("¿Qué podemos hacer para gastar menos electricidad en el túnel?", "energy", "tunel-sierra"),
        ("¿Qué se recomienda para ahorrar energía en EDAR Norte?", "energy", "edar-norte"),
        ("recomiéndame algo para la depuradora", None, "edar-norte"),
        ("ideas to use less water", "water", None),
        ("What do you recommend?", None, None),
    ],
)
def test_recommend_in_words(text: str, kind: str | None, site: str | None) -> None:
    """Kind and site in any order, by id, name or alias, accents or not."""
    assert asked(text) == Request("recommend", kind=kind, site=site)  # type: ignore[arg-type]


def test_a_question_that_begins_like_a_command_is_a_question() -> None:
    """Words that the command does not know make it a question, not an error, unless it was a slash command."""
    assert asked("recomienda algo para gastar menos en aireación").name == "ask"
    for question in (
        "what does the manual recommend about blowers?", "¿qué recomienda la auditoría sobre la aireación?",
        "How much electricity would LED save in the tunnel?", "¿cuánto puede ahorrar la depuradora?", "what would it save?",
        "What has been recommended to save energy?", "¿qué consumo tiene la red?", "how does the network use energy?",
    ):  # fmt: skip
        assert asked(question).name == "ask", question
    assert asked("help me understand the tariff").name == "ask"
    assert asked("pegamento azul", command="recommend").unknown == "pegamento azul"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ayuda", "help"),
        ("Help!", "help"),
        ("¿Ayuda?", "help"),
        ("olvida", "forget"),
        ("/forget", "forget"),
        ("olvídame", "forget_me"),
    ],
)
def test_words_that_are_commands_alone(text: str, name: str) -> None:
    """Case, accents, slashes and punctuation do not matter."""
    assert asked(text).name == name


def test_ask_drops_its_word_and_keeps_the_site() -> None:
    """`ask` is the question without the word; the site that it names narrows the search."""
    assert asked("/ask ¿cuánto gasta la EDAR Norte?") == Request("ask", "¿cuánto gasta la EDAR Norte?", site="edar-norte")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("What should we do at the EDAR Norte?", None),
        ("¿Qué deberíamos hacer en la depuradora?", None),
        ("¿qué harías en la EDAR Norte?", None),
        ("¿Qué deberíamos construir en la depuradora?", "infrastructure"),
        ("what would you build at the EDAR Norte first?", "infrastructure"),
    ],
)
def test_what_should_be_done_at_a_facility(text: str, kind: str | None) -> None:
    """Is a request for measures, of what is built where that is said."""
    assert parse(said(text), library().company) == Request("recommend", kind=kind, site="edar-norte")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "¿Qué deberíamos hacer?", "¿Qué deberíamos hacer en la depuradora si falla una soplante?",
        "What did we do at the EDAR Norte?", "¿Qué hace el operador de la EDAR Norte?",
    ],
)  # fmt: skip
def test_what_is_done_otherwise_is_a_question(text: str) -> None:
    """Without a facility, with a condition, or of what was done."""
    assert parse(said(text), library().company).name == "ask"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("¿y qué podríamos mejorar allí?", "recommend"),
        ("¿Qué podemos mejorar en ella?", "recommend"),
        ("what could we improve there?", "recommend"),
        ("¿Qué ahorro hay ahí?", "ask"),
        ("¿Cómo lo podemos reducir?", "ask"),
        ("¿Qué se mejora con eso?", "ask"),
    ],
)
def test_the_place_that_is_spoken_of_may_stand_for_its_name(text: str, name: str) -> None:
    """«allí» is a place to improve; «eso» and «lo» are things that were spoken of, which documents are asked about."""
    assert parse(said(text), library().company).name == name
