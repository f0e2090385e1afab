"""Tests of app.platform.records."""
