"""Values of requests near what policies say: those that match, and their neighbours."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

from tests.oracle.evaluator import Json, as_list, texts
from tests.oracle.keys import has_form
from tests.oracle.patterns import Context, OpenError, Variable, parts_of, plain, substituted
from tests.oracle.principals import entries

ORGANIZATION, OTHER_ORGANIZATION = "o-a1b2c3d4e5", "o-f6g7h8i9j0"
STRANGER = "999988887777"
GENERIC = {
    "aws:principalorgid": (ORGANIZATION, OTHER_ORGANIZATION, "o-stranger000"),
    "aws:resourceorgid": (ORGANIZATION, OTHER_ORGANIZATION),
    "aws:sourceorgid": (ORGANIZATION, OTHER_ORGANIZATION),
    "aws:principaltag/": ("red", "blue", "Red", "x"),
    "aws:resourcetag/": ("red", "blue", "Red", "x"),
    "ecr:resourcetag/": ("red", "blue", "Red", "x"),
    "aws:requesttag/": ("red", "blue", "Red", "x"),
    "aws:tagkeys": ("team", "env", "other"),
    "aws:multifactorauthage": ("10", "7200"),
    "aws:sourceaccount": ("444455556666", "111122223333", STRANGER),
    "aws:sourcearn": ("arn:aws:s3:::bucket", f"arn:aws:lambda:us-west-2:{STRANGER}:function:f"),
    "aws:sourceip": ("203.0.113.10", "10.1.2.3", "198.51.100.7", "2001:db8::1"),
    "aws:vpcsourceip": ("10.1.2.3", "172.16.0.9"),
    "aws:sourcevpc": ("vpc-0123456789abcdef0", "vpc-99999999"),
    "aws:sourcevpce": ("vpce-0123456789abcdef0", "vpce-99999999"),
    "aws:currenttime": ("2030-06-01T12:00:00Z", "2020-01-01T00:00:00Z"),
    "aws:tokenissuetime": ("2019-12-31T00:00:00Z", "2010-01-01T00:00:00Z"),
    "aws:useragent": ("docker/27.0", "aws-cli/2.0"),
    "aws:referer": ("https://example.com/",),
    "aws:federatedprovider": ("accounts.google.com", f"arn:aws:iam::{STRANGER}:saml-provider/idp"),
    "aws:sourceidentity": ("alice", "bob"),
    "aws:calledvia": ("cloudformation.amazonaws.com", "athena.amazonaws.com"),
}
_FILLERS = ("", "x", "a/b", "0", "team-x")


def generic(key: str) -> tuple[str, ...]:
    """Values that the key has in requests that no policy is about."""
    slash = key.find("/")
    return GENERIC.get(key[: slash + 1] if slash >= 0 else key, ())


def conditions(policies: Iterable[Json | None]) -> Iterator[tuple[str, str, list[str]]]:
    """Each operator, key in lower case, and values of the policies."""
    for policy in policies:
        for statement in as_list(policy["Statement"]) if policy else ():
            for operator, block in statement.get("Condition", {}).items():
                for key, values in block.items():
                    yield operator, key.lower(), texts(values)


def variables_of(text: str) -> set[str]:
    """The keys that a text names as variables."""
    try:
        return {part.key for part in parts_of(text) if isinstance(part, Variable)}
    except OpenError:
        return set()


def asked_of(policies: Sequence[Json | None]) -> dict[str, list[tuple[str, str, list[str]]]]:
    """The conditions on each key that the policies look at; none for one that is a variable."""
    found: dict[str, list[tuple[str, str, list[str]]]] = {}
    whole = []
    for operator, key, values in conditions(policies):
        found.setdefault(key, []).append((operator, key, values))
        whole += values
    for policy in policies:
        for statement in as_list(policy["Statement"]) if policy else ():
            whole += as_list(statement.get("Resource") or statement.get("NotResource"))
    for variable in {each for text in whole for each in variables_of(text)}:
        found.setdefault(variable, [])
    return {key: found[key] for key in sorted(found)}


def role_arns_of(policies: Sequence[Json | None]) -> list[str]:
    """The roles that policies name by a whole ARN: those that exist."""
    found: set[str] = set()
    for policy in policies:
        for statement in as_list(policy["Statement"]) if policy else ():
            for _, each in entries(statement.get("Principal") or statement.get("NotPrincipal")):
                found.add(each)
    for _, key, values in conditions(policies):
        if key == "aws:principalarn":
            found.update(values)
    return sorted(each for each in found if ":role/" in each and not re.search(r"[*?$]", each))


def concretised(rng: random.Random, text: str) -> str:
    """A text that a pattern matches, mostly."""
    if rng.random() < 0.05:
        return text
    text = _in_partition(text)
    return re.sub(r"\*", lambda _: rng.choice(_FILLERS), text).replace("?", rng.choice("x0a"))


def _in_partition(text: str) -> str:
    return "arn:aws:" + text.removeprefix("arn:*:") if text.startswith("arn:*:") else text


def crossings(text: str) -> Iterator[str]:
    """ARNs that a pattern matches only where its wildcards cross colons."""
    text = _in_partition(text)
    for index in range(text.count("*") if text.startswith("arn:") else 0):
        parts = text.split("*")
        before, after = "x".join(parts[: index + 1]), "x".join(parts[index + 1 :])
        for whole in (
            f"arn:aws:lambda:us-west-2:{STRANGER}:x",
            f"arn:aws:iam::{STRANGER}:role/x",
            f"arn:aws:iam::{STRANGER}:user/x",
        ):
            across = ":".join(whole.split(":")[before.count(":") :])
            yield (before + across + after).replace("?", "x")


def near(rng: random.Random, key: str, operator: str, text: str, context: Context) -> Iterator[str]:
    """Values of the key at and around a value of a policy's condition."""
    name = operator.lower()
    if "ipaddress" in name:
        yield from _addresses(text)
    elif "numeric" in name:
        yield from _numbers(text)
    elif "date" in name:
        yield from _dates(text)
    else:
        yield from _texts(rng, key, name, text, context)


