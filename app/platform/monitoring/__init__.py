"""Watching what runs: figures kept as things happen, what is stuck and why, and putting it right."""

from app.platform.monitoring import triggers

__all__ = ["triggers"]
