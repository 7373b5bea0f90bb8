"""Taking what is live, or what a document says, into state and files."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import document, statement
from tests.support.project import same

A, B = statement("A"), statement("B", "222233334444")
NAMELESS = statement(None, "333344445555")


def state_of(cli: Cli, account: Account, folder: str = ".planner/state") -> dict[str, Any]:
    text = (cli.folder / folder / account.account_id / "us-west-2.json").read_text()
    found: dict[str, Any] = json.loads(text)
    return found


def done(cli: Cli, *words: str) -> str:
    """What is shown of an import that is approved; what was done is told beside it."""
    result = cli("import", *words, "--auto-approve")
    assert result.returncode == 0, result.stderr
    assert "Nothing was changed at AWS." in result.stderr
    return result.stdout


def team(cli: Cli, name: str) -> Cli:
    """A project that shares its registry, without a policy file yet."""
    folder = cli.folder / name
    folder.mkdir()
    found = replace(cli, folder=folder)
    found.write("planner.toml", f'owner = "{name}"\nstate = "../state"\n')
    return found


def test_all_that_is_live_and_then_nothing_changes(cli: Cli, account: Account) -> None:
    account.put(document(A, B, NAMELESS, Id="whole"))
    shown = done(cli)
    assert 'The state records, as it is live:\n  + registry["' in shown
    assert "Written into registry_policy.json:" in shown
    assert same((cli.folder / "registry_policy.json").read_text(), account.live() or "")
    assert "No changes." in cli.ok("plan", "--detailed-exitcode")
    assert state_of(cli, account)["exclusive"] is True
    assert cli.ok("import").startswith("planner import")
    assert "Nothing to import." in cli.ok("import")


def test_a_first_file_has_the_order_that_somebody_chose(cli: Cli, account: Account) -> None:
    account.put(document(B, NAMELESS, A))
    cli.write("old.json", document(A, B))
    for words, order in (((), ["B", None, "A"]), (("--from", "old.json"), ["A", "B"])):
        done(cli, *words, "--state", f"state-{len(words)}")
        path = cli.folder / "registry_policy.json"
        assert [each.get("Sid") for each in json.loads(path.read_text())["Statement"]] == order
        path.unlink()


def test_the_screen_says_where_and_which_file(cli: Cli, account: Account) -> None:
    account.put(document(A, B))
    cli.write("planner.toml", 'policy = ["a.json", "b.json"]\n')
    cli.write("a.json", document(A))
    cli.write("b.json", document(NAMELESS))
    shown = cli("import").stdout
    assert "The account comes from the AWS credentials" in shown
    assert f"Not AWS: ECR was called at {account.url}." in shown
    assert "Written into a.json:\n" in shown


def test_nothing_is_done_before_it_is_approved(cli: Cli, account: Account) -> None:
    account.put(document(A))
    assert "Give it by --auto-approve." in cli.fails(64, "import")
    assert not (cli.folder / "registry_policy.json").exists()
    assert not (cli.folder / ".planner").exists()


def test_some_statements_by_their_addresses(cli: Cli, account: Account) -> None:
    account.put(document(A, B, NAMELESS))
    cli.write("registry_policy.json", document(A))
    address = f'registry["{account.account_id}/us-west-2"].statement["B"]'
    done(cli, address, "A")
    assert same((cli.folder / "registry_policy.json").read_text(), document(A, B))
    plan = json.loads(cli("plan", "--json").stdout)
    (change,) = plan["changes"]
    assert (change["action"], change["cause"]) == ("delete", "unmanaged")
    told = cli.fails(1, "import", "Missing", "--auto-approve")
    assert "Missing is not live." in told
    assert 'statement["A"]' in told


def test_where_nothing_is_live(cli: Cli, account: Account) -> None:
    assert account.live() is None
    told = cli.fails(1, "import", 'statement["A"]', "--auto-approve")
    assert "The registry has no policy." in told
    assert "planner import --from FILE" in told
    assert "lack nothing" in cli.ok("import")


def test_what_a_file_has_otherwise_stays_and_the_plan_shows_it(cli: Cli, account: Account) -> None:
    account.put(document(A))
    mine = document(statement("A", Action="ecr:ReplicateImage"))
    cli.write("registry_policy.json", mine)
    assert "has these otherwise" in done(cli)
    assert (cli.folder / "registry_policy.json").read_text() == mine
    (change,) = json.loads(cli("plan", "--json").stdout)["changes"]
    assert (change["action"], change["cause"]) == ("update", "config")


def test_a_document_brings_its_statements_and_records_what_is_live(
    cli: Cli, account: Account
) -> None:
    account.put(document(A))
    resource = {
        "type": "aws_ecr_registry_policy",
        "name": "this",
        "address": "aws_ecr_registry_policy.this",
        "values": {"policy": document(A, B)},
    }
    version = {"format_version": "1.0", "terraform_version": "1.9.0"}
    shown = {**version, "values": {"root_module": {"resources": [resource]}}}
    cli.write("state.json", json.dumps(shown))
    result = cli("import", "--from", "state.json", "--auto-approve")
    assert result.returncode == 0, result.stderr
    assert "aws_ecr_registry_policy.this" in result.stderr
    assert same((cli.folder / "registry_policy.json").read_text(), document(A, B))
    (recorded,) = state_of(cli, account)["policy"]["Statement"]
    assert recorded["Sid"] == "A"
    assert "Plan: 1 to add, 0 to change, 0 to destroy." in cli("plan").stdout


def test_an_owner_imports_what_nobody_owns(cli: Cli, account: Account) -> None:
    account.put(document(A, B))
    one, two = team(cli, "one"), team(cli, "two")
    done(one, "A")
    assert "No changes." in one.ok("plan", "--detailed-exitcode")
    told = two.fails(5, "import", "A", "--auto-approve")
    assert 'statement["A"] is owned by one.' in told
    assert "--take" in told
    done(two)
    assert same((two.folder / "registry_policy.json").read_text(), document(B))
    assert "No changes." in two.ok("plan", "--detailed-exitcode")
    owners = json.loads(two.ok("owners", "--json"))["owners"]
    assert [(each["owner"], len(each["statements"])) for each in owners] == [("one", 1), ("two", 1)]


def test_an_exclusive_project_does_not_import_what_is_shared(cli: Cli, account: Account) -> None:
    account.put(document(A, B))
    done(team(cli, "one"), "A")
    cli.write("planner.toml", 'state = "state"\n')
    assert "This registry is shared" in cli.fails(5, "import", "--auto-approve")


def test_nothing_is_imported_that_cannot_be_read(cli: Cli, account: Account) -> None:
    assert "Nothing to import." in cli.ok("import")
    account.put(document(A))
    cli.write("registry_policy.json", "{")
    cli.fails(6, "import", "--auto-approve")
    assert not (cli.folder / ".planner").exists()
    assert "takes no addresses" in cli.fails(64, "import", "A", "--from", "x.json")


def test_what_is_missing_goes_into_the_file_that_is_named(cli: Cli, account: Account) -> None:
    account.put(document(A, B, NAMELESS))
    cli.write("planner.toml", 'policy = ["one.json", "two.json"]\n')
    cli.write("one.json", document(A))
    cli.write("two.json", document(NAMELESS))
    done(cli, "--into", "two.json")
    assert same((cli.folder / "one.json").read_text(), document(A))
    assert same((cli.folder / "two.json").read_text(), document(NAMELESS, B))
    assert "No changes." in cli.ok("plan")
    told = cli.fails(64, "import", "--into", "three.json")
    assert "three.json is none of the policy files" in told
    assert "one.json, two.json" in told


def test_history_says_what_was_done_without_a_plan(cli: Cli, account: Account) -> None:
    account.put(document(A, B))
    one = team(cli, "one")
    done(one, "A")
    one.ok("owners", "rename", "one", "uno", "--auto-approve")
    one.ok("owners", "release", 'statement["A"]', "--auto-approve")
    rows = [row.split("  ") for row in one.ok("history").splitlines()[4:]]
    told = [[word.strip() for word in row if word.strip()] for row in rows]
    acts = ['statement["A"] released', "one renamed to uno", "import"]
    assert [(row[4], row[5]) for row in told] == [(act, "-") for act in acts]
    assert "# import, 20" in one.ok("history", "show", "1")
