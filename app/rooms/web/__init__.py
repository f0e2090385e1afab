"""The shell every page stands in: layout, field templates, lists, errors, menus."""
