"""The conversation that makes a statement: pure, over whoever answers."""

from __future__ import annotations

import pytest

from planner.errors import UsageError
from planner.generate.answers import agrees, ask_answers, ask_policy_type, check_answers
from planner.generate.policy_types import POLICY_TYPES, PartialRegistry, policy_type_named

HERE = PartialRegistry("aws", "444455556666", "us-west-2")


class Person:
    """Answers one question after the other, and remembers what was shown."""

    def __init__(self, *replies: str) -> None:
        self.replies = list(replies)
        self.shown: list[str] = []

    def __call__(self, question: str) -> str:
        self.shown.append(question)
        return self.replies.pop(0)


@pytest.mark.parametrize(("reply", "name"), [("1\n", "replication"), (" push ", "push")])
def test_a_policy_type_is_chosen_by_number_or_name(reply: str, name: str) -> None:
    person = Person("0", "Push", reply)
    assert ask_policy_type(person) is policy_type_named(name)
    first, second, third = person.shown
    assert all(each.title in first for each in POLICY_TYPES)
    assert first.endswith("\n1 to 4: ")
    assert second == "  0 is none of them.\n1 to 4: "
    assert "Push" in third


def test_a_wrong_answer_is_told_and_asked_for_again() -> None:
    person = Person("no good", "Rep1", "", "12,34", "111122223333, 222233334444", "")
    answers = ask_answers(policy_type_named("replication"), HERE, person)
    assert answers == {"sid": ("Rep1",), "account": ("111122223333", "222233334444")}
    assert person.replies == []
    again, needed, twice = (person.shown[at] for at in (1, 3, 4))
    assert again == (
        '  "no good" is no Sid: one has letters and digits only.\n'
        "Statement id (letters and digits): "
    )
    assert needed.startswith("  This one is needed.\n")
    assert twice.count("is no account id") == 2


def test_accounts_are_not_asked_for_where_there_is_an_organization() -> None:
    person = Person("S", "o-a1b2c3d4e5", "prod-")
    answers = ask_answers(policy_type_named("pull"), HERE, person)
    assert answers == {
        "sid": ("S",),
        "organization": ("o-a1b2c3d4e5",),
        "repository-prefix": ("prod-",),
    }


@pytest.mark.parametrize(
    ("reply", "answer"), [("y", True), (" YES\n", True), ("no", False), ("", False)]
)
def test_only_yes_agrees(reply: str, *, answer: bool) -> None:
    person = Person(reply)
    assert agrees("Sure?", person) == answer
    assert person.shown == ["Sure? (yes/no): "]


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("replication", {"sid": "S"}, "Missing option --account."),
        ("pull", {"sid": "S"}, "Missing option --account or --organization."),
        ("pull", {"sid": " "}, "--sid is empty."),
        ("replication", {"sid": "S", "account": ["1,2"]}, "--account: 1 is no account id"),
        (
            "pull",
            {"sid": "S", "account": ["111122223333"], "organization": "o-a1b2c3d4e5"},
            "--organization and --account are both given.",
        ),
    ],
)
def test_options_are_refused_with_their_names(
    name: str, given: dict[str, list[str] | str], words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        check_answers(policy_type_named(name), given, HERE)
    assert caught.value.summary.startswith(words)
