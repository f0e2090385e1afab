"""Prints the JSON Schema of form files: `python -m app.platform.forms > docs/form.schema.json`."""

import json

from app.platform.forms.schema import schema

print(json.dumps(schema(), ensure_ascii=False, indent=2))
