"""Chengpi 呈批: approval chains that run as they are drawn."""
