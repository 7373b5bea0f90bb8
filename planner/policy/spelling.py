"""Names that IAM compares without regard to case, in the spelling its documentation uses.

Condition operators:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
Global condition keys ("key names are not case-sensitive"):
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from planner.text import fold

CONDITION_OPERATORS = (
    "StringEquals StringNotEquals StringEqualsIgnoreCase StringNotEqualsIgnoreCase "
    "StringLike StringNotLike NumericEquals NumericNotEquals NumericLessThan "
    "NumericLessThanEquals NumericGreaterThan NumericGreaterThanEquals DateEquals DateNotEquals "
    "DateLessThan DateLessThanEquals DateGreaterThan DateGreaterThanEquals Bool BinaryEquals "
    "IpAddress NotIpAddress ArnEquals ArnLike ArnNotEquals ArnNotLike Null"
).split()

GLOBAL_CONDITION_KEYS = (
    "aws:AssumedRoot aws:CalledVia aws:CalledViaFirst aws:CalledViaLast aws:ChatbotSourceArn "
    "aws:CurrentTime aws:Ec2InstanceSourcePrivateIPv4 aws:Ec2InstanceSourceVpc aws:EpochTime "
    "aws:FederatedProvider aws:IsMcpServiceAction aws:MultiFactorAuthAge "
    "aws:MultiFactorAuthPresent aws:PrincipalAccount aws:PrincipalArn aws:PrincipalIsAWSService "
    "aws:PrincipalOrgID aws:PrincipalOrgPaths aws:PrincipalServiceName "
    "aws:PrincipalServiceNamesList aws:PrincipalType aws:Referer aws:RequestedRegion "
    "aws:ResourceAccount aws:ResourceOrgID aws:ResourceOrgPaths aws:SecureTransport "
    "aws:SignInSessionArn aws:SourceAccount aws:SourceArn aws:SourceIdentity aws:SourceIp "
    "aws:SourceOrgID aws:SourceOrgPaths aws:SourceVpc aws:SourceVpcArn aws:SourceVpce "
    "aws:TagKeys aws:TokenIssueTime aws:UserAgent aws:UserId aws:Username aws:ViaAWSMcpService "
    "aws:ViaAWSService aws:VpcSourceIp aws:VpceAccount aws:VpceOrgID aws:VpceOrgPaths "
    "ecr:AccountSetting"
).split()

TAG_KEY_PREFIXES = "aws:PrincipalTag/ aws:RequestTag/ aws:ResourceTag/ ecr:ResourceTag/".split()

_SET_PREFIXES = ("ForAllValues:", "ForAnyValue:")
_IF_EXISTS = "IfExists"
_OPERATOR_BY_LOWER = {name.lower(): name for name in CONDITION_OPERATORS}
_KEY_BY_LOWER = {name.lower(): name for name in GLOBAL_CONDITION_KEYS}


def spell_operator(operator: str) -> str:
    """The documented spelling of a condition operator; lower case for one not known."""
    rest = fold(operator)
    prefix = next((name for name in _SET_PREFIXES if rest.startswith(name.lower())), "")
    rest = rest[len(prefix) :]
    suffix = _IF_EXISTS if rest.endswith(_IF_EXISTS.lower()) else ""
    rest = rest.removesuffix(suffix.lower())
    return prefix + _OPERATOR_BY_LOWER.get(rest, rest) + suffix


def spell_condition_key(key: str) -> str:
    """The documented spelling of a condition key; lower case for what is not known."""
    lower = fold(key)
    if lower in _KEY_BY_LOWER:
        return _KEY_BY_LOWER[lower]
    for prefix in TAG_KEY_PREFIXES:
        if lower.startswith(prefix.lower()):
            return prefix + lower[len(prefix) :]
    return lower
