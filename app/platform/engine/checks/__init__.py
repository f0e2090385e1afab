"""What a chart must fulfil before it may run; each check complains into the chart."""

from app.platform.engine.checks.blocks import check_blocks
from app.platform.engine.checks.gateways import check_gateways
from app.platform.engine.checks.graph import check_graph
from app.platform.engine.checks.names import charts_of, check_names
from app.platform.engine.checks.scopes import check_scopes

__all__ = ["charts_of", "check_blocks", "check_gateways", "check_graph", "check_names", "check_scopes"]
