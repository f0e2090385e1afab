import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from app.planting import PUBLISHED_REGIONS
from app.platform.identity import places, published, regions, units
from app.platform.identity.entities import Region, Unit
from app.platform.identity.messages import Refusal

NOW = datetime(2026, 5, 6, 1, tzinfo=UTC)

codes = st.from_regex(r"[0-9]{6}", fullmatch=True)
unit_steps = st.from_regex(r"u[0-9a-z]{26}", fullmatch=True)
region_paths = st.lists(codes, max_size=3).map(lambda steps: "".join(f"{step}/" for step in steps))
paths = st.builds(
    lambda region, inner: region + "".join(f"{step}/" for step in inner),
    region_paths,
    st.lists(unit_steps, max_size=2),
)


def test_a_district_lies_under_city_and_province(tree):
    facts = regions.get(tree, "130402")
    assert facts.path == "130000/130400/130402/"
    assert facts.level == "district"
    assert facts.full_name == "河北省邯郸市邯山区"
    assert facts.parent == "130400"
    assert regions.at(tree, facts.path) == facts


def test_pseudo_nodes_are_dropped_and_their_counties_stand_as_cities_c51(tree):
    assert regions.get(tree, "110100") is None
    assert regions.get(tree, "429000") is None
    assert regions.path_of(tree, "110101") == "110000/110101/"
    assert regions.get(tree, "429004") == regions.RegionFacts(
        "429004", "仙桃市", "district", "420000/429004/", "湖北省仙桃市", "420000"
    )


def test_a_city_without_districts_counts_as_district_level_c51_p10(tree):
    assert regions.get(tree, "441900").level == "district"
    assert regions.get(tree, "441900003") is None
    assert regions.children(tree, "441900") == []


def test_children_come_in_the_order_of_their_codes(tree):
    assert [region.name for region in regions.children(tree, None)] == [
        "北京市",
        "河北省",
        "湖北省",
        "广东省",
    ]
    assert [region.code for region in regions.children(tree, "130400")] == ["130402", "130403"]


def test_a_region_without_such_an_ancestor_answers_itself_c51():
    assert regions.ancestor("130000/130400/130402/", "city") == "130000/130400/"
    assert regions.ancestor("130000/130400/130402/", "province") == "130000/"
    assert regions.ancestor("440000/441900/", "district") == "440000/441900/"
    assert regions.ancestor("420000/429004/", "city") == "420000/429004/"
    assert regions.ancestor("130000/", "district") == "130000/"
    assert regions.ancestor("130000/130400/u0123/", "city") == "130000/130400/"
    assert regions.ancestor("", "city") == ""


def test_loading_again_adds_nothing_and_renames(tree):
    rows = regions.from_published(
        [{"code": "13", "name": "河北", "children": []}, {"code": "14", "name": "山西省"}]
    )
    assert regions.load(tree, rows, NOW) == (1, 1)
    assert regions.load(tree, rows, NOW) == (0, 0)
    assert regions.get(tree, "130000").name == "河北"
    assert regions.get(tree, "130402") is not None


def test_a_local_node_can_be_added_anywhere_c51(tree):
    path = regions.add_local(tree, "130400", "HDKFQ", "邯郸经济技术开发区", None, NOW)
    assert path == "130000/130400/HDKFQ/"
    assert regions.get(tree, "HDKFQ").is_local
    assert regions.children(tree, "130400")[-1].code == "HDKFQ"
    assert regions.add_local(tree, "130402", "ZSXX", "直属学校", None, NOW) == "130000/130400/130402/ZSXX/"
    regions.load(tree, [published.RegionRow("HDKFQ", "x", "x", "district", "130400", "x/")], NOW)
    assert regions.get(tree, "HDKFQ").name == "邯郸经济技术开发区"


@pytest.mark.parametrize(
    ("parent", "code", "refusal"),
    [
        ("999999", "AB", "unknown_region"),
        ("130400", "130402", "region_exists"),
        ("130400", "u1", "region_bad"),
    ],
)
def test_a_local_node_that_cannot_be_is_refused(tree, parent, code, refusal):
    with pytest.raises(Refusal) as caught:
        regions.add_local(tree, parent, code, "x", None, NOW)
    assert caught.value.code == refusal


