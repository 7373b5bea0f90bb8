"""moto's ECR, corrected where ECR is otherwise.

moto 5.2 admits two actions only, stores the text as it came, checks no principal and no size,
and knows no account settings. Each rule here names the documented fact it follows.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any

from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.models import DEFAULT_ACCOUNT_ID as DEFAULT_MOTO_ACCOUNT
from moto.core.responses import ActionResult, BaseResponse
from moto.ecr.exceptions import InvalidParameterException, RegistryPolicyNotFoundException
from moto.ecr.models import ECRBackend
from moto.ecr.responses import ECRResponse
from moto.sts.models import STSBackend
from moto.utilities.utils import get_partition

from planner.policy.document import POLICY_SIZE_LIMIT
from planner.policy.ecr_rules import refusals
from planner.policy.parse import ParsedPolicy, find_problems
from planner.policy.principal import parse_principal, root_arn
from planner.registry import ACCOUNT_ID
from planner.sandbox import trail

_SCOPE = "REGISTRY_POLICY_SCOPE"
_DEFAULT_SETTINGS = {_SCOPE: "V2", "BASIC_SCAN_TYPE_VERSION": "AWS_NATIVE"}
_moto_caller_identity = STSBackend.get_caller_identity
_SETTING_VALUES = {_SCOPE: ("V1", "V2"), "BASIC_SCAN_TYPE_VERSION": ("AWS_NATIVE", "CLAIR")}


def put_registry_policy(backend: ECRBackend, policy_text: str) -> dict[str, Any]:
    """PutRegistryPolicy: refuses what ECR refuses, in ECR's one sentence.

    The sentence is in pulumi-aws#2326 and terraform-provider-awscc#1171, the size limit in
    the API reference (PutRegistryPolicy), the scopes in the user guide (Private registry
    permissions), the principals in IAM's guide (Principal element). A single-object
    Statement and NotAction pass, by IAM's grammar. Resource ARNs are not checked
    (containers-roadmap#2675).
    """
    if len(policy_text) > POLICY_SIZE_LIMIT:
        limit = f"Member must have length less than or equal to {POLICY_SIZE_LIMIT}"
        raise _invalid("policyText", limit)
    result = find_problems(policy_text, dialect="registry")
    if not isinstance(result, ParsedPolicy):
        raise _invalid("PolicyText", "Invalid registry policy provided")
    partition = get_partition(backend.region_name)
    if refusals(result.policy, partition, _settings(backend)[_SCOPE]):
        raise _invalid("PolicyText", "Invalid registry policy provided")
    backend.registry_policy = policy_text
    return get_registry_policy(backend)


def get_registry_policy(backend: ECRBackend) -> dict[str, Any]:
    """GetRegistryPolicy: the policy as ECR prints it, principals in any order.

    Account ids come back as root ARNs (crossplane-contrib/provider-aws#700), lists of
    principals in another order (terraform-provider-aws compares them as sets), and single
    strings stay strings.
    """
    if not backend.registry_policy:
        raise RegistryPolicyNotFoundException(backend.account_id)
    text = backend.registry_policy.removeprefix("\ufeff")
    document = json.loads(text, parse_float=str, parse_int=str)
    statements = document["Statement"]
    reads = backend.__dict__["planner_reads"] = backend.__dict__.get("planner_reads", 0) + 1
    shuffle = random.Random(reads).shuffle  # noqa: S311 - an order, not a secret
    for statement in statements if isinstance(statements, list) else [statements]:
        for name in ("Principal", "NotPrincipal"):
            if isinstance(statement.get(name), dict):
                _rewrite_principals(statement[name], get_partition(backend.region_name), shuffle)
    return {"registryId": backend.account_id, "policyText": print_as_ecr(document)}


def delete_registry_policy(backend: ECRBackend) -> dict[str, Any]:
    """DeleteRegistryPolicy: answers with the policy that was there."""
    answer = get_registry_policy(backend)
    backend.registry_policy = None
    return answer


def get_account_setting(response: ECRResponse) -> ActionResult:
    """GetAccountSetting: new accounts have scope V2 (user guide, extended scope)."""
    name = response._get_param("name")
    settings = _settings(response.ecr_backend)
    if name not in settings:
        raise _invalid("name", "Invalid setting name")
    return ActionResult({"name": name, "value": settings[name]})


def put_account_setting(response: ECRResponse) -> ActionResult:
    """PutAccountSetting: the values that the API reference lists."""
    name, value = response._get_param("name"), response._get_param("value")
    if name not in _SETTING_VALUES or value not in _SETTING_VALUES[name]:
        raise _invalid("value" if name in _SETTING_VALUES else "name", "Invalid setting")
    _settings(response.ecr_backend)[name] = value
    return ActionResult({"name": name, "value": value})


def print_as_ecr(value: Any, indent: str = "") -> str:
    """JSON in the style of ECR's answers: a space on both sides of the colon, lists on one line."""
    inner = indent + "  "
    if isinstance(value, dict):
        if not value:
            return "{ }"
        members = [
            f"{inner}{json.dumps(key)} : {print_as_ecr(each, inner)}" for key, each in value.items()
        ]
        return "{\n" + ",\n".join(members) + f"\n{indent}}}"
    if isinstance(value, list):
        items = ", ".join(print_as_ecr(each, indent) for each in value)
        return f"[ {items} ]" if value else "[ ]"
    return json.dumps(value, ensure_ascii=False)


def _rewrite_principals(
    block: dict[str, Any], partition: str, shuffle: Callable[[list[str]], None]
) -> None:
    def root(principal: str) -> str:
        named = parse_principal("AWS", principal)
        return root_arn(partition, principal) if named.account == principal else principal

    for kind, ids in block.items():
        if isinstance(ids, list):
            block[kind] = [root(each) for each in ids] if kind == "AWS" else ids
            shuffle(block[kind])
        elif kind == "AWS":
            block[kind] = root(ids)


def _settings(backend: ECRBackend) -> dict[str, str]:
    settings: dict[str, str] = backend.__dict__.setdefault(
        "planner_settings", {**_DEFAULT_SETTINGS}
    )
    return settings


def _invalid(parameter: str, constraint: str) -> InvalidParameterException:
    return InvalidParameterException(
        f"Invalid parameter at '{parameter}' failed to satisfy constraint: '{constraint}'"
    )


def get_caller_identity(backend: STSBackend, access_key_id: str, region: str) -> tuple[str, ...]:
    """GetCallerIdentity: the ARN of a user is one of IAM. moto gives one of STS to unknown keys.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    """
    user_id, arn, account = _moto_caller_identity(backend, access_key_id, region)
    return user_id, arn.replace(":sts::", ":iam::") if ":user/" in arn else arn, account


def correct_moto(account_id: str) -> None:
    """Puts the rules above in the place of moto's own. For a process that is a sandbox."""
    corrections: dict[Any, tuple[Callable[..., Any], ...]] = {
        ECRBackend: (put_registry_policy, get_registry_policy, delete_registry_policy),
        ECRResponse: (
            get_account_setting,
            put_account_setting,
            trail.put_registry_policy,
            trail.delete_registry_policy,
        ),
        CloudTrailResponse: (trail.lookup_events,),
        STSBackend: (get_caller_identity,),
    }
    for owner, functions in corrections.items():
        for function in functions:
            setattr(owner, function.__name__, function)
    known = BaseResponse.get_current_account

    def account_of(response: BaseResponse) -> str:
        """An access key id of twelve digits chooses that account."""
        header = response.headers.get("Authorization", "")
        signed = re.search(f"Credential=({ACCOUNT_ID.pattern})/", header)
        owner = signed.group(1) if signed else known(response)
        return account_id if owner == DEFAULT_MOTO_ACCOUNT else owner

    setattr(BaseResponse, "get_current_account", account_of)  # noqa: B010 - a correction, too
