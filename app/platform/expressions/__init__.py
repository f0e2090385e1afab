"""The small language of diagrams and forms: parsed once, checked, interpreted."""

from app.platform.expressions.errors import BadExpression, EvaluationFailed
from app.platform.expressions.functions import FUNCTIONS
from app.platform.expressions.parser import Expression, parse

__all__ = ["FUNCTIONS", "BadExpression", "EvaluationFailed", "Expression", "parse"]
