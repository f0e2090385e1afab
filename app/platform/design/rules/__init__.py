"""Rules beyond publication's, one subject a module: they warn and hint, and never refuse."""

from app.platform.design.rules import filled, forms, gateways, identity, naming, people, returns, timing
from app.platform.design.rules.drawn import Drawn, Known, Rule

RULES: tuple[Rule, ...] = (
    *gateways.RULES,
    *filled.RULES,
    *returns.RULES,
    *people.RULES,
    *timing.RULES,
    *forms.RULES,
    *naming.RULES,
    *identity.RULES,
)

__all__ = ["RULES", "Drawn", "Known", "Rule"]
