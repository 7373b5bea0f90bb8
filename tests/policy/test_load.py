"""Policies inside of other documents: each kind is read, at its lines, or says why it is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from planner.policy.document import Policy
from planner.policy.load import load_policy
from planner.policy.parse import ParsedPolicy, parse_policy, policy_or_problems
from planner.policy.placeholders import Placeholders
from planner.policy.tree import Problem
from tests.support.policies import document, statement

POLICY = document(statement("A"), statement("B", "222233334444"))
VALUES = json.loads(POLICY)
WANTED = parse_policy(POLICY).policy
REGISTRY = {
    "account_id": "444455556666",
    "region": "us-west-2",
    "partition": "aws",
    "url_suffix": "amazonaws.com",
}


def template(policy: object, **others: object) -> dict[str, Any]:
    made = {"Type": "AWS::ECR::RegistryPolicy", "Properties": {"PolicyText": policy}}
    return {"Resources": {"Reg": made, "Topic": {"Type": "AWS::SNS::Topic"}, **others}}


def resource(policy: object = POLICY, address: str = "aws_ecr_registry_policy.this") -> object:
    values = {"policy": policy, "registry_id": "444455556666"}
    return {"address": address, "type": "aws_ecr_registry_policy", "values": values}


def state(policy: object = POLICY) -> dict[str, Any]:
    instance = {"attributes": {"policy": policy, "id": "444455556666"}}
    made = {"type": "aws_ecr_registry_policy", "name": "x", "instances": [instance]}
    other = {"type": "aws_sns_topic", "name": "y", "instances": [{"attributes": {}}]}
    return {
        "version": 4,
        "terraform_version": "1.9.5",
        "serial": 1,
        "lineage": "l",
        "resources": [other, {**made, "mode": "managed", "module": "module.m"}],
    }


def shown(*resources: object, key: str = "values") -> dict[str, Any]:
    modules = {"resources": [], "child_modules": [{"child_modules": [{"resources": resources}]}]}
    return {
        "format_version": "1.0",
        "terraform_version": "1.9.5",
        key: {"root_module": modules},
    }


def configuration(policy: object) -> dict[str, Any]:
    return {"resource": {"aws_ecr_registry_policy": {"reg": {"policy": policy}}}}


ANSWER = {"registryId": "444455556666", "policyText": POLICY}
DOCUMENTS: dict[str, tuple[dict[str, Any], str]] = {
    "answer": (ANSWER, "the answer of ECR in p.json"),
    "template": (template(VALUES), "the CloudFormation template in p.json, Reg"),
    "template with a text": (template(POLICY), "the CloudFormation template in p.json, Reg"),
    "state": (state(), "the Terraform state in p.json, module.m.aws_ecr_registry_policy.x"),
    "shown state": (
        shown(resource()),
        "the Terraform state in p.json, aws_ecr_registry_policy.this",
    ),
    "shown plan": (
        shown(resource(), key="planned_values"),
        "the Terraform plan in p.json, aws_ecr_registry_policy.this",
    ),
    "configuration": (
        configuration(POLICY),
        "the Terraform configuration in p.json, aws_ecr_registry_policy.reg",
    ),
    "configuration with values": (
        configuration(VALUES),
        "the Terraform configuration in p.json, aws_ecr_registry_policy.reg",
    ),
    "configuration of lists": (
        {"resource": [{"aws_ecr_registry_policy": [{"reg": [{"policy": POLICY}]}]}]},
        "the Terraform configuration in p.json, aws_ecr_registry_policy.reg",
    ),
}


def filled(text: str, name: str = "p.json") -> Policy | list[Problem]:
    """The policy in a document, filled for one registry, or what is wrong with it."""
    tree = Placeholders(REGISTRY).fill(load_policy(text, name).tree).tree
    result = policy_or_problems(tree)
    return result.policy if isinstance(result, ParsedPolicy) else result


@pytest.mark.parametrize("kind", DOCUMENTS)
@pytest.mark.parametrize("indent", [None, 2])
def test_each_document_gives_its_policy_and_its_name(kind: str, indent: int | None) -> None:
    value, wrapping = DOCUMENTS[kind]
    text = json.dumps(value, indent=indent)
    assert filled(text) == WANTED
    assert load_policy(text, "p.json").tree.wrapping == wrapping
    assert load_policy(text, "standard input").tree.wrapping.startswith(
        wrapping.partition(" in ")[0]
    )


@pytest.mark.parametrize("kind", ["answer", "state", "shown state"])
def test_the_account_is_told_where_the_document_tells_it(kind: str) -> None:
    assert load_policy(json.dumps(DOCUMENTS[kind][0]), "p.json").account_id == "444455556666"


def test_a_policy_alone_has_no_wrapping() -> None:
    assert load_policy(POLICY, "p.json").tree.wrapping == ""


@pytest.mark.parametrize("ascii_only", [True, False])
def test_what_is_wrong_in_a_text_is_told_at_its_characters(ascii_only: bool) -> None:
    inner = json.dumps(VALUES, indent=1).replace("Allow", "é\U0001f600")
    text = json.dumps({"policyText": inner}, indent=2, ensure_ascii=ascii_only)
    result = filled(text)
    assert isinstance(result, list)
    for problem in result:
        line, column = problem.location[1:3]
        assert problem.location.end_line == line
        marked = text.splitlines()[line - 1][column - 1 : problem.location.end_column - 1]
        assert json.loads(f'"{marked}"') == '"é\U0001f600"'


TEMPLATE = """\
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Build: {Type: String}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: {Name: !GetAtt Other.Name, Empty: }
  Reg:
    Type: AWS::ECR::RegistryPolicy
    Properties:
      PolicyText:
        Version: 2012-10-17
        Statement:
          - Sid: A
            Effect: Allow
            Principal:
              AWS: !Join [":", ["arn", !Ref AWS::Partition, "iam:", "111122223333", root]]
              Service: !Sub ecr.${AWS::URLSuffix}
            Action: ecr:ReplicateImage
            Resource: !Sub arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/*
            Condition:
              StringLike:
                aws:PrincipalTag/a:
                  Fn::Sub:
                    - ${!aws:username}-${x}
                    - {x: !Ref AWS::Region}
"""


def test_pseudo_parameters_are_filled_from_the_registry() -> None:
    policy = filled(TEMPLATE, "t.yaml")
    assert isinstance(policy, Policy), policy
    (only,) = policy.statements
    assert only.resource is not None
    assert only.resource.texts == ("arn:aws:ecr:us-west-2:444455556666:repository/*",)
    assert only.principal is not None
    assert [each.text for each in only.principal] == [
        "arn:aws:iam::111122223333:root",
        "ecr.amazonaws.com",
    ]
    assert only.conditions[0].texts == ("${aws:username}-us-west-2",)


@pytest.mark.parametrize(
    ("function", "named"),
    [
        ("!Ref Build", "Ref of Build"),
        ("!Ref AWS::StackName", "Ref of AWS::StackName"),
        ("!GetAtt Role.Arn", "Fn::GetAtt"),
        ("!ImportValue x", "Fn::ImportValue"),
        ("{'Fn::If': [a, b, c]}", "Fn::If"),
        ("!Sub '${Build}-x'", "${Build} in Fn::Sub"),
        ("!Join ['', [!GetAtt Role.Arn]]", "Fn::GetAtt"),
        ("!Select [0, [a]]", "Fn::Select"),
        ("'{{resolve:ssm:x}}'", "{{...}}"),
    ],
)
def test_every_other_function_is_the_reason_to_refuse_at_its_line(
    function: str, named: str
) -> None:
    result = filled(TEMPLATE.replace("Action: ecr:ReplicateImage", f"Action: {function}"), "t.yaml")
    assert isinstance(result, list)
    (problem,) = result
    assert named in problem.message
    column = 33 if function.startswith("!Join") else 21
    assert problem.location[:3] == ("t.yaml", 19, column)


def test_a_policy_in_lines_of_a_template_is_told_at_its_lines() -> None:
    lines = json.dumps(VALUES, indent=2).replace("Allow", "allow", 1).splitlines()
    head = "Resources:\n  Reg:\n    Type: AWS::ECR::RegistryPolicy\n    Properties:\n"
    text = head + "      PolicyText: |\n" + "".join(f"        {each}\n" for each in lines)
    result = filled(text, "t.yaml")
    assert isinstance(result, list)
    (problem,) = result
    line, column = problem.location[1:3]
    assert text.splitlines()[line - 1][column - 1 : problem.location.end_column - 1] == '"allow"'


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (shown(), "no aws_ecr_registry_policy"),
        (shown(resource(None)), "no policy yet"),
        (shown(resource(), resource(address="b")), "aws_ecr_registry_policy.this, b"),
        ({**state(), "resources": []}, "no aws_ecr_registry_policy"),
        ({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}, "no AWS::ECR::RegistryPolicy"),
        (template(VALUES, Two=template(VALUES)["Resources"]["Reg"]), "Reg, Two"),
        (configuration("${data.aws_iam_policy_document.x.json}"), "Terraform fills ${data."),
        (configuration('{"Statement": "%{ if x }"}'), "Terraform fills %{ if x }"),
        ({**ANSWER, "repositoryName": "x"}, "policy of a repository"),
        ({**ANSWER, "policyText": POLICY.replace("A", "{{x}}", 1)}, "{{"),
        ({**ANSWER, "policyText": " " * 50 + '{"a": "' + "x" * 50_000 + '"}'}, "50,008"),
        (template({"a": ["x"] * 20_000}), "without white space"),
        ({**ANSWER, "policyText": "no JSON"}, "expected a JSON value"),
    ],
)
def test_what_cannot_be_read_says_why(value: dict[str, Any], words: str) -> None:
    result = filled(json.dumps(value))
    assert isinstance(result, list)
    assert any(words in each.message for each in result), result


def test_what_terraform_escapes_is_read_as_it_reads_it() -> None:
    text = POLICY.replace("repository/*", "repository/$${aws:username}/*")
    assert text != POLICY
    read = filled(json.dumps(configuration(text)))
    assert read == parse_policy(text.replace("$${", "${")).policy


@pytest.mark.parametrize("name", ["main.tf", "standard input"])
def test_hcl_is_not_read_and_the_way_on_is_told(name: str) -> None:
    text = '# why\nresource "aws_ecr_registry_policy" "x" {\n  policy = "{}"\n}\n'
    (problem,) = load_policy(text, name).tree.problems
    assert "HCL" in problem.message
    assert "terraform show -json > state.json" in problem.hint


def test_a_name_that_tells_of_no_syntax_is_what_it_looks_like() -> None:
    for text in ("Statement:\n- Sid: A\n", "# why\nVersion: x\n", "---\na: b\n"):
        assert load_policy(text, "standard input").tree.root
    for text in ("", "{", "no", '{"a": 1} # b', "[1,]"):
        tree = load_policy(text, "standard input").tree
        assert tree.problems[0].rule == "json"
