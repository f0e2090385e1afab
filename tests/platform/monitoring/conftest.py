"""The furnished world of the runtime's tests, for whoever watches what runs there."""

from tests.platform.runtime.conftest import (  # noqa: F401 - fixtures
    any_ground,
    counted,
    ground,
)
