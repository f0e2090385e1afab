"""Files of other products, put into our words: what was translated and what was not understood is told line by line.

`translate` takes bytes and gives bytes; nothing in the file is run, evaluated or fetched.
"""

from app.platform.engine.foreign.lines import Line, Translation, Untranslated
from app.platform.engine.foreign.translating import Translated, translate

__all__ = ["Line", "Translated", "Translation", "Untranslated", "translate"]
