"""A bundle tried out in a process of its own: loaded, and its first step taken, under limits it cannot pass.

Run as `python -m app.platform.engine.trial`: reads requests (see `request`) on standard input, one a line, and says of
each `{}`, or `{"fuse": kind}` where the first step does not end. Whoever starts it judges by that and by how it ended.
"""

from __future__ import annotations

import base64
import json
import resource
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.platform.engine.definition import Definition
from app.platform.engine.errors import Faulty, Fuse
from app.platform.engine.facts import ActionFacts, Bundle, Catalogue, FormFacts, RoleFacts
from app.platform.engine.load import load
from app.platform.engine.step import start

CPU_SECONDS = 10
MEMORY = 1024**3
_TYPES: Mapping[str, type] = {"int": int, "float": float, "str": str, "bool": bool}


def request(bundle: Bundle, catalogue: Catalogue) -> bytes:
    """Write a bundle, and what it is checked against, for the child to read: JSON, nothing that runs."""
    return json.dumps(
        {
            "process": bundle.process,
            "files": {name: base64.b64encode(content).decode() for name, content in bundle.files.items()},
            "actions": {
                name: [
                    sorted(facts.parameters),
                    sorted(facts.required),
                    {key: kind.__name__ for key, kind in facts.returns.items()},
                    facts.when,
                ]
                for name, facts in catalogue.actions.items()
            },
            "roles": {name: [facts.place, facts.subject] for name, facts in catalogue.roles.items()},
            "forms": {
                name: [sorted(facts.fields), dict(facts.variables)] for name, facts in catalogue.forms.items()
            },
            "assignees": sorted(catalogue.assignees),
        }
    ).encode()


def _read(text: bytes) -> tuple[Bundle, Catalogue]:
    given = json.loads(text)
    files = {name: base64.b64decode(content) for name, content in given["files"].items()}
    actions = {
        name: ActionFacts(
            frozenset(parameters),
            frozenset(required),
            {key: _TYPES.get(kind, str) for key, kind in returns.items()},
            when,
        )
        for name, (parameters, required, returns, when) in given["actions"].items()
    }
    return Bundle(given["process"], files), Catalogue(
        actions,
        {name: RoleFacts(*facts) for name, facts in given["roles"].items()},
        {
            name: FormFacts(frozenset(fields), variables)
            for name, (fields, variables) in given["forms"].items()
        },
        frozenset(given["assignees"]),
    )


def try_out(bundle: Bundle, catalogue: Catalogue) -> dict[str, Any]:
    """Load it and take the first step at every start, with hooks that return nothing in particular."""
    definition = load(bundle, catalogue)
    if not isinstance(definition, Definition):
        return {}  # refused anyway, with its reasons

    def call(_element: str, action: str, _parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        return dict.fromkeys(catalogue.actions[action].returns)

    for begin in definition.begins:
        try:
            start(definition, {}, call, datetime.now(UTC), begin)
        except Fuse as error:
            return {"fuse": error.kind}
        except Faulty:
            continue  # it was not drawn for an instance that knows nothing
    return {}


def main() -> None:
    """Bind oneself, then try."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for line in sys.stdin.buffer:
        print(json.dumps(try_out(*_read(line))), flush=True)


if __name__ == "__main__":
    main()
