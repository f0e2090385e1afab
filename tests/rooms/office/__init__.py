"""Tests of the pages of chains that belong to no system."""
