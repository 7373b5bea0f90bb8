"""Random requests near what two policies say, each one that somebody can send."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from tests.oracle.candidates import (
    GENERIC,
    STRANGER,
    asked_of,
    concretised,
    crossings,
    pool,
    role_arns_of,
)
from tests.oracle.conditions import holds
from tests.oracle.evaluator import Call, Json, as_list, texts
from tests.oracle.keys import TAGGING, TEMPORARY, WITHOUT_RESOURCE, key_of
from tests.oracle.patterns import MAYBE, MULTIVALUED, OpenError, Values, glob, plain, substituted
from tests.oracle.possible import VPC_KEYS, Place, agreeing, followed
from tests.oracle.principals import UNIQUE_ID, Caller, entries, is_meant, parse_caller

ACTIONS = (
    "ecr:ReplicateImage ecr:CreateRepository ecr:BatchImportUpstreamImage ecr:BatchGetImage "
    "ecr:PutImage ecr:GetDownloadUrlForLayer ecr:TagResource ecr:ListImages "
    "ecr:GetAuthorizationToken ecr:PutRegistryPolicy"
).split()
_NAMES = ("team-x/app", "red/app", "prod-a", "prod", "blue", "x1")
_SERVICES = ("replication.ecr.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com")
ORGANIZATIONS = GENERIC["aws:principalorgid"]


class Sampler:
    """Makes requests for one pair of policies."""

    def __init__(self, rng: random.Random, policies: Sequence[Json | None], place: Place) -> None:
        self.rng = rng
        self.place = place
        self.statements = [
            statement
            for policy in policies
            for statement in (as_list(policy["Statement"]) if policy else ())
        ]
        self.asked = asked_of(policies)
        self.resources = [
            text
            for each in self.statements
            for text in as_list(each.get("Resource") or each.get("NotResource"))
        ]
        self.named = [
            each
            for statement in self.statements
            for each in entries(statement.get("Principal") or statement.get("NotPrincipal"))
        ]
        self.ids = sorted({each for _, each in self.named if UNIQUE_ID.fullmatch(each)})
        self.role_arns = role_arns_of(policies)
        self.pools: dict[str, list[str]] = {}
        self.callers = self._callers()

    def _callers(self) -> list[Caller]:
        texts_ = {each for _, each in self.named}
        accounts = {self.place.account, "111122223333", STRANGER}
        for key in ("aws:principalarn", "aws:principalaccount", "aws:principalservicename"):
            for _, _, values in self.asked.get(key, ()):
                for value in values:
                    texts_ |= {concretised(self.rng, value), *crossings(value)}
        names = {"bob", "alice"}
        for _, _, values in self.asked.get("aws:username", ()):
            names |= {concretised(self.rng, value) for value in values}
        found = [parse_caller(text) for text in sorted(texts_) if text != "*"]
        found += map(parse_caller, _SERVICES[:2])
        accounts |= {each.account for each in found if each and each.account}
        for each in [each for each in found if each and each.kind == "role"]:
            found += self._sessions(each)
            if not any(arn.endswith(f"/{each.name}") for arn in self.role_arns):
                self.role_arns.append(each.text)
        for account in sorted(accounts):
            found.append(parse_caller(account))
            iam, sts = f"arn:aws:iam::{account}", f"arn:aws:sts::{account}"
            found += [parse_caller(f"{iam}:user/{name}") for name in sorted(names)]
            found.append(parse_caller(f"{sts}:assumed-role/ci/build"))
            found.append(parse_caller(f"{sts}:federated-user/{self.rng.choice(sorted(names))}"))
        usable = ("root", "user", "session", "federated-user", "service", "provider")
        return [each for each in found if each and each.kind in usable and _is_named_well(each)]

    def _sessions(self, role: Caller) -> list[Caller | None]:
        prefix = f"arn:{role.partition}:sts::{role.account}:assumed-role/{role.name}/"
        return [parse_caller(prefix + name) for name in ("build", "other")]

    def sample(self) -> Call:
        """One request; it may turn out to be impossible."""
        rng = self.rng
        target = rng.choice(self.statements) if self.statements and rng.random() < 0.8 else None
        caller = self._caller(target)
        action = self._action(target)
        context: dict[str, Values] = dict(followed(caller, self.place, self.role_arns))
        self._fill(context, caller, action, target)
        resource = self._resource(action, context, target)
        if resource == "*":
            context = {key: each for key, each in context.items() if ":resourcetag/" not in key}
        place = self.place
        return Call(caller, action, resource, context, place.account, place.scope)

    def _caller(self, target: Json | None) -> Caller:
        caller = self.rng.choice(self.callers)
        for _ in range(6 if target else 0):
            context = followed(caller, self.place, self.role_arns)
            if target and (is_meant(target, caller, context) or self.rng.random() < 0.1):
                break
            caller = self.rng.choice(self.callers)
        return caller

    def _action(self, target: Json | None) -> str:
        if target and self.rng.random() < 0.9:
            negated = "NotAction" in target
            patterns = [
                each.lower() for each in as_list(target.get("Action", target.get("NotAction")))
            ]
            found = [a for a in ACTIONS if any(glob(p, a.lower()) for p in patterns) != negated]
            if found:
                return self.rng.choice(found)
        return self.rng.choice(ACTIONS)

    def _resource(self, action: str, context: dict[str, Values], target: Json | None) -> str:
        if action.lower() in WITHOUT_RESOURCE:
            return "*"
        text = self.rng.choice([*self.resources, *(self.place.prefix + each for each in _NAMES)])
        if target and "Resource" in target and self.rng.random() < 0.8:
            text = self.rng.choice(as_list(target["Resource"]))
        try:
            runs = substituted(text, context, variables=True)
        except OpenError:
            runs = None
        whole = plain(runs) if runs else text
        name = whole.partition(":repository/")[2] if ":repository/" in whole else "*"
        name = concretised(self.rng, name).strip("/").lower()
        if not re.fullmatch(r"[a-z0-9]+([._/-][a-z0-9]+)*", name) or len(name) < 2:
            name = self.rng.choice(_NAMES)
        return self.place.prefix + name

    def pick(self, key: str, context: dict[str, Values], target: Json | None) -> str | None:
        """A value of the key, mostly one that the target's conditions on it ask for."""
        found = self._pool(key, context)
        wanted = _wanted(target, key)
        self.rng.shuffle(found)
        if wanted and self.rng.random() < 0.85:
            for each in found:
                trial = {**context, key: (each,)}
                if all(holds(o, key, v, trial, variables=True) for o, v in wanted):
                    return each
        return found[0] if found else None

    def _pool(self, key: str, context: dict[str, Values]) -> list[str]:
        """The values to choose from: the same each time, unless variables are among them."""
        if key not in self.pools:
            asked = self.asked.get(key, [])
            found = pool(self.rng, key, asked, context)
            if any("${" in value for _, _, values in asked for value in values):
                return found
            self.pools[key] = [*found, *pool(self.rng, key, asked, context)]
        return self.pools[key]

    def _is_there(self, key: str, target: Json | None) -> bool:
        """Whether an optional key shall be in the request."""
        wanted = _wanted(target, key)
        if wanted and all(holds(o, key, v, {}, variables=True) for o, v in wanted):
            return self.rng.random() < 0.5
        return self.rng.random() < (0.85 if wanted else 0.6)

    def _fill(
        self, context: dict[str, Values], caller: Caller, action: str, target: Json | None
    ) -> None:
        """All keys that the policies look at, of those that such a request can have."""
        _who(self, context, caller, target)
        _where_from(self, context, caller, target)
        keys = [key for key in self.asked if key not in context]
        self.rng.shuffle(keys)
        for key in keys:
            known = key_of(key)
            if known and caller.kind in known.open - known.always:
                context[key] = MAYBE
            if known is None or key in _SEPARATE or caller.kind not in known.callers - known.open:
                continue
            if key.startswith("aws:requesttag/") and action.lower() not in TAGGING:
                continue
            if caller.kind not in known.always and not self._is_there(key, target):
                continue
            if known.form == "true|false":
                value: str | None = self._boolean(key, context, target)
            else:
                value = self.pick(key, context, target)
            if value is not None:
                context[key] = self.several(key, value, context, target)
        _finish(self, context, caller, action, target)

    def _boolean(self, key: str, context: dict[str, Values], target: Json | None) -> str:
        first, second = self.rng.sample(("true", "false"), 2)
        wanted = _wanted(target, key)
        good = all(holds(o, key, v, {**context, key: (first,)}, variables=True) for o, v in wanted)
        return first if good or self.rng.random() < 0.15 else second

    def several(
        self, key: str, value: str, context: dict[str, Values], target: Json | None
    ) -> tuple[str, ...]:
        if key not in MULTIVALUED or self.rng.random() < 0.5:
            return (value,)
        more = [self.pick(key, context, target) for _ in range(self.rng.choice((1, 2)))]
        return tuple(dict.fromkeys((value, *(each for each in more if each))))


