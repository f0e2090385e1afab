"""Rows of the process as a whole and of its lanes."""

from __future__ import annotations

from app.platform.engine.definition import Place
from tests.rooms.designer import specimen
from tests.rooms.designer.panel.said import CITY, PROCESS, Row

ROWS = [
    Row(PROCESS, "基本", {"#name": "新样本"}, {"/@name": "新样本"}, (lambda d: d.name.zh, "新样本")),
    Row(
        PROCESS,
        "基本",
        {"#name-en": "New specimen"},
        {"name.en": "New specimen"},
        (lambda d: d.name.en, "New specimen"),
    ),
    Row(
        PROCESS,
        "基本",
        {"#title": 'fair + "号"'},
        {"title": 'fair + "号"'},
        (lambda d: d.title.text, 'fair + "号"'),
    ),
    Row(
        PROCESS,
        "基本",
        {"#number": "QJ{year}{month}{serial:04}"},
        {"number": "QJ{year}{month}{serial:04}"},
        (lambda d: d.number, "QJ{year}{month}{serial:04}"),
    ),
    Row(PROCESS, "基本", {"#category": "office"}, {"category": "office"}, (lambda d: d.category, "office")),
    Row(PROCESS, "基本", {"#owner": CITY}, {"owner": CITY}, (lambda d: d.owner, CITY)),
    Row(
        PROCESS,
        "办理人",
        {"#start": "roles", "#start-0": CITY, "#start-0-place": "everywhere"},
        {"start": f"{CITY}@everywhere"},
        (lambda d: d.starts, (f"{CITY}@everywhere",)),
    ),
    Row(
        PROCESS,
        "办理人",
        {"#starters-add": None, "#start-1": "fairs.organiser"},
        {"start": f"{CITY}@everywhere; fairs.organiser"},
        (lambda d: d.starts, (f"{CITY}@everywhere", "fairs.organiser")),
    ),
    Row(PROCESS, "办理人", {"#start": "person"}, {"start": "person"}, (lambda d: d.starts, ("person",))),
    Row(PROCESS, "表单与字段", {"#form": ""}, {"form": None}, (lambda d: d.form, None)),
    Row(
        PROCESS,
        "表单与字段",
        {"#form": specimen.FORM},
        {"form": specimen.FORM},
        (lambda d: d.form, specimen.FORM),
    ),
    Row(
        PROCESS,
        "高级",
        {"#retention": "permanent"},
        {"retention": "permanent"},
        (lambda d: d.retention, "permanent"),
    ),
    Row(
        PROCESS,
        "高级",
        {"#retention": "years", "#retention-years": "30"},
        {"retention": "P30Y"},
        (lambda d: d.retention, "P30Y"),
    ),
    Row(
        "市级",
        "基本",
        {"#name": "市级管理员"},
        {"/@name": "市级管理员"},
        (lambda d: d.lanes["lane_city"].name.zh, "市级管理员"),
        "lane_city",
    ),
    Row(
        "市级管理员",
        "基本",
        {"#name-en": "City office"},
        {"name.en": "City office"},
        (lambda d: d.lanes["lane_city"].name.en, "City office"),
        "lane_city",
    ),
    Row(
        "市级",
        "办理人",
        {"#at": "starter.unit"},
        {"at": "starter.unit"},
        (lambda d: d.lanes["lane_city"].at.kind, "starter.unit"),
        "lane_city",
    ),
    Row(
        "市级",
        "办理人",
        {"#at": "starter.region", "#at-level": "city"},
        {"at": "starter.region(city)"},
        (lambda d: (d.lanes["lane_city"].at.kind, d.lanes["lane_city"].at.level), ("starter.region", "city")),
        "lane_city",
    ),
    Row(
        "市级",
        "办理人",
        {"#at": "variable", "#at-variable": "area", "#at-level": "province"},
        {"at": "variable:area(province)"},
        (lambda d: (d.lanes["lane_city"].at.variable, d.lanes["lane_city"].at.level), ("area", "province")),
        "lane_city",
    ),
    Row(
        "市级",
        "办理人",
        {"#role": "fairs.district_admin", "#for": "fair"},
        {"role": "fairs.district_admin", "for": "variable:fair", "at": "variable:area(province)"},
        (
            lambda d: (d.lanes["lane_city"].role, d.lanes["lane_city"].subject),
            ("fairs.district_admin", "fair"),
        ),
        "lane_city",
    ),
    Row(
        "市级",
        "办理人",
        {"#role": "fairs.organiser"},
        {"role": "fairs.organiser", "for": None, "at": None},
        (
            lambda d: (d.lanes["lane_city"].role, d.lanes["lane_city"].at),
            ("fairs.organiser", Place("everywhere")),
        ),
        "lane_city",
    ),
]
