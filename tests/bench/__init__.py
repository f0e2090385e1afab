"""Figures beside their floors: `make bench`. Each module has `ROWS: dict[name, callable]`, each callable a row."""
