"""`planner generate`: what is made, what is refused, and what happens to the file."""

from __future__ import annotations

import codecs
import io
import json
import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import PLANNER, Account, Cli
from hypothesis import given, settings
from hypothesis import strategies as st
from policies import document, policies, statement

from planner.cli import generating
from planner.cli.main import run
from planner.errors import InterruptedRunError, InvalidPolicyError, PlannerError, UsageError
from planner.generate.answers import check_answers
from planner.generate.policy_types import POLICY_TYPES, PartialRegistry, make_statement, preview
from planner.policy.document import Policy, policy_json, serialize, statement_json
from planner.policy.edit import insert_statement, new_policy
from planner.policy.parse import parse_policy
from planner.policy.source_text import Lines

REGISTRY = PartialRegistry("aws", "444455556666", "us-west-2")
EVERYWHERE = "arn:aws:ecr:us-west-2:444455556666:repository/"
ROLE = "arn:aws:iam::111122223333:role/builder"


def parsed(text: str | bytes) -> Policy:
    return parse_policy(text).policy


NEW = parsed(document(statement("New", "222233334444"))).statements[0]


def made(kind_name: str, target: PartialRegistry = REGISTRY, **given: Any) -> dict[str, Any]:
    """The statement that the options make; `_` for the `-` of their names."""
    kind = next(each for each in POLICY_TYPES if each.name == kind_name)
    named = {name.replace("_", "-"): value for name, value in {"sid": "S", **given}.items()}
    return statement_json(make_statement(kind, check_answers(kind, named, target), target))


def test_replication_is_the_ecr_guides_example() -> None:
    assert made("replication", account=["111122223333, 222233334444", "333344445555"]) == {
        "Sid": "S",
        "Effect": "Allow",
        "Principal": {"AWS": ["111122223333", "222233334444", "333344445555"]},
        "Action": ["ecr:CreateRepository", "ecr:ReplicateImage"],
        "Resource": f"{EVERYWHERE}*",
    }
    assert made("replication", account=["111122223333"], repository_prefix="prod-")["Resource"] == (
        f"{EVERYWHERE}prod-*"
    )


def test_pull_through_cache() -> None:
    entities = [f"{ROLE},with-comma,arn:aws:iam::111122223333:user/ann"]
    result = made("pull-through-cache", principal=entities, namespace="docker-hub")
    assert result["Principal"] == {
        "AWS": [f"{ROLE},with-comma", "arn:aws:iam::111122223333:user/ann"]
    }
    assert result["Action"] == ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"]
    assert result["Resource"] == f"{EVERYWHERE}docker-hub/*"


@pytest.mark.parametrize(
    ("namespace", "repository", "names"),
    [
        ("ecr-public/", ["amazonlinux"], ["ecr-public/amazonlinux"]),
        ("hub", ["library/*,nginx"], ["hub/library/*", "hub/nginx"]),
        ("ROOT", [], ["*"]),
    ],
)
def test_what_is_cached(namespace: str, repository: list[str], names: list[str]) -> None:
    result = made(
        "pull-through-cache", principal=[ROLE], namespace=namespace, repository=repository
    )
    resources = [result["Resource"]] if len(names) == 1 else result["Resource"]
    assert resources == [f"{EVERYWHERE}{name}" for name in names]


