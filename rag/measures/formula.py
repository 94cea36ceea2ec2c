"""Formulas as text that is shown and computed alike: "saving = (night - target) * hours; cost = saving * price". Pure.

What a person reads when a calculation is opened is what was evaluated: the two cannot part. Ranges come from the corners: the
formula is evaluated with every combination of the low and high ends of the inputs that have them, as if they varied on their own.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import product

from rag.measures.model import Calculation, Quantity

Caveat = tuple[str, Mapping[str, object]]
_OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv, ast.Pow: operator.pow,
}  # fmt: skip
_FUNCTIONS: Mapping[str, Callable[..., float]] = {"min": min, "max": max, "sqrt": math.sqrt}
_MOST_RANGES = 6
"""Inputs with a range in one formula: beyond it, the ones that come last are taken at their middle in the corners."""


@cache
def parsed(formula: str) -> tuple[tuple[str, ast.expr], ...]:
    """(name, expression) of each assignment, in order; ValueError for anything that is not arithmetic."""
    found = []
    for part in formula.split(";"):
        body = ast.parse(part.strip()).body
        if len(body) != 1 or not isinstance(body[0], ast.Assign) or not isinstance(body[0].targets[0], ast.Name):
            raise ValueError(f"no assignment: {part}")
        found.append((body[0].targets[0].id, body[0].value))
    return tuple(found)


def evaluate(formula: str, values: Mapping[str, float]) -> dict[str, float]:
    """The value of each name that the formula assigns; later parts may use earlier ones. A missing name is a KeyError."""
    known, results = dict(values), dict[str, float]()
    for name, expression in parsed(formula):
        results[name] = known[name] = float(_value(expression, known))
    return results


def _value(node: ast.expr, known: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return known[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, known), _value(right, known))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, known)
        case ast.Call(func=ast.Name(id=name), args=args) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*(_value(one, known) for one in args))
    raise ValueError(f"not arithmetic: {ast.dump(node)}")


def calculate(
    identity: str,
    method: str,
    formula: str,
    reference: str,
    inputs: Sequence[Quantity],
    units: Mapping[str, str],
    caveats: Sequence[Caveat] = (),
) -> Calculation:
    """The calculation with its results, each with low and high where the inputs have them. `units` are those of the results."""
    middle = evaluate(formula, {one.key: one.value for one in inputs})
    ranged = [one for one in inputs if one.low is not None and one.high is not None and one.low < one.high][:_MOST_RANGES]
    corners = []
    for ends in product((True, False), repeat=len(ranged)):
        chosen = {one.key: float(one.low if low else one.high) for one, low in zip(ranged, ends, strict=True)}  # type: ignore[arg-type]  # both are there
        corners.append(evaluate(formula, {**{one.key: one.value for one in inputs}, **chosen}))
    results = []
    for name, value in middle.items():
        low, high = (pick(value, *(corner[name] for corner in corners)) for pick in (min, max))
        bounds = (low, high) if ranged and low < high else (None, None)
        results.append(Quantity(name, value, units[name], "", "computed", *bounds))
    return Calculation(identity, method, formula, reference, tuple(inputs), tuple(results), tuple(caveats))
