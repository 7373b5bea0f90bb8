"""`can`, in the words that people put to it and read."""

from __future__ import annotations

import json

import pytest

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import REPOSITORY, document, statement

PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
EVERYTHING = {"Principal": "*", "Action": "ecr:*"}
OWN = "arn:aws:iam::444455556666:role/ci"
IMAGE = "444455556666.dkr.ecr.us-west-2.amazonaws.com/prod-api"
POLICY = json.loads(
    document(
        statement("Replication", Resource=f"{REPOSITORY}prod-*"),
        statement("Pull", Principal="*", Action=PULL, Resource=f"{REPOSITORY}*", Condition=ORG),
        statement(None, "444455556666", Action="ecr:PutImage"),
        statement(
            "Never", Effect="Deny", Principal="*", Action="ecr:*", Resource=f"{REPOSITORY}x*"
        ),
        statement("Half", "222233334444", Action="ecr:BatchGetImage", Resource=f"{REPOSITORY}*"),
    )
)


@pytest.fixture
def folder(offline: Cli) -> Cli:
    offline.write("registry_policy.json", json.dumps(POLICY, indent=2))
    offline.write("planner.toml", 'scope = "V2"\n[accounts]\n111122223333 = "build"\n')
    return offline


def test_it_names_the_statements_that_decide(folder: Cli) -> None:
    allowed = folder.ok("can", "111122223333", "ecr:ReplicateImage", "prod-api")
    assert allowed == (
        'Allowed by statement["Replication"] (registry_policy.json:4).\n'
        "That is yes, if the IAM of the caller's account allows it too.\n"
    )
    denied = folder("can", "111122223333", "ecr:ReplicateImage", "repository/x1")
    assert denied.returncode == 1
    assert denied.stdout == (
        'Denied by statement["Never"] (registry_policy.json:41).\n'
        "That is no, whatever other policies allow.\n"
    )


def test_it_says_what_a_key_that_was_not_given_would_change(folder: Cli) -> None:
    asked = ("can", "999999999999", "ecr:BatchGetImage", f"{REPOSITORY}prod-api")
    open_ended = folder(*asked)
    assert open_ended.returncode == 1
    assert open_ended.stdout == (
        "It depends on aws:PrincipalOrgID, which was not given.\n"
        "  without aws:PrincipalOrgID: not said here\n"
        "  with aws:PrincipalOrgID = o-a1b2c3d4e5: allowed by "
        'statement["Pull"] (registry_policy.json:16)\n'
        "Not said here: that is no, unless a repository's policy allows it.\n"
        "Allowed: that is yes, if the IAM of the caller's account allows it too.\n"
        "Say what is known: --context KEY=VALUE, or --without KEY.\n"
    )
    folder.ok(*asked, "--context", "AWS:principalOrgId=o-a1b2c3d4e5")
    for words in (
        ("--context", "aws:PrincipalOrgID=o-zzzzzzzzzz"),
        ("--without", "aws:PrincipalOrgID"),
        ("--without", "*"),
    ):
        told = folder(*asked, *words)
        assert told.returncode == 1
        first, *rest = told.stdout.splitlines()
        assert first == "Not said here: no statement allows it."
        assert (
            '  statement["Pull"] (registry_policy.json:16) does not match: '
            "Condition.StringEquals.aws:PrincipalOrgID"
        ) in rest


def test_its_json_has_class_outcome_and_meaning(folder: Cli) -> None:
    asked = ("can", "999999999999", "pull", "prod-api", "--json")
    view = json.loads(folder(*asked).stdout)
    assert (view["caller"], view["outcome"]) == ("another account", "depends")
    (first, _) = view["actions"]
    assert first["not_given"] == ["aws:PrincipalOrgID"]
    assert [(each["context"], each["outcome"]) for each in first["examples"]] == [
        ({"aws:PrincipalOrgID": []}, "not said"),
        ({"aws:PrincipalOrgID": ["o-a1b2c3d4e5"]}, "allowed"),
    ]
    closed = json.loads(folder(*asked, "--without", "aws:PrincipalOrgID").stdout)
    assert (closed["outcome"], closed["meaning"]) == (
        "not said",
        "That is no, unless a repository's policy allows it.",
    )
    assert closed["actions"][0]["near"][0]["name"] == 'statement["Pull"]'


