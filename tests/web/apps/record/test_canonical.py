# SPDX-License-Identifier: EUPL-1.2
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krachtwijk.errors import KrachtwijkError
from krachtwijk.web.apps.record.canonical import canonical, digest

texts = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


def shuffled(value: object) -> object:
    """Equal content, keys in the opposite order."""
    if isinstance(value, dict):
        return {key: shuffled(value[key]) for key in reversed(value)}
    return [shuffled(item) for item in value] if isinstance(value, list) else value


@given(values)
def test_the_hash_depends_on_content_only_and_survives_storage(value: object) -> None:
    assert digest(shuffled(value)) == digest(value)
    assert json.loads(canonical(value)) == value
    assert digest(json.loads(json.dumps(value, indent=2))) == digest(value)


@given(values, values)
def test_other_content_has_another_text(one: object, other: object) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (canonical(one) == canonical(other)) is same


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"a": [1, {"b": 0.1}]}, "payload.a[1].b"),
        ({"a": float("nan")}, "payload.a"),
        ({1: "a"}, "payload"),
        ({"a": "\0"}, "payload.a"),
        ({"a": "\ud800"}, "payload.a"),
        ({"a": {1, 2}}, "payload.a"),
    ],
)
def test_what_a_database_would_change_is_refused_with_its_place(value: object, place: str) -> None:
    with pytest.raises(KrachtwijkError) as told:
        canonical(value)
    assert told.value.where == place


def test_a_known_hash() -> None:
    """sha256 of {"a":[true,null],"b":"é"} in UTF-8, by coreutils sha256sum."""
    assert canonical({"b": "é", "a": [True, None]}) == '{"a":[true,null],"b":"é"}'
    assert (
        digest({"b": "é", "a": [True, None]})
        == "1228595fd72941f4487537fe9f5556a3ee470acb1f2776db091c356627344654"
    )