def test_flat_lists_give_the_same_tree_as_the_nested_one():
    nested = [
        {
            "code": "13",
            "name": "河北省",
            "children": [
                {"code": "1304", "name": "邯郸市", "children": [{"code": "130402", "name": "邯山区"}]}
            ],
        }
    ]
    flat = {
        "provinces": [{"code": "13", "name": "河北省"}],
        "cities": [{"code": "1304", "name": "邯郸市", "provinceCode": "13"}],
        "areas": [{"code": "130402", "name": "邯山区", "cityCode": "1304", "provinceCode": "13"}],
    }
    assert regions.from_published(flat) == regions.from_published(nested)


def test_the_published_tree_is_whole():
    rows = regions.from_published(json.loads(PUBLISHED_REGIONS.read_bytes()))
    assert len({row.code for row in rows}) == len({row.path for row in rows}) == len(rows)
    assert sum(row.level == "province" for row in rows) == 31
    level = {row.name: (row.level, row.path.count("/")) for row in rows}
    for name in ("东莞市", "中山市", "儋州市", "嘉峪关市", "济源市", "仙桃市", "石河子市"):
        assert level[name] == ("district", 2)
    assert not {"市辖区", "县"} & set(level)
    with_district = {row.path.split("/")[0] for row in rows if row.level == "district"}
    assert len(with_district) == 31


@given(paths)
def test_above_lists_all_a_path_lies_under(path):
    found = places.above(path)
    assert found[0] == ""
    assert found[-1] == path
    assert all(path.startswith(place) for place in found)
    assert len(found) == path.count("/") + 1


@given(paths, st.sampled_from(places.LEVELS))
def test_an_ancestor_is_above_its_path_and_is_its_own_ancestor(path, level):
    found = places.ancestor(path, level)
    assert found in places.above(path)
    assert "u" not in found
    assert places.ancestor(found, level) == found


@given(region_paths)
def test_a_region_path_without_enough_levels_answers_itself(path):
    depth = path.count("/")
    for number, level in enumerate(places.LEVELS, start=1):
        if depth <= number:
            assert places.ancestor(path, level) == path


@given(paths)
def test_region_and_unit_make_up_a_path(path):
    assert path.startswith(places.region_of(path))
    unit = places.unit_of(path)
    assert (unit is None) == (places.region_of(path) == path)
    assert unit is None or path.endswith(f"u{unit}/")


def test_below_is_the_same_in_sql_and_in_python(tree):
    stored = list(tree.scalars(select(Region.path)))
    for place in ["", "130000/", "130000/130400/", "110000/110101/", "440000/", "990000/"]:
        found = set(tree.scalars(select(Region.path).where(places.below(Region.path, place))))
        assert found == {path for path in stored if places.lies_below(path, place)}


def test_below_is_a_range_of_the_index(tree):
    if tree.get_bind().dialect.name != "sqlite":
        pytest.skip("the plan is read on SQLite")
    plan = tree.execute(
        text("EXPLAIN QUERY PLAN SELECT path FROM identity_region WHERE path >= '13' AND path < '14'")
    ).one()
    assert "SEARCH" in plan.detail


def test_a_unit_lies_in_its_region_or_under_its_parent(tree):
    office = units.add(tree, "教育局", "130400", None, NOW)
    school = units.add(tree, "实验小学", "130400", None, NOW, parent=office)
    assert units.get(tree, office).path == f"130000/130400/u{office}/"
    assert units.get(tree, school).path == f"130000/130400/u{office}/u{school}/"
    assert [unit.name for unit in units.under(tree, "130000/")] == ["实验小学", "教育局"]
    units.change(tree, school, None, NOW, name="第一实验小学", is_closed=True)
    assert [unit.name for unit in units.under(tree, "130000/")] == ["教育局"]
    assert tree.get(Unit, school).name == "第一实验小学"


def test_a_unit_in_no_region_is_refused(tree):
    with pytest.raises(Refusal, match="unknown_region"):
        units.add(tree, "教育局", "999999", None, NOW)