def _texts(rng: random.Random, key: str, name: str, text: str, context: Context) -> Iterator[str]:
    try:
        runs = substituted(text, context, variables=True)
    except OpenError:
        runs = (text,)
    whole = plain(runs or (text,))
    for one in (concretised(rng, whole), whole, concretised(rng, text)):
        if "*" not in one and "?" not in one:
            yield one
            yield from (one + "x", one[:-1], "x" + one)
            if "ignorecase" in name or rng.random() < 0.2:
                yield one.swapcase()
    yield from crossings(whole)


def _addresses(text: str) -> Iterator[str]:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return
    yield str(network[0])
    yield str(network[-1])
    for number in (int(network[0]) - 1, int(network[-1]) + 1):
        if 0 < number < 2**network.max_prefixlen - 1:
            yield str(type(network[0])(number))


def _numbers(text: str) -> Iterator[str]:
    try:
        number = int(float(text))
    except ValueError:
        return
    yield from (str(each) for each in (number, number - 1, number + 1) if each >= 0)


def _dates(text: str) -> Iterator[str]:
    try:
        moment = (
            datetime.fromtimestamp(int(text), UTC)
            if text.isdigit()
            else datetime.fromisoformat(text)
        )
    except ValueError:
        return
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    for seconds in (0, -1, 1):
        at = (moment + timedelta(seconds=seconds)).astimezone(UTC)
        yield at.strftime("%Y-%m-%dT%H:%M:%SZ")


def pool(
    rng: random.Random,
    key: str,
    asked: Sequence[tuple[str, str, list[str]]],
    context: Context,
) -> list[str]:
    """Values that the key can have, of those that the conditions are about and of others."""
    found = [*generic(key)]
    for operator, _, values in asked:
        for value in values:
            found.extend(near(rng, key, operator, value, context))
    if key == "aws:epochtime":
        return [each for each in found if each.isdigit()]
    return list(dict.fromkeys(each for each in found if has_form(key, each)))
