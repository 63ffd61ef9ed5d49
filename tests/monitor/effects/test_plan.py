# SPDX-License-Identifier: EUPL-1.2
"""R-159: a plan is every choice that changes the answer; whatever changes in it, changes its hash."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from krachtwijk.catalogue.studies import study
from krachtwijk.monitor.effects import plan as plans

FACTS = {"programma": "a1", "grenzen": "b2"}


def changed(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    return (*value, value[-1])


def variations(whole: Any) -> Iterator[tuple[str, Any]]:
    """Each dataclass with one leaf anywhere in it changed, and that leaf's name."""
    for field in fields(whole):
        value = getattr(whole, field.name)
        if is_dataclass(value):
            for name, other in variations(value):
                yield f"{field.name}.{name}", replace(whole, **{field.name: other})
        elif isinstance(value, tuple) and is_dataclass(value[0]):
            for name, other in variations(value[-1]):
                yield f"{field.name}.{name}", replace(whole, **{field.name: (*value[:-1], other)})
            yield field.name, replace(whole, **{field.name: value[:-1]})
        else:
            yield field.name, replace(whole, **{field.name: changed(value)})


def test_every_choice_of_the_plan_is_in_its_hash() -> None:
    plan = study("krachtwijken-2007")
    assert plan is not None
    hashes = {"": plans.digest(plans.text(plan, FACTS))}
    for name, other in variations(plan):
        hashes[name] = plans.digest(plans.text(other, FACTS))
    assert len(hashes) > 60
    assert len(set(hashes.values())) == len(hashes)


def test_what_the_plan_rests_on_is_in_its_hash_too_and_its_order_is_not() -> None:
    plan = study("krachtwijken-2007")
    assert plan is not None
    text = plans.text(plan, FACTS)
    assert plans.text(plan, dict(reversed(FACTS.items()))) == text
    assert plans.text(plan, FACTS | {"grenzen": "b3"}) != text
    assert plans.text(plan, FACTS | {"nog iets": ""}) != text
    # SHA-256 of "abc", from FIPS 180-2
    assert plans.digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_plan_is_read_by_people_line_by_line() -> None:
    plan = study("krachtwijken-2007")
    assert plan is not None
    lines = plans.text(plan, FACTS).splitlines()
    assert 'primaries[1].term = "ring-1"' in lines
    assert "placebos.draws = 999" in lines
    assert lines[-1] == 'rust op programma = "a1"'


def test_parts_are_found_by_their_id() -> None:
    plan = study("krachtwijken-2007")
    assert plan is not None
    assert plan.main.id == "hoofd"
    assert plan.window("2008-2012").end == 2012
    assert plan.outcome("klasse").indicator == "lbm2-klasse"
    assert plan.primary("effect").term == "programma"
    with pytest.raises(KeyError):
        plan.outcome("niets")
