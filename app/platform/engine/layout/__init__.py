"""A drawing for a file that has none: layers from left to right, lanes as bands, ways at right angles."""

from app.platform.engine.layout.drawing import drawn, is_drawn
from app.platform.engine.layout.pieces import width_of, wrap

__all__ = ["drawn", "is_drawn", "width_of", "wrap"]
