"""YAML, and documents with a policy inside, wherever a command takes a policy."""

from __future__ import annotations

import json

import pytest

from tests.support.cli import Cli
from tests.support.policies import document, statement

POLICY = document(statement("A", Resource="arn:aws:ecr:us-west-2:444455556666:repository/*"))
YAML = """\
# who replicates
Version: 2012-10-17
Statement:
  - Sid: A  # the build account
    Effect: Allow
    Principal: {AWS: 111122223333}
    Action: [ecr:CreateRepository, ecr:ReplicateImage]
    Resource: arn:aws:ecr:us-west-2:444455556666:repository/*
"""
TEMPLATE = "Resources:\n  Reg:\n    Type: AWS::ECR::RegistryPolicy\n    Properties:\n"
TEMPLATE += "      PolicyText:\n" + "".join(f"        {line}\n" for line in YAML.splitlines())
TEMPLATE = TEMPLATE.replace(
    "Resource: arn:aws:ecr:us-west-2:444455556666:",
    "Resource: !Sub arn:aws:ecr:${AWS::Region}:${AWS::AccountId}:",
)
ANSWER = json.dumps({"registryId": "444455556666", "policyText": POLICY})
WHERE = ("--account-id", "444455556666", "--region", "us-west-2")


@pytest.fixture
def files(offline: Cli) -> Cli:
    offline.write("p.json", POLICY)
    offline.write("p.yaml", YAML)
    offline.write("t.yaml", TEMPLATE)
    offline.write("answer.json", ANSWER)
    return offline


def ran(cli: Cli, *words: str) -> str:
    """The output of a command that ends well, whatever it notes beside it."""
    result = cli(*words)
    assert result.returncode == 0, (words, result.stdout, result.stderr)
    return result.stdout


@pytest.mark.parametrize("name", ["p.yaml", "t.yaml", "answer.json"])
def test_every_command_takes_it(files: Cli, name: str) -> None:
    assert "No findings" in ran(files, "validate", name, *WHERE)
    assert "111122223333" in ran(files, "access", name, *WHERE)
    can = files("can", "--file", name, "111122223333", "ecr:ReplicateImage", "x", *WHERE)
    assert can.returncode == 0, can.stderr
    for pair in (("p.json", name), (name, "p.json")):
        plan = ran(files, "plan", pair[0], "--live", pair[1], *WHERE)
        assert "\nNo changes." in plan
    if name != "t.yaml":
        assert "equivalent" in ran(files, "compare", "p.json", name)
        assert ran(files, "digest", name) == ran(files, "digest", "p.json")
    stdin = files("validate", "-", *WHERE, stdin=(files.folder / name).read_text("utf-8"))
    assert stdin.returncode == 0, stdin.stdout


def test_what_was_read_is_told_beside_the_output(files: Cli) -> None:
    told = "The policy is read from the CloudFormation template in t.yaml, Reg.\n"
    assert told in files("validate", "t.yaml", *WHERE).stderr
    assert told in files("plan", "p.json", "--live", "t.yaml", *WHERE).stderr
    assert told in files("plan", "t.yaml", "--live", "p.json", *WHERE).stderr
    told = "The policy is read from the answer of ECR in answer.json.\n"
    assert told in files("digest", "answer.json").stderr
    assert "read from" not in files("validate", "p.yaml", *WHERE).stderr


def test_a_finding_has_its_line_in_the_document(files: Cli) -> None:
    files.write("t.yaml", TEMPLATE.replace("ecr:ReplicateImage", "ecr:ReplicateImages"))
    result = files("validate", "t.yaml", *WHERE)
    assert result.stdout.startswith("t.yaml:12:44: error: ECR has no action")


@pytest.mark.parametrize("name", ["t.yaml", "answer.json"])
def test_a_wrapped_document_is_never_written(files: Cli, name: str) -> None:
    before = (files.folder / name).read_bytes()
    assert "wrapped in this" in files.fails(6, "fmt", name)
    words = ("replication", "--sid", "B", "--account", "111122223333", "--into", name, *WHERE)
    result = files("generate", *words)
    assert result.returncode == 6
    assert "wrapped in this" in result.stderr
    assert (files.folder / name).read_bytes() == before


def test_yaml_is_formatted_and_added_to_with_its_comments(files: Cli) -> None:
    words = ("replication", "--sid", "B", "--account", "111122223333", "--into", "p.yaml", *WHERE)
    ran(files, "generate", *words)
    text = (files.folder / "p.yaml").read_text("utf-8")
    assert text.startswith(YAML + "  - Sid: B\n")
    assert "p.yaml" in ran(files, "fmt", "p.yaml")
    assert ran(files, "fmt", "p.yaml") == ""
    assert "  - Sid: A  # the build account\n" in (files.folder / "p.yaml").read_text("utf-8")
    assert files("fmt", "-", stdin=YAML).stdout.startswith("# who replicates\nVersion: ")
    ran(files, "generate", *words[:-6], "--into", "new.yaml", *WHERE)
    assert (files.folder / "new.yaml").read_text("utf-8").startswith('Version: "2012-10-17"\n')
