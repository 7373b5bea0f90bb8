"""`planner fmt`: one style, the same meaning."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from planner.policy.canonical import digest
from planner.policy.document import Policy, serialize
from planner.policy.formatter import format_policy
from planner.policy.parse import parse_policy
from tests.support.cli import Cli
from tests.support.policies import document, policies, statement

UGLY = """{"Statement":[{"Resource":["b","a","a"],"Action":["ecr:ReplicateImage"],
"Principal":{"Service":"x.amazonaws.com","AWS":["{{other}}","111122223333"]},"Effect":"Allow",
"Condition":{"StringEquals":{"b":[],"a":true}}}],"Version":"2012-10-17"}"""
TIDY = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "AWS": [
          "111122223333",
          "{{other}}"
        ],
        "Service": "x.amazonaws.com"
      },
      "Action": "ecr:ReplicateImage",
      "Resource": [
        "a",
        "b"
      ],
      "Condition": {
        "StringEquals": {
          "a": "true",
          "b": []
        }
      }
    }
  ]
}
"""


def test_the_style() -> None:
    assert format_policy(UGLY) == TIDY
    assert format_policy(TIDY) == TIDY
    assert format_policy("\ufeff" + UGLY) == TIDY


@given(policies)
def test_the_meaning_stays_and_a_second_time_changes_nothing(policy: Policy) -> None:
    once = format_policy(serialize(policy))
    assert digest(parse_policy(once).policy) == digest(policy)
    assert format_policy(once) == once


def test_statements_keep_their_order_and_names_their_spelling() -> None:
    text = format_policy(document(statement("Z", Action="ECR:replicateimage"), statement("A")))
    assert [each["Sid"] for each in json.loads(text)["Statement"]] == ["Z", "A"]
    assert "ECR:replicateimage" in text


def test_files_are_rewritten_and_named(offline: Cli) -> None:
    ugly, tidy = offline.write("ugly.json", UGLY), offline.write("tidy.json", TIDY)
    assert offline.ok("fmt", "ugly.json", "tidy.json") == "ugly.json\n"
    assert ugly.read_text() == tidy.read_text() == TIDY
    offline.write("registry_policy.json", UGLY)
    assert offline.ok("fmt") == "registry_policy.json\n"


@pytest.mark.parametrize("option", ["--check", "--diff"])
def test_looking_changes_nothing(offline: Cli, option: str) -> None:
    path = offline.write("p.json", UGLY)
    result = offline("fmt", "p.json", option)
    assert result.returncode == (1 if option == "--check" else 0)
    assert path.read_text() == UGLY
    assert ('+  "Version": "2012-10-17",' in result.stdout) == (option == "--diff")
    offline.write("p.json", TIDY)
    assert offline.ok("fmt", "p.json", option) == ""


def test_one_mistake_spares_all_files(offline: Cli) -> None:
    path = offline.write("ugly.json", UGLY)
    offline.write("bad.json", '{"Statement": [], // why\n}')
    assert "bad.json:1:19" in offline.fails(6, "fmt", "ugly.json", "bad.json")
    assert path.read_text() == UGLY


def test_standard_input(offline: Cli) -> None:
    assert offline("fmt", "-", stdin=UGLY).stdout == TIDY
    assert offline("fmt", "-", "--check", stdin=UGLY).returncode == 1
