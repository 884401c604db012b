"""Arithmetic that an author writes beside a number, so that a test can work the number out anew.

Only numbers, + - * / // % **, brackets and the functions and constants of FUNCTIONS and CONSTANTS; nothing is executed.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

from accounts.sentences import Sentence
from accounts.sentences import sentence as _

_OF_MATH = (
    *("sqrt", "exp", "log", "log2", "log10", "sin", "cos", "tan", "tanh"),
    *("floor", "ceil", "factorial", "comb", "perm", "hypot", "erf"),
)
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "round": round,
    "min": min,
    "max": max,
    **{name: getattr(math, name) for name in _OF_MATH},
}
CONSTANTS = {"pi": math.pi, "e": math.e}
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
_GREATEST = 10**9  # of what is raised to a power, and a thousand for the power


class FormulaError(ValueError):
    """A formula that can't be read or worked out; its argument is a sentence."""


def worked_out(formula: str) -> float:
    """The number that a formula makes. Raises FormulaError."""
    try:
        return float(_value(_tree(formula)))
    except (ArithmeticError, ValueError, TypeError) as wrong:
        if isinstance(wrong, FormulaError):
            raise
        raise FormulaError(_("It can’t be worked out: %(reason)s.", reason=str(wrong))) from wrong


def fault_of_formula(formula: str) -> Sentence | None:
    """What is wrong with a formula; None when it can be worked out."""
    try:
        worked_out(formula)
    except FormulaError as wrong:
        said: Sentence = wrong.args[0]
        return said
    return None


def _tree(formula: str) -> ast.expr:
    try:
        return ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as wrong:
        raise FormulaError(_("It is no arithmetic expression, such as sqrt(2) / (3 + 1).")) from wrong


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number
        case ast.Name(id=name) if name in CONSTANTS:
            return CONSTANTS[name]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            return _UNARY[type(op)](_value(operand))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _together(type(op), _value(left), _value(right))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name](*(_modest(_value(arg)) for arg in args))
    said = ast.unparse(node)
    raise FormulaError(_("“%(part)s” is none of the numbers, signs and functions that are known.", part=said))


def _together(op: type[ast.operator], left: Any, right: Any) -> Any:
    if op is ast.Pow and (abs(left) > _GREATEST or abs(right) > 1000):
        raise FormulaError(_("A power in it is too great."))
    return _BINARY[op](left, right)


def _modest(number: Any) -> Any:
    """factorial and comb of something huge would take for ever."""
    if isinstance(number, int) and abs(number) > 10_000:
        return float(number)
    return number
