"""The registry policy in ECR: the only place that talks to AWS and sees its errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from planner.aws.failures import THROTTLED, bare_endpoint, code_of, failure, is_refusal, message_of
from planner.aws.session import Connection, Session
from planner.config.target import Target
from planner.errors import PlannerError
from planner.policy.address import statement_name
from planner.policy.arn import fields_of
from planner.policy.document import Policy
from planner.policy.ecr_rules import named_principals, refusals, size_refusal
from planner.policy.parse import parse_policy
from planner.ports import CallerIdentity, OutcomeUnknownError, ThrottledError
from planner.registry import SCOPES, Registry
from planner.text import clean

_SCOPE = "REGISTRY_POLICY_SCOPE"
_SHOWN = 5
_REFUSED = {"InvalidParameterException", "ValidationException"}


def open_registry(target: Target, fallback_region: str | None = None) -> EcrRegistry:
    """The registry of a target, reached with the target's own credentials.

    `fallback_region` serves where neither the target nor the AWS configuration names one.
    """
    credentials = target.credentials
    connection = Connection(
        target.region.value if target.region else None,
        credentials.profile,
        credentials.endpoint,
        fallback_region,
    )
    return EcrRegistry(connection, credentials.account_id)


class EcrRegistry:
    """The registry that the credentials and the Region of `connection` reach.

    `account_id` is the account it must belong to, None for any.
    """

    def __init__(self, connection: Connection, account_id: str | None = None) -> None:
        self._session = Session(connection)
        self._account_id = account_id

    @cached_property
    def _ecr(self) -> Any:
        return self._session.client("ecr")

    @cached_property
    def _caller(self) -> CallerIdentity:
        sts = self._session.client("sts")
        with self._session.failures("find out who you are", "sts:GetCallerIdentity", sts):
            identity = sts.get_caller_identity()
            arn, account_id = identity["Arn"], identity["Account"]
        if self._account_id not in (None, account_id):
            raise PlannerError(
                "The credentials belong to another account.",
                f"They are for {account_id}, and this project is for {self._account_id}.",
                "Use the credentials of that account, or change account_id.",
            )
        partition = fields_of(arn)[1] if ":" in arn else "aws"
        return CallerIdentity(arn, Registry(partition, account_id, self._session.region))

    @property
    def has_credentials(self) -> bool:
        """Whether anything gives credentials."""
        return self._session.has_credentials

    @property
    def endpoint(self) -> str | None:
        """The address that ECR is called at, without any password; None where it is AWS's."""
        endpoint = self._ecr.meta.endpoint_url
        return None if self._session.is_of_aws(endpoint, "ecr") else bare_endpoint(endpoint)

    def caller(self) -> CallerIdentity:
        """Who calls, by STS, and which registry is reached."""
        return self._caller

    def read(self) -> str | None:
        """The live policy text; None where the registry has no policy."""
        doing, iam_action = "read the registry policy", "ecr:GetRegistryPolicy"
        with self._session.failures(doing, iam_action, self._ecr):
            try:
                return str(self._ecr.get_registry_policy()["policyText"])
            except ClientError as error:
                if code_of(error) == "RegistryPolicyNotFoundException":
                    return None
                raise

    def put(self, text: str, names: Sequence[str] = ()) -> None:
        """Replaces the policy by one attempt; a refusal calls its statements by their names."""

        def call() -> None:
            self._writing.put_registry_policy(policyText=text)

        def refused(error: Exception) -> PlannerError:
            return self._refusal(error, text, names)

        self._write(call, "write the registry policy", "ecr:PutRegistryPolicy", refused)

    def delete(self) -> None:
        """Removes the policy by one attempt; it is no failure if there is none."""

        def call() -> None:
            self._writing.delete_registry_policy()

        self._write(call, "delete the registry policy", "ecr:DeleteRegistryPolicy", None)

    @cached_property
    def _writing(self) -> Any:
        return self._session.client("ecr", once=True)

    def _write(
        self,
        call: Callable[[], None],
        doing: str,
        iam_action: str,
        refused: Callable[[Exception], PlannerError] | None,
    ) -> None:
        """Makes a call that changes ECR. What leaves its outcome open is OutcomeUnknownError."""
        try:
            call()
        except Exception as error:
            code = code_of(error)
            if code == "RegistryPolicyNotFoundException":
                return
            told = failure(error, doing, iam_action, self._ecr.meta.endpoint_url)
            if not is_refusal(error):
                raise OutcomeUnknownError(told) from error
            if code in THROTTLED:
                raise ThrottledError(told.summary, told.detail, told.hint) from error
            if refused is not None and code in _REFUSED:
                raise refused(error) from error
            raise told from error

    def scope(self) -> str | None:
        """The registry policy scope, V1 or V2; None where it cannot be read."""
        try:
            return self.read_scope()
        except PlannerError:
            return None

    def read_scope(self) -> str:
        """The registry policy scope, by GetAccountSetting.

        https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAccountSetting.html
        """
        doing = "read the registry policy scope"
        with self._session.failures(doing, "ecr:GetAccountSetting", self._ecr):
            value = str(self._ecr.get_account_setting(name=_SCOPE)["value"])
        if value not in SCOPES:
            raise PlannerError(
                f"planner could not {doing}.",
                f"ECR says {clean(value[:64])}, and this planner knows {' and '.join(SCOPES)}.",
                "Use a newer planner.",
            )
        return value

    def raise_scope(self) -> None:
        """Raises the registry policy scope to V2 by one attempt, by PutAccountSetting.

        https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutAccountSetting.html
        """

        def call() -> None:
            self._writing.put_account_setting(name=_SCOPE, value="V2")

        self._write(call, "raise the registry policy scope", "ecr:PutAccountSetting", None)

    def _refusal(self, error: Exception, text: str, names: Sequence[str]) -> PlannerError:
        """ECR's refusal, with the likely causes that the document shows."""
        policy = parse_policy(text).policy
        names = names or [statement_name(each, None) for each in policy.statements]
        causes = _likely_causes(policy, names, self.caller().registry.partition, self.scope())
        detail = f"ECR says: {message_of(error)}\n\nLikely causes, most likely first:\n"
        hint = "Mend the policy file and plan again."
        return PlannerError("ECR refused the policy.", detail + causes, hint)


def _likely_causes(policy: Policy, names: Sequence[str], partition: str, scope: str | None) -> str:
    causes = [size] if (size := size_refusal(policy)) else []
    causes += [
        clean(f"{names[each.statement]}: {each.reason.text}")
        for each in refusals(policy, partition, scope)
    ]
    principals = named_principals(policy)
    if principals:
        shown = ", ".join([*principals[:_SHOWN], "..."] if principals[_SHOWN:] else principals)
        causes.append(f"a user or role does not exist, or was made only seconds ago: {shown}")
    if scope is None:
        causes.append(
            "the registry may have policy scope V1, which takes few actions: "
            "aws ecr get-account-setting --name REGISTRY_POLICY_SCOPE"
        )
    if not causes:
        causes.append("an account that a principal names does not exist or is closed")
    return "\n".join(f"  - {cause}" for cause in causes)
