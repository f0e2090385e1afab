from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from app.platform.audit import chain

fields = st.lists(st.none() | st.text() | st.integers() | st.binary(), max_size=5).map(tuple)


@given(fields, fields)
def test_different_fields_give_different_bytes(one, other):
    assert (chain.canonical(one) == chain.canonical(other)) == (one == other)


def test_a_field_boundary_cannot_be_moved():
    assert chain.canonical(("ab", "c")) != chain.canonical(("a", "bc"))


def test_the_same_moment_in_another_zone_is_the_same_field():
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert chain.canonical((noon,)) == chain.canonical((noon.astimezone(timezone(timedelta(hours=8))),))


@given(st.binary(), fields)
def test_a_link_depends_on_all_it_is_made_of(body, given_fields):
    digest = chain.digest(b"k" * 32, body)
    linked = chain.link(chain.START, given_fields, digest)
    assert len(linked) == 32
    assert linked != chain.link(b"x" * 32, given_fields, digest)
    assert linked != chain.link(chain.START, (*given_fields, None), digest)
    assert linked != chain.link(chain.START, given_fields, chain.digest(b"K" * 32, body))


@given(st.binary())
def test_a_body_opens_only_with_its_key(body):
    sealed = chain.seal(b"k" * 32, body)
    assert chain.unseal(b"k" * 32, sealed) == body
    with pytest.raises(InvalidTag):
        chain.unseal(b"K" * 32, sealed)
