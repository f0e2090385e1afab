"""The furnished world of the runtime's tests, where who leaves has work; and the house's roles and a small tree."""

from tests.platform.identity.conftest import engine as engine
from tests.platform.runtime.conftest import (  # noqa: F401 - fixtures
    any_ground,
    counted,
    ground,
)