@pytest.mark.parametrize("place", [IMAGE, f"{IMAGE}:1", f"{IMAGE}@sha256:{64 * 'a'}", "prod-api:2"])
def test_an_image_names_its_repository(folder: Cli, place: str) -> None:
    folder.ok("can", "build", "replicate", place)
    folder.ok("can", "account 111122223333 (build)", "replicate", place)


def test_another_registry_is_not_asked(folder: Cli) -> None:
    for place in (
        IMAGE.replace("us-west-2", "eu-west-1"),
        REPOSITORY.replace("4444", "9999") + "a",
    ):
        told = folder.fails(64, "can", "build", "replicate", place)
        assert "is in another registry" in told
        assert "444455556666/us-west-2" in told


def test_a_word_is_allowed_only_if_all_its_actions_are(folder: Cli) -> None:
    whole = ("can", "222233334444", "pull", "prod-api")
    allowed = folder.ok(*whole, "--context", "aws:PrincipalOrgID=o-a1b2c3d4e5")
    assert allowed.startswith(
        "Allowed: pull takes ecr:BatchGetImage, ecr:GetDownloadUrlForLayer.\n"
        '  ecr:BatchGetImage: allowed by statement["Pull"] (registry_policy.json:16), statement'
    )
    half = folder(*whole, "--without", "*")
    assert half.returncode == 1
    lines = half.stdout.splitlines()
    assert lines[0].startswith("Not said here: pull takes")
    assert lines[1] == "  ecr:GetDownloadUrlForLayer: not said here: no statement allows it"
    assert '  ecr:BatchGetImage: allowed by statement["Half"] (registry_policy.json:48)' in lines


def test_the_own_account_is_left_to_its_iam(folder: Cli) -> None:
    told = folder("can", OWN, "ecr:PutImage", "prod-api")
    assert told.returncode == 1
    assert told.stdout == (
        "Not said here: statement[2] (registry_policy.json:31) allows it to this account, "
        "whose IAM decides.\n"
        "That is as the IAM of this account says: it may allow it by itself.\n"
    )
    assert folder("can", OWN, "ecr:PutImage", "x1").stdout.startswith("Denied by")
    named = folder.ok("can", OWN, "pull", "prod", "--context", "aws:PrincipalOrgID=o-a1b2c3d4e5")
    assert "That is yes, unless the caller's own IAM denies it." in named
    root = folder("can", "444455556666", "ecr:PutImage", "x1").stdout
    assert "whether a Deny reaches this account's root user AWS does not say" in root


@pytest.mark.parametrize(
    ("caller", "meaning"),
    [
        ("replication.ecr.amazonaws.com", "That is no, unless a repository's policy allows it."),
        ("*", "ECR answers no anonymous callers, whatever a policy says."),
    ],
)
def test_who_has_no_account_has_no_organization(folder: Cli, caller: str, meaning: str) -> None:
    told = folder("can", caller, "pull", "prod-api").stdout
    assert told.startswith("Not said here: pull takes")
    assert "not given" not in told
    assert told.splitlines()[-1] == meaning


def test_the_scope_counts_and_one_that_is_not_known_is_said(folder: Cli) -> None:
    asked = ("can", "222233334444", "ecr:BatchGetImage", "prod-api")
    assert "scope" not in folder.ok(*asked)
    narrow = folder(*asked, "--scope", "V1")
    assert narrow.returncode == 1
    assert "under scope V1 the policy does not speak of ecr:BatchGetImage" in narrow.stdout
    folder.write("planner.toml", "")
    assert "The scope of the registry is not known" in folder.ok(*asked)
    assert "scope" not in folder.ok("can", "111122223333", "replicate", "prod-api")