_SEPARATE = frozenset(
    (
        *VPC_KEYS,
        *"aws:sourceip aws:multifactorauthage aws:currenttime aws:epochtime aws:tagkeys".split(),
        *"aws:principalorgpaths aws:resourceorgpaths aws:sourceorgpaths aws:userid".split(),
        *"aws:calledviafirst aws:calledvialast aws:principalservicenameslist".split(),
    )
)
"""Keys that are filled together with others that they have to agree with."""


def _wanted(target: Json | None, key: str) -> list[tuple[str, list[str]]]:
    return [
        (operator, texts(values))
        for operator, block in (target.get("Condition", {}) if target else {}).items()
        for name, values in block.items()
        if name.lower() == key
    ]


def _is_named_well(caller: Caller) -> bool:
    names = [each for each in (caller.name, caller.session) if each]
    return all(re.fullmatch(r"[\w+=,.@-]{2,64}", each) for each in names)


def _who(sampler: Sampler, context: dict[str, Values], caller: Caller, target: Json | None) -> None:
    rng = sampler.rng
    if caller.kind in ("user", "session"):
        ids = [each for each in sampler.ids if (each[1:4] == "IDA") == (caller.kind == "user")]
        for _, _, values in sampler.asked.get("aws:userid", ()):
            ids += [each.partition(":")[0] for each in values]
        prefix = "AIDA" if caller.kind == "user" else "AROA"
        ids = [each for each in ids if each.startswith(prefix) and UNIQUE_ID.fullmatch(each)]
        own = rng.choice(ids) if ids and rng.random() < 0.6 else prefix + "FRESHFRESHFRESH00"
        context["aws:userid"] = (own if caller.kind == "user" else f"{own}:{caller.session}",)
    if caller.kind == "service" and "aws:principalservicenameslist" in sampler.asked:
        more = sampler.rng.choice(((), (f"us-west-2.{caller.text}",)))
        context["aws:principalservicenameslist"] = (caller.text, *more)
    if caller.kind in TEMPORARY and "aws:tokenissuetime" in sampler.asked:
        value = sampler.pick("aws:tokenissuetime", context, target)
        context["aws:tokenissuetime"] = (value,) if value else None


