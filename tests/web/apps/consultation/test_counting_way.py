# SPDX-License-Identifier: EUPL-1.2
"""The course of a Wijkraadpleging: one person one ballot, nothing before closing, counted again by anyone."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import pytest
from django.db import connection, connections
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from krachtwijk.errors import KrachtwijkError
from krachtwijk.rules import pabulib
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.consultation import counting, selectors, services
from krachtwijk.web.apps.consultation.models import Papier, Partij, Stembus, Stemrecht, Wijkraadpleging
from krachtwijk.web.apps.record import selectors as record
from krachtwijk.web.apps.record.models import Code, Event
from krachtwijk.web.apps.vouchers import selectors as vouchers
from krachtwijk.web.apps.vouchers.models import Fund
from krachtwijk.web.apps.vouchers.services import NotAllowedError

from .conftest import Make, cast, closed, codes, make_fund, prepared

#: a ballot for every code: 12 people, so that counts may be shown
BALLOTS = [{1: True, 2: False}] * 5 + [{1: True}] * 2 + [{2: False}] * 3 + [{1: False, 2: True}, {}]


def counted(place: Wijkraadpleging, official: User, ballots: list[dict[int, bool]]) -> Wijkraadpleging:
    for code, choices in zip(codes(place, len(ballots), official), ballots, strict=True):
        cast(place, code, choices)
    closed(place, official)
    return services.count(consultation=place.pk, actor=official)


def test_article_5_6_the_wijk_decides_and_the_applications_follow(
    opened: Wijkraadpleging, fund: Fund, person: Make
) -> None:
    official = person("ambtenaar")
    counted(opened, official, BALLOTS)
    result = selectors.result(Wijkraadpleging.objects.get(pk=opened.pk))
    assert [(p.title, p.yes, p.no, p.chosen) for p in result.plans] == [
        ("Speelplek Vondelstraat", 7, 1, True),
        ("Buurtmoestuin", 1, 8, False),
    ]
    services.establish(consultation=opened.pk, actor=official)
    cases = vouchers.state_of(fund).cases
    assert {c.id: (c.state, c.consulted) for c in cases.values()} == {
        "ALK08-0001": ("geraadpleegd", True),
        "ALK08-0002": ("geraadpleegd", False),
    }
    assert record.verify(services.stream(opened)) is None


def test_anyone_counts_the_file_again_and_gets_the_same_hash_and_winners(
    opened: Wijkraadpleging, person: Make, tmp_path: Path
) -> None:
    counted(opened, person("ambtenaar"), BALLOTS)
    place = Wijkraadpleging.objects.get(pk=opened.pk)
    told = Event.objects.get(stream_id=services.stream(place), kind="verzegeld en geteld").payload
    file = tmp_path / "stembiljetten.pb"
    file.write_bytes(selectors.ballots(place).encode())
    assert hashlib.sha256(file.read_bytes()).hexdigest() == told["sha256"]
    command = [sys.executable, "-c", "from krachtwijk.cli import run; run()", "consultation", "tally"]
    done = subprocess.run(
        [*command, str(file), "--bylaw", "g31-2008", "--seed", place.seed, "--json"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    answer = json.loads(done.stdout)
    assert (answer["log_sha256"], answer["winners"]) == (told["log_sha256"], told["winners"])
    assert answer["winners"] == ["1"]


def test_one_person_one_ballot_over_all_ways_and_where_and_when_it_was_used(
    opened: Wijkraadpleging, person: Make
) -> None:
    [web, paper] = codes(opened, 2, person("ambtenaar"))
    cast(opened, web, {1: True})
    services.register(consultation=opened.pk, code=paper, channel="papier", actor=person("hulp"))
    for code in (web, paper):
        with pytest.raises(services.CodeError, match=r"niet \(meer\)"):
            cast(opened, code, {1: False})
        with pytest.raises(services.CodeError, match=r"al gestemd: (internet|papier), .*20"):
            services.register(consultation=opened.pk, code=code, channel="zaal", actor=person("hulp"))
    assert selectors.turnout(opened).used == 2
    assert sum(services.box.opened(opened).values()) == 1  # the paper is not read yet


def test_a_form_sent_twice_is_one_ballot_and_the_first_counts(opened: Wijkraadpleging, person: Make) -> None:
    [code] = codes(opened, 1, person("ambtenaar"))
    receipt = uuid.uuid4()
    for choices in ({1: True}, {1: False}):
        services.cast(consultation=opened.pk, code=code, choices=choices, receipt=receipt)
    assert dict(services.box.opened(opened)) == {("1:ja", "internet"): 1}


def test_before_it_is_counted_nobody_reads_what_was_chosen(opened: Wijkraadpleging, person: Make) -> None:
    official = person("ambtenaar")
    for code in codes(opened, 3, official):
        cast(opened, code, {1: True})
    held = Stembus.objects.get(pk=opened.pk).content
    assert "ja" not in json.dumps(held)[:40] and held.startswith("gAAAA")  # sealed
    with pytest.raises(services.ClosedError):
        services.count(consultation=opened.pk, actor=official)
    with pytest.raises(services.ClosedError):
        services.close(consultation=opened.pk, actor=official)
    with pytest.raises(services.ClosedError):
        selectors.result(opened)
    told = json.dumps([e.payload for e in Event.objects.filter(stream_id=services.stream(opened))])
    assert '"yes"' not in told and "winners" not in told


def test_a_different_ballot_does_not_show_in_the_length_of_the_box(
    opened: Wijkraadpleging, person: Make
) -> None:
    lengths = []
    for code, choices in zip(codes(opened, 4, person("ambtenaar")), BALLOTS[3:7], strict=True):
        cast(opened, code, choices)
        lengths.append(len(Stembus.objects.get(pk=opened.pk).content))
    assert len(set(lengths)) == 1


def test_no_row_links_a_ballot_to_a_code(opened: Wijkraadpleging, person: Make) -> None:
    """All columns and the order of rows, while it is open and after the count."""
    official = person("ambtenaar")
    made = codes(opened, 12, official)
    for code, choices in zip(made, BALLOTS, strict=True):
        cast(opened, code, choices)

    def rows() -> dict[str, list[dict[str, object]]]:
        return {m.__name__: list(m.objects.values()) for m in (Stemrecht, Partij, Code, Papier)}

    # of a right that was used with for and of one used with against, the columns say the same
    before = rows()
    columns = {tuple(row) for row in before["Stemrecht"]}
    assert columns == {("id", "consultation_id", "batch_id", "channel", "used_at", "receipt")}
    moments = {row["used_at"] for row in before["Stemrecht"]}
    assert all(m.second == m.microsecond == 0 for m in moments)  # type: ignore[attr-defined]
    # the box has one row however many voted: no ballot has an id, a moment, an order or a transaction of its own
    assert [field.name for field in Stembus._meta.fields] == ["consultation", "content"]
    assert Stembus.objects.count() == 1
    # ids of rights are in no order: neither that of making nor that of voting
    ids = list(Stemrecht.objects.values_list("id", flat=True))
    by_code = [int(Code.objects.get(hash=_hash(code)).subject) for code in made]
    assert sorted(ids) != by_code and len(set(ids)) == 12
    # the order in which codes are handed out is not that of their rows
    rows_of_codes = [Code.objects.get(hash=_hash(code)).pk for code in made]
    assert rows_of_codes != sorted(rows_of_codes)
    closed(opened, official)
    services.count(consultation=opened.pk, actor=official)
    assert rows() == before  # counting touches no right
    text = selectors.ballots(Wijkraadpleging.objects.get(pk=opened.pk))
    for row in before["Stemrecht"]:
        assert str(row["id"]) not in text and str(row["receipt"]) not in text
    votes = text.split("VOTES\n", 1)[1].splitlines()[1:]
    assert votes == sorted(votes, key=lambda line: int(line.split(";")[0]))
    assert [line.split(";", 1)[1] for line in votes] == [
        line.split(";", 1)[1] for line in _lines_of(sorted(counting.written(b) for b in BALLOTS))
    ]


def _hash(code: str) -> str:
    from krachtwijk.web.sealing import keyed

    return keyed("code.stem", code.replace("-", ""))


def _lines_of(ballots: list[str]) -> list[str]:
    found = []
    for number, text in enumerate(ballots, 1):
        chosen = counting.choices_of(text)
        yes = ",".join(str(n) for n, y in chosen.items() if y)
        no = ",".join(str(n) for n, y in chosen.items() if not y)
        found.append(f"{number};{yes};{no}")
    return found


def test_paper_is_read_by_two_and_a_third_decides_where_they_differ(
    opened: Wijkraadpleging, person: Make
) -> None:
    official = person("ambtenaar")
    for code in codes(opened, 2, official):
        services.register(consultation=opened.pk, code=code, channel="papier", actor=person("hulp"))
    one = {"consultation": opened.pk, "number": 1}
    with pytest.raises(services.ClosedError):  # else the order of the pile would be that of the envelopes
        services.enter_paper(**one, ballot="1:ja", actor=person("hulp"))
    closed(opened, official)
    services.enter_paper(**one, ballot="1:ja", actor=person("hulp"))
    with pytest.raises(NotAllowedError):
        services.enter_paper(**one, ballot="1:ja", actor=person("hulp"))
    assert not services.enter_paper(**one, ballot="1:nee", actor=person("hulp2")).agreed
    two = {"consultation": opened.pk, "number": 2}
    services.enter_paper(**two, ballot="ongeldig", actor=person("hulp"))
    assert services.enter_paper(**two, ballot="ongeldig", actor=person("hulp3")).agreed
    with pytest.raises(KrachtwijkError, match="Stembiljet 1"):
        services.count(consultation=opened.pk, actor=official)
    assert services.enter_paper(**one, ballot="1:nee", actor=person("hulp3")).agreed
    services.count(consultation=opened.pk, actor=official)
    told = Event.objects.get(stream_id=services.stream(opened), kind="verzegeld en geteld").payload
    assert (told["ballots"], told["invalid"]) == (1, 1)
    assert counting.per_plan(pabulib.read(selectors.ballots_of(opened)))["1"] == (0, 1)
    assert not any(Papier.objects.values_list("first", flat=True))


def test_hands_are_counted_among_who_showed_a_code_and_confirmed_by_another(
    opened: Wijkraadpleging, person: Make
) -> None:
    official = person("ambtenaar")
    for code in codes(opened, 10, official):
        services.register(consultation=opened.pk, code=code, channel="zaal", actor=person("hulp"))
    with pytest.raises(services.EnteredError, match="10 mensen"):
        services.count_hands(consultation=opened.pk, counts={1: (8, 3), 2: (0, 0)}, actor=person("hulp"))
    services.count_hands(consultation=opened.pk, counts={1: (6, 3), 2: (2, 8)}, actor=person("hulp"))
    closed(opened, official)
    with pytest.raises(KrachtwijkError, match="bevestigd"):
        services.count(consultation=opened.pk, actor=official)
    with pytest.raises(NotAllowedError):
        services.confirm_hands(consultation=opened.pk, actor=person("hulp"))
    services.confirm_hands(consultation=opened.pk, actor=person("regiegroep"))
    services.count(consultation=opened.pk, actor=official)
    election = pabulib.read(selectors.ballots_of(opened))
    assert counting.per_plan(election) == {"1": (6, 3), "2": (2, 8)}
    assert len(election.ballots) == 10


def test_a_code_of_the_rehearsal_does_not_vote_and_the_rehearsal_decides_nothing(
    opened: Wijkraadpleging, fund: Fund, person: Make
) -> None:
    official = person("ambtenaar")
    proof = prepared(fund, official, rehearsal=True)
    services.open_(consultation=proof.pk, actor=official)
    [code] = codes(proof, 1, official)
    with pytest.raises(services.CodeError):
        cast(opened, code, {1: True})
    cast(proof, code, {1: True})
    services.close(consultation=proof.pk, actor=official)  # a rehearsal may be closed early
    services.count(consultation=proof.pk, actor=official)
    with pytest.raises(KrachtwijkError, match="proef"):
        services.establish(consultation=proof.pk, actor=official)
    assert "rehearsal;1" in selectors.ballots_of(proof)
    assert all(e.payload["rehearsal"] for e in Event.objects.filter(stream_id=services.stream(proof)))


def test_a_recount_finds_what_was_changed_behind_our_back(opened: Wijkraadpleging, person: Make) -> None:
    official = person("ambtenaar")
    counted(opened, official, BALLOTS)
    assert services.recount(consultation=opened.pk, actor=official)
    box = Stembus.objects.get(pk=opened.pk)
    box.content = box.content.replace("7;1;2", "7;2;1")
    assert box.content != selectors.ballots_of(opened)
    box.save()
    assert not services.recount(consultation=opened.pk, actor=official)
    with pytest.raises(KrachtwijkError, match="veranderd"):
        services.establish(consultation=opened.pk, actor=official)


def test_only_who_may_and_only_without_an_own_interest(
    opened: Wijkraadpleging, fund: Fund, person: Make
) -> None:
    """Awb 2:4: who has an interest in one of the plans does not count them."""
    from krachtwijk.web.apps.vouchers import services as acts

    with pytest.raises(NotAllowedError):
        services.close(consultation=opened.pk, actor=person("hulp"))
    with pytest.raises(NotAllowedError):
        services.give_code(
            consultation=opened.pk,
            actor=person("controle"),
            token=uuid.uuid4(),
            identity_shown=True,
            reason="x",
        )
    member = person("regiegroep")
    acts.act(
        fund=fund.pk,
        type="recuse",
        fields={"case": "ALK08-0001", "person": f"medewerker {member.pk}", "reason": "mijn buurman"},
        actor=member,
    )
    with pytest.raises(NotAllowedError, match="eigen belang"):
        services.count_hands(consultation=opened.pk, counts={}, actor=member)


def test_a_secret_address_gets_a_code_at_the_desk_after_showing_an_identity(
    opened: Wijkraadpleging, person: Make
) -> None:
    given = {"consultation": opened.pk, "actor": person("hulp"), "reason": "geheim adres"}
    with pytest.raises(KrachtwijkError, match="identiteitsbewijs"):
        services.give_code(**given, token=uuid.uuid4(), identity_shown=False)
    token = uuid.uuid4()
    cast(opened, services.give_code(**given, token=token, identity_shown=True), {1: True})
    with pytest.raises(KrachtwijkError, match="één keer"):
        services.give_code(**given, token=token, identity_shown=True)
    assert Stemrecht.objects.count() == 1


def test_withdrawn_letters_open_nothing_and_used_ones_keep_their_ballot(
    opened: Wijkraadpleging, person: Make
) -> None:
    official = person("ambtenaar")
    made = codes(opened, 3, official)
    cast(opened, made[0], {1: True})
    batch = Partij.objects.get()
    for _ in range(2):
        services.withdraw_codes(batch=batch.pk, actor=official, reason="zak post zoek")
    with pytest.raises(services.CodeError):
        cast(opened, made[1], {1: True})
    assert selectors.turnout(opened) == selectors.Turnout(1, 1, {"internet": 1, "papier": 0, "zaal": 0})


@pytest.mark.django_db(transaction=True)
def test_one_code_at_the_same_moment_from_many_sides_is_one_ballot() -> None:
    """Real threads, on whichever database the suite runs."""

    def person(name: str) -> User:
        return User.objects.get_or_create(username=name)[0]

    official = person("ambtenaar")
    place = services.open_(consultation=prepared(make_fund(person), official).pk, actor=official)
    [code, *others] = codes(place, 4, official)
    sides = [code] * 6 + others
    start = threading.Barrier(len(sides))
    answers: list[str] = []

    def vote(given: str) -> None:
        try:
            start.wait()
            cast(place, given, {1: True})
            answers.append("ja")
        except services.CodeError:
            answers.append("nee")
        except BaseException as error:
            answers.append(repr(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=vote, args=(side,)) for side in sides]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["ja"] * 4 + ["nee"] * 5
    assert sum(services.box.opened(place).values()) == 4
    assert connection.vendor in ("sqlite", "postgresql")


ballot = st.dictionaries(st.integers(1, 3), st.booleans())


@given(st.lists(ballot, max_size=30), st.randoms(use_true_random=False))
def test_permuted_ballots_give_the_same_file_and_outcome(ballots: list[dict[int, bool]], chance) -> None:
    from collections import Counter

    from krachtwijk.catalogue.bylaws import bylaw

    law = bylaw("g31-2008")
    plans = [counting.OnBallot(n, f"Z-{n}", f"Plan {n}", n * 500_000) for n in (1, 2, 3)]

    def made(order: list[dict[int, bool]]) -> str:
        box = Counter((counting.written(b), "internet") for b in order)
        return counting.ballots_file(plans, box, law, 2_000_000, {"seed": "a"})

    mixed = list(ballots)
    chance.shuffle(mixed)
    assert made(ballots) == made(mixed)
    if ballots:
        election, outcome = counting.outcome_of(made(mixed), law, "a")
        assert outcome == counting.outcome_of(made(ballots), law, "a")[1]
        for n in (1, 2, 3):
            expected = tuple(sum(b.get(n) is v for b in ballots) for v in (True, False))
            assert counting.per_plan(election)[str(n)] == expected


@given(
    st.dictionaries(st.integers(1, 4), st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1),
    st.integers(0, 9),
)
def test_ballots_made_of_hands_have_the_sums_of_the_room(
    counts: dict[int, tuple[int, int]], spare: int
) -> None:
    present = max(y + n for y, n in counts.values()) + spare
    ballots = [counting.choices_of(b) for b in counting.of_hands(counts, present)]
    assert len(ballots) == present
    for number, pair in counts.items():
        assert tuple(sum(b.get(number) is v for b in ballots) for v in (True, False)) == pair


@given(ballot)
def test_a_ballot_and_its_text_are_the_same(choices: dict[int, bool]) -> None:
    assert counting.choices_of(counting.written(choices)) == choices


@pytest.mark.django_db
class AnySequence(TestCase):
    """R-240 and 5.5: whatever is tried in whatever order, nobody has two ballots."""

    @settings(max_examples=15)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["internet", "papier", "zaal", "weer", "sluit"]),
                st.integers(0, 3),
                st.booleans(),
            ),
            max_size=14,
        )
    )
    def test_no_sequence_gives_two_ballots_for_one_right(self, steps: list[tuple[str, int, bool]]) -> None:
        def person(name: str) -> User:
            return User.objects.get_or_create(username=name)[0]

        official = person("ambtenaar")
        place = services.open_(consultation=prepared(make_fund(person), official).pk, actor=official)
        made, receipts = codes(place, 4, official), [uuid.uuid4() for _ in range(4)]
        used: set[int] = set()
        shut = False
        for what, who, yes in steps:
            try:
                if what == "sluit":
                    closed(place, official)
                    shut = True
                    continue
                if what in ("internet", "weer"):
                    receipt = receipts[who] if what == "weer" else uuid.uuid4()
                    services.cast(consultation=place.pk, code=made[who], choices={1: yes}, receipt=receipt)
                else:
                    services.register(
                        consultation=place.pk, code=made[who], channel=what, actor=person("hulp")
                    )
                assert not shut
                assert who not in used or what == "weer"
                used.add(who)
            except (services.CodeError, services.ClosedError):
                assert shut or who in used
            assert selectors.turnout(place).used == len(used)
            web = place.rights.filter(channel="internet").count()
            assert sum(services.box.opened(place).values()) == web
        if shut and selectors.turnout(place).by_channel == {"internet": len(used), "papier": 0, "zaal": 0}:
            services.count(consultation=place.pk, actor=official)
            assert len(pabulib.read(selectors.ballots_of(place)).ballots) == len(used)