def test_a_unique_id_is_whoever_has_it(offline: Cli) -> None:
    own = {"StringLike": {"aws:userId": "AROAABCDEFGHIJKLMNOPQ:*"}}
    offline.write(
        "registry_policy.json",
        document(
            statement("Id", Principal={"AWS": "AROAABCDEFGHIJKLMNOPQ"}, Action="ecr:PutImage"),
            statement("Key", Principal="*", Action="ecr:ListImages", Condition=own),
            statement("Account", Action="ecr:DescribeImages"),
        ),
    )
    asked = ("can", "AROAABCDEFGHIJKLMNOPQ")
    offline.ok(*asked, "ecr:PutImage", "app")
    offline.ok(*asked, "list", "app")
    assert offline("can", "AROAZZZZZZZZZZZZZZZZZ", "list", "app").returncode == 1
    unknown = offline(*asked, "ecr:DescribeImages", "app")
    assert unknown.returncode == 1
    assert unknown.stdout.startswith("Not known because of statement[")
    assert "--context aws:PrincipalAccount=ID" in unknown.stdout
    offline.ok(
        *asked, "ecr:DescribeImages", "app", "--context", "aws:PrincipalAccount=111122223333"
    )


def test_what_is_not_known_has_a_reason(offline: Cli) -> None:
    roles = {"AWS": "arn:aws:iam::111122223333:role/*"}
    offline.write("registry_policy.json", document(statement("A", Principal=roles)))
    told = offline("can", "arn:aws:iam::111122223333:role/ci", "replicate", "app")
    assert told.returncode == 1
    assert "Not known because of statement[" in told.stdout
    assert "has a wildcard" in told.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("bob", "ecr:PutImage", "app"),
        ("111122223333", "ecr:PutImage", "app", "--context", "key"),
        ("111122223333", "ecr:PutImage", "app", "--without", "a=b"),
        ("111122223333", "ecr:PutImage", "app", "--without", "aws:SecureTransport"),
        ("111122223333", "ecr:PutImage", "app", "--context", "a:b=c", "--without", "A:B"),
        ("111122223333", "ecr:PutImage", "prod-*"),
        ("111122223333", "pull", "*"),
        ("111122223333", "ecr:PutImage", "Bad Name"),
    ],
)
def test_what_no_request_can_be_is_refused(folder: Cli, words: tuple[str, ...]) -> None:
    folder.fails(64, "can", *words)


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("ReplicateImage", "Did you mean 'ecr:ReplicateImage'?"),
        ("ecr:ReplicateImages", "Did you mean 'ecr:ReplicateImage'?"),
        ("pul", "Did you mean 'pull'?"),
        ("ecr:*", "A request is for one action"),
        ("s3:GetObject", "'s3:GetObject' is no action of ECR"),
    ],
)
def test_a_typing_error_is_no_answer(folder: Cli, action: str, words: str) -> None:
    told = folder.fails(64, "can", "111122223333", action, "prod")
    assert words in told
    assert "PutImage" not in told


def test_a_bare_name_needs_a_registry(offline: Cli) -> None:
    offline.write("any.json", document(statement("A", Resource="*")))
    asked = ("can", "111122223333", "ecr:ReplicateImage")
    file = ("--file", "any.json")
    told = offline.fails(1, *asked, "api", *file)
    assert "does not know which registry 'api' is in" in told
    offline.ok(*asked, "api", *file, "--account-id", "444455556666", "--region", "us-west-2")
    offline.ok(*asked, IMAGE, *file)


def test_it_reads_policy_and_scope_from_ecr(cli: Cli, account: Account) -> None:
    own = f"arn:aws:ecr:us-west-2:{account.account_id}:repository/"
    account.put(document(statement("A", Resource=f"{own}*")))
    can = cli("can", "--live", "111122223333", "replicate", "api")
    assert can.stdout.startswith('Allowed by statement["A"] (the live policy:3).')
    assert cli("can", "--live", "111122223333", "ecr:PutImage", "api").returncode == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("aws:PrincipalAccount=999988887777", "is that of another request"),
        ("aws:ResourceAccount=999988887777", "is that of another request"),
        ("aws:PrincpalOrgID=o-a1b2c3d4e5", "Did you mean aws:PrincipalOrgID?"),
    ],
)
def test_a_context_that_no_such_request_has_is_wrong_usage(
    offline: Cli, given: str, said: str
) -> None:
    offline.write("registry_policy.json", document(statement("A")))
    assert said in offline.fails(64, "can", "111122223333", "replicate", "aa", "--context", given)