def test_an_organization_may_pull_and_push() -> None:
    for kind, count in (("pull", 3), ("push", 6)):
        result = made(kind, organization="o-a1b2c3d4e5")
        assert result["Principal"] == "*"
        assert result["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
        assert len(result["Action"]) == count


def test_what_is_not_known_is_filled_at_plan() -> None:
    result = made("pull", PartialRegistry(), account=["{{build_account}}"])
    resource = "arn:{{partition}}:ecr:{{region}}:{{account_id}}:repository/*"
    assert result["Resource"] == resource
    assert result["Principal"] == {"AWS": "{{build_account}}"}


@pytest.mark.parametrize(
    ("kind", "given", "reason"),
    [
        ("replication", {"sid": "two words", "account": ["111122223333"]}, "--sid:"),
        ("replication", {"sid": "é", "account": ["111122223333"]}, '--sid: "\\u00e9"'),
        ("replication", {"sid": "", "account": ["111122223333"]}, "--sid is empty"),
        ("replication", {"account": ["11112222333"]}, "--account: 11112222333 is no account id"),
        ("replication", {"account": [","]}, "--account is empty"),
        ("replication", {}, "Missing option --account."),
        ("replication", {"account": ["1" * 12], "repository_prefix": "Prod"}, "--repository-pr"),
        ("replication", {"account": ["1" * 12], "repository_prefix": "p*"}, "'*', which is added"),
        ("replication", {"account": ["1" * 12], "repository_prefix": "p" * 257}, "at most 256"),
        ("pull", {}, "Missing option --account or --organization."),
        ("pull", {"organization": "o-SHORT"}, "--organization: o-SHORT"),
        ("pull", {"organization": "o-a1b2c3d4e5", "account": ["1" * 12]}, "both given"),
        ("pull-through-cache", {"namespace": "a"}, "Missing option --principal."),
        ("pull-through-cache", {"principal": ["*"], "namespace": "a"}, "names no user or role"),
        ("pull-through-cache", {"principal": ["AIDA" + "A" * 17], "namespace": "a"}, "its ARN"),
        (
            "pull-through-cache",
            {"principal": ["arn:aws:iam::111122223333:group/g"], "namespace": "a"},
            "a group cannot be a principal",
        ),
        (
            "pull-through-cache",
            {"principal": ["arn:aws-cn:iam::111122223333:role/r"], "namespace": "a"},
            "is in partition aws-cn",
        ),
        ("pull-through-cache", {"principal": [ROLE], "namespace": "a//b"}, "--namespace:"),
        (
            "pull-through-cache",
            {"principal": [ROLE], "namespace": "a", "repository": ["b/*/c"]},
            "--repository:",
        ),
    ],
)
def test_a_wrong_answer_is_refused_at_once(kind: str, given: dict[str, Any], reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        made(kind, **given)
    assert reason in caught.value.summary


def test_another_partition_is_right_where_the_registry_is_unknown_or_there() -> None:
    role = "arn:aws-cn:iam::111122223333:role/{{name}}"
    for target in (PartialRegistry(), PartialRegistry("aws-cn", "444455556666", "cn-north-1")):
        assert made("pull-through-cache", target, principal=[role], namespace="a")["Principal"] == {
            "AWS": role
        }


def test_the_preview_says_who_may_do_what() -> None:
    for kind in POLICY_TYPES:
        answers = {"sid": ("S",), "account": ("444455556666",), "namespace": ("hub",)}
        answers = {each.name: answers[each.name] for each in kind.fields if each.name in answers}
        lines = preview(kind, make_statement(kind, answers, REGISTRY), REGISTRY)
        assert kind.allows in lines[2]
        scope = any("put-account-setting" in each for each in lines)
        assert scope == (kind.name in ("pull", "push"))
        own = any("own account" in each for each in lines)
        assert own == (kind.name != "pull-through-cache")


OLD = {
    "Sid": "Old",
    "Effect": "Allow",
    "Principal": {"AWS": ["111122223333"]},
    "Action": "ecr:*",
    "Resource": "*",
}
LIST = {"Version": "2012-10-17", "Id": "an id", "Statement": [OLD]}
ECRS_OWN = '{ "Statement" : [ {\n  "Sid" : "A",\n  "Effect" : "Deny",\n  "Principal" : "*",\n  \
"Action" : "*",\n  "Resource" : "*"\n} ] }'
LAYOUTS = {
    "two spaces": json.dumps(LIST, indent=2),
    "four spaces": json.dumps(LIST, indent=4) + "\n",
    "tabs": json.dumps(LIST, indent="\t"),
    "one line": json.dumps(LIST),
    "compact": json.dumps(LIST, separators=(",", ":")),
    "one object": json.dumps({"Statement": OLD, "Version": "2012-10-17"}, indent=2),
    "one object on a line": json.dumps({"Statement": OLD}),
    "carriage returns": json.dumps(LIST, indent=2).replace("\n", "\r\n"),
    "lists on one line": document(OLD).replace('{"Sid', '{\n "Sid').replace('"}]', '"\n}]'),
    "as ECR prints": ECRS_OWN,
    "no indentation": json.dumps(LIST, indent=0),
}


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("name", LAYOUTS)
def test_the_rest_of_the_file_stays_as_it_is(name: str, mark: bytes) -> None:
    before = LAYOUTS[name]
    after = insert_statement(mark + before.encode(), NEW, "p.json")
    assert after.startswith(mark)
    text = after[len(mark) :].decode()
    assert parsed(text).statements == (*parsed(before).statements, NEW)
    node = parse_policy(before).root.at("/Statement")
    if node.kind == "object":
        start, end = Lines(before).span(node.location)
        before = f"{before[:start]}[{before[start:end]}]{before[end:]}"
    assert any(
        text.startswith(before[:at]) and text.endswith(before[at:]) for at in range(len(before))
    )
    assert ("\r\n" in text) == ("\r\n" in before)
    if "\r\n" in text:
        assert "\n" not in text.replace("\r\n", "")
    assert ("\n" in text) == ("\n" in before)


@pytest.mark.parametrize("indent", [1, 2, 4, "\t"])
def test_a_file_in_pythons_style_stays_in_it(indent: int | str) -> None:
    before = json.dumps(LIST, indent=indent)
    wanted = {**LIST, "Statement": [OLD, statement_json(NEW)]}
    text = insert_statement(before.encode(), NEW, "p.json").decode()
    assert text == json.dumps(wanted, indent=indent)


def test_lists_on_one_line_stay_on_one_line() -> None:
    text = insert_statement(
        b'{"Statement": [\n  {\n    "Sid": "A", "Effect": "Deny",\n    "Principal": {"AWS": ["1"]},'
        b'\n    "Action": "*", "Resource": "*"\n  }\n]}',
        NEW,
        "p.json",
    ).decode()
    assert '\n    "Action": ["ecr:CreateRepository", "ecr:ReplicateImage"],\n' in text


@given(policies, st.sampled_from([None, 0, 1, 4, "\t"]), st.booleans())
@settings(max_examples=60)
def test_every_policy_takes_one_more(
    policy: Policy, indent: int | str | None, carriage_returns: bool
) -> None:
    before = json.dumps(policy_json(policy), indent=indent)
    before = before.replace("\n", "\r\n") if carriage_returns else before
    after = parsed(insert_statement(before.encode(), NEW, "p.json"))
    assert after.statements == (*parsed(before).statements, NEW)
    again = insert_statement(
        insert_statement(before.encode(), NEW, "p.json"), NEW, "p.json", may_replace=True
    )
    assert parsed(again) == after


def test_a_namesake_is_replaced_in_its_place_and_only_if_one_says_so() -> None:
    other = parsed(document(statement("B", Resource="*"))).statements[0]
    before = json.loads(document(statement("A"), statement("B"), statement("C")))
    data = json.dumps(before, indent=1).encode()
    with pytest.raises(PlannerError, match="Sid B already"):
        insert_statement(data, other, "p.json")
    before["Statement"][1] = statement_json(other)
    result = insert_statement(data, other, "p.json", may_replace=True)
    assert result.decode() == json.dumps(before, indent=1)


def test_a_sid_that_stands_twice_is_refused() -> None:
    before = document(statement("New"), statement("New", "333344445555")).encode()
    for may_replace in (False, True):
        with pytest.raises(PlannerError, match="2 statements with the Sid New"):
            insert_statement(before, NEW, "p.json", may_replace=may_replace)


@pytest.mark.parametrize("text", ["", "[]", '{"Statement": []}', '{"Statement": [{}] // no\n}'])
def test_what_is_no_policy_is_left_alone(text: str) -> None:
    with pytest.raises(InvalidPolicyError):
        insert_statement(text.encode(), NEW, "p.json")


def test_a_new_file_is_in_the_style_of_fmt() -> None:
    from planner.policy.formatter import format_policy

    assert format_policy(new_policy(NEW)) == new_policy(NEW)
    assert parsed(new_policy(NEW)).statements == (NEW,)


def generate(*words: str) -> int:
    return run(["generate", "replication", "--account", "111122223333", *words])


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_statement_alone_goes_to_standard_output(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate("--sid", "S") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["Sid"] == "S"
    assert "{{account_id}}" in out
    assert err.startswith("Replication - cross account: S\n  who    111122223333\n")
    assert list(here.iterdir()) == []


def test_into_a_file(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generate("--sid", "A", "--into", "p.json", "--region", "cn-north-1") == 0
    assert capsys.readouterr().out == "Added the statement A in p.json.\n"
    assert "arn:aws-cn:ecr:cn-north-1:{{account_id}}:repository/*" in Path("p.json").read_text()
    assert generate("--sid", "A", "--into", "p.json") == 1
    assert "--replace" in capsys.readouterr().err
    assert generate("--sid", "A", "--into", "p.json", "--replace", "--repository-prefix", "x") == 0
    assert capsys.readouterr().out == "Replaced the statement A in p.json.\n"
    assert [each.sid for each in parsed(Path("p.json").read_bytes()).statements] == ["A"]


def test_the_registry_is_the_one_of_the_settings_or_of_the_file(here: Path) -> None:
    Path("registry_policy.json").write_text(document(statement("A")))
    generate("--sid", "B", "--into", "registry_policy.json")
    generate("--sid", "C", "--into", "registry_policy.json", "--account-id", "999999999999")
    Path("planner.toml").write_text('region = "us-gov-west-1"\naccount_id = "777788889999"\n')
    generate("--sid", "D", "--into", "registry_policy.json")
    resources = [
        str(each.resource) for each in parsed(Path("registry_policy.json").read_bytes()).statements
    ]
    wanted = ("aws:ecr:us-west-2:444455556666", "aws:ecr:us-west-2:999999999999")
    for resource, registry in zip(
        resources[1:], (*wanted, "aws-us-gov:ecr:us-gov-west-1:777788889999"), strict=True
    ):
        assert f"arn:{registry}:repository/*" in resource


def test_words_that_make_no_sense(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("--replace",), ("--into", "-"), ("--into", "p", "--region", "x")):
        assert generate("--sid", "S", *words) == 64
        assert capsys.readouterr().err.startswith("Error: ")


def test_a_policy_that_would_be_too_large_is_refused(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def with_many(count: int) -> str:
        return document(
            statement(
                "A",
                Resource=[
                    "arn:{{partition}}:ecr:x/" + "r" * 70 + str(each)
                    for each in range(100, 100 + count)
                ],
            )
        )

    size = len(serialize(parsed(with_many(99)))) - 99 * len("{{partition}}")
    assert size + 99 * len("aws") < 10_000 < size + 99 * len("{{partition}}")
    Path("p.json").write_text(with_many(99))
    assert generate("--sid", "S", "--into", "p.json") == 0
    Path("p.json").write_text(with_many(120))
    assert generate("--sid", "S", "--into", "p.json") == 6
    assert "ECR takes 10,240" in capsys.readouterr().err
    assert Path("p.json").read_text() == with_many(120)


def test_what_is_made_is_planned_and_applied(cli: Cli, account: Account) -> None:
    common = ("--into", "registry_policy.json")
    lines = [
        ("replication", "--sid", "A", "--account", "111122223333"),
        ("pull", "--sid", "B", "--account", "111122223333"),
        ("push", "--sid", "C", "--organization", "o-a1b2c3d4e5"),
        ("pull-through-cache", "--sid", "D", "--principal", ROLE, "--namespace", "hub"),
    ]
    for words in lines:
        assert cli("generate", *words, *common).returncode == 0
    cli.ok("plan", "--out", "plan.json")
    cli.ok("apply", "plan.json")
    live = json.loads(str(account.live()))
    assert [each["Sid"] for each in live["Statement"]] == ["A", "B", "C", "D"]
    assert f":{account.account_id}:repository/*" in str(live)


def script(*replies: str) -> Callable[[str], str]:
    """Shows and answers one question after the other, and fails if one more is asked."""
    waiting = list(replies)

    def prompt(question: str) -> str:
        sys.stderr.write(question)
        return waiting.pop(0)

    return prompt


def test_a_conversation_asks_again(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replies = ["9", "1", "no good", "Rep1", "", "12", "111122223333,222233334444", "", "yes"]
    from planner.cli.project import Flags

    generating.converse(Flags(), script(*replies))
    out, err = capsys.readouterr()
    for reason in ("9 is none of them", "letters and digits only", "is needed", "12 is no account"):
        assert reason in err
    assert "Added the statement Rep1 in registry_policy.json." in out
    assert len(parsed(Path("registry_policy.json").read_bytes()).statements) == 1
    generating.converse(Flags(), script("3", "Rep1", "o-a1b2c3d4e5", "", "y", "no"))
    assert "ReplicateImage" in Path("registry_policy.json").read_text()
    generating.converse(Flags(), script("pull", "Rep1", "o-a1b2c3d4e5", "", "y", "yes"))
    assert "PrincipalOrgID" in Path("registry_policy.json").read_text()


def test_nobody_to_ask(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert run(["generate"]) == 64
    assert "pull-through-cache" in capsys.readouterr().err
    with pytest.raises(InterruptedRunError):
        generating.ask_on_terminal("?")


def test_the_questions_on_a_terminal(offline: Cli) -> None:
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [PLANNER, "generate"],
        cwd=offline.folder,
        env=offline.process_environment(),
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=follower,
    ) as process:
        os.close(follower)
        for question, reply in (
            (b"1 to 4: ", b"1"),
            (b"Statement id", b"S"),
            (b"Accounts", b"111122223333"),
            (b"prefix", b"prod-"),
            (b"Add it to registry_policy.json? (yes/no): ", b"no"),
        ):
            screen = b""
            while question not in screen:
                assert select.select([leader], [], [], 30)[0], screen
                screen += os.read(leader, 65536)
            os.write(leader, reply + b"\n")
        assert process.stdout is not None
        printed: dict[str, Any] = json.load(process.stdout)
        assert process.wait(30) == 0
    os.close(leader)
    assert printed["Resource"].endswith(":repository/prod-*")
    assert not (offline.folder / "registry_policy.json").exists()
