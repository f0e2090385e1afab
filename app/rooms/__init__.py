"""Where people walk in: the only Flask besides the pages of the systems."""
