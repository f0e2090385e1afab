"""Tests stand at the mirrored path of what they test; tests/processes/ walks every diagram."""