def _where_from(
    sampler: Sampler, context: dict[str, Values], caller: Caller, target: Json | None
) -> None:
    if caller.kind not in ("root", "user", "session", "federated-user"):
        return
    wanted = [bool(_wanted(target, key)) for key in ("aws:sourceip", *VPC_KEYS)]
    by_vpc = (
        any(wanted[1:])
        if any(wanted) and sampler.rng.random() < 0.8
        else sampler.rng.random() < 0.3
    )
    for key in VPC_KEYS if by_vpc else ("aws:sourceip",):
        value = sampler.pick(key, context, target)
        if value is not None:
            context[key] = (value,)


def _finish(
    sampler: Sampler, context: dict[str, Values], caller: Caller, action: str, target: Json | None
) -> None:
    """The keys that have to agree with others."""
    rng, asked = sampler.rng, sampler.asked
    for whose in ("principal", "resource"):
        _add_path(sampler, context, whose, caller, target)
    if caller.account == sampler.place.account:
        own = {"orgid", "orgpaths"} if rng.random() < 0.5 else set[str]()
        for kind in own:
            context[f"aws:resource{kind}"] = context.get(f"aws:principal{kind}", ())
        for kind in {"orgid", "orgpaths"} - own:
            context[f"aws:principal{kind}"] = context.get(f"aws:resource{kind}", ())
    if "aws:multifactorauthage" in asked and caller.kind in ("user", "session", "root"):
        age = sampler.pick("aws:multifactorauthage", context, target)
        if age and rng.random() < 0.6 and context.get("aws:multifactorauthpresent") != ("false",):
            context["aws:multifactorauthage"] = (age,)
            context["aws:multifactorauthpresent"] = ("true",)
    value = sampler.pick("aws:currenttime", context, target)
    if rng.random() < 0.5 and "aws:epochtime" in asked:
        epochs = pool(rng, "aws:currenttime", asked["aws:epochtime"], context)
        value = rng.choice(epochs)
    context["aws:currenttime"] = (value or "2030-06-01T12:00:00Z",)
    if action.lower() in TAGGING:
        _add_tags(sampler, context, target)
    context.update(agreeing(context, caller, sampler.place))


def _add_path(
    sampler: Sampler, context: dict[str, Values], whose: str, caller: Caller, target: Json | None
) -> None:
    """A place in the organization, of whoever is in one."""
    paths, identifier = f"aws:{whose}orgpaths", f"aws:{whose}orgid"
    known = key_of(paths)
    asks = paths in sampler.asked
    if known is None or not asks or caller.kind not in known.callers:
        return
    organizations = context.get(identifier)
    if organizations is MAYBE:
        return
    if identifier in sampler.asked and not organizations:
        return
    organization = organizations[0] if organizations else sampler.rng.choice(ORGANIZATIONS)
    path = sampler.pick(paths, context, target) or ""
    if not path.startswith(f"{organization}/"):
        path = f"{organization}/r-ab12/ou-ab12-11111111/"
    context[paths], context[identifier] = (path,), (organization,)


def _add_tags(sampler: Sampler, context: dict[str, Values], target: Json | None) -> None:
    """aws:TagKeys are the names of the tags in the request."""
    tag = "aws:requesttag/"
    names = {key.partition("/")[2] for key, each in context.items() if key.startswith(tag) and each}
    if "aws:tagkeys" in sampler.asked and sampler.rng.random() < 0.7:
        value = sampler.pick("aws:tagkeys", context, target)
        picked = sampler.several("aws:tagkeys", value, context, target) if value else ()
        names |= {each for each in picked if tag + each.lower() not in sampler.asked}
    if names:
        context["aws:tagkeys"] = tuple(sorted(names))
