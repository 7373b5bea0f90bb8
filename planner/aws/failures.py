"""What botocore raises, told as what failed, why and what to do.

AWS's own messages are quoted only where they are known to hold no secret: the answer to a
wrong signature, for one, repeats the session token.
"""

from __future__ import annotations

import re
from http import HTTPStatus

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from planner.errors import PlannerError
from planner.text import clean

_URL = re.compile(r"(?P<scheme>https?://)(?:[^/@\s]*@)?(?P<host>[A-Za-z0-9.\[\]:-]+)(?:/[^@\s]*)?")
# The messages of other codes may quote the request, with its headers.
_QUOTABLE = {"InvalidParameterException", "ValidationException"}
_LONGEST = 1_000
_LOGIN = "Log in again (for example `aws sso login`), or renew the credentials, and run it again."
_CHECK_CONFIGURATION = "Run `aws sts get-caller-identity` with the same settings to see why."
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_REJECTED = {
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
    "AuthFailure",
}
_SIGNATURE = {
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "IncompleteSignature",
    "IncompleteSignatureException",
}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
THROTTLED = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "SlowDown",
}
REFUSALS = frozenset(
    _EXPIRED
    | _REJECTED
    | _SIGNATURE
    | _DENIED
    | THROTTLED
    | {
        "AuthorizationHeaderMalformed",
        "ConditionalRequestConflict",
        "InvalidAction",
        "InvalidParameterCombination",
        "InvalidParameterException",
        "InvalidParameterValue",
        "InvalidQueryParameter",
        "MalformedQueryString",
        "MissingAction",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "MissingParameter",
        "NoSuchBucket",
        "NoSuchKey",
        "NotAuthorized",
        "OptInRequired",
        "PreconditionFailed",
        "RegistryPolicyNotFoundException",
        "RequestTimeTooSkewed",
        "ValidationError",
        "ValidationException",
    }
)
"""The codes by which AWS says that it has not carried out a call.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/CommonErrors.html and the errors of the
calls themselves.
"""
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9._]{2,99}")


def failure(error: Exception, doing: str, iam_action: str, endpoint: str) -> PlannerError:
    """The error to show for a botocore exception.

    `doing` completes "planner could not ...", `iam_action` is what the caller needs for it.
    """
    summary = f"planner could not {doing}."
    if isinstance(error, ClientError):
        return PlannerError(summary, *_of_answer(error, iam_action, endpoint))
    if isinstance(error, BotoCoreError):
        return PlannerError(summary, *_of_client(error, endpoint))
    if isinstance(error, (ResponseParserError, LookupError, TypeError, AttributeError)):
        return PlannerError(summary, *_not_aws(endpoint))
    if isinstance(error, OSError):
        detail = f"A file that the AWS configuration names: {error.strerror}."
        return PlannerError(summary, detail, _CHECK_CONFIGURATION)
    if endpoint and not _URL.fullmatch(endpoint):
        hint = "Give --endpoint-url as http://HOST:PORT or https://HOST."
        return PlannerError(summary, "The endpoint is no URL.", hint)
    return PlannerError(summary, "The AWS configuration does not work.", _CHECK_CONFIGURATION)


def code_of(error: Exception) -> str:
    """The error code of AWS's answer; `""` where there was no answer."""
    return _answer(error).get("Code", "")


def message_of(error: Exception) -> str:
    """The message of AWS's answer, on one line, and no more than a message of AWS has."""
    message: object = _answer(error).get("Message")
    return " ".join(message[:_LONGEST].split()) if isinstance(message, str) else ""


def _answer(error: Exception) -> dict[str, str]:
    if not isinstance(error, ClientError):
        return {}
    answer: dict[str, str] = error.response.get("Error", {})
    return answer


def is_refusal(error: Exception) -> bool:
    """Whether AWS says for certain that the call was not carried out.

    A proxy's page, whatever its status, and half an answer say nothing: the request may have
    gone through. So it takes a status of the 400s and one of AWS's codes. Whatever a retry was
    answered, an earlier attempt may have got through as well.
    """
    if not isinstance(error, ClientError) or code_of(error) not in REFUSALS:
        return False
    retried = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0) > 0
    client_error = HTTPStatus.BAD_REQUEST <= _status(error) < HTTPStatus.INTERNAL_SERVER_ERROR
    return client_error and not retried


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def bare_endpoint(endpoint: str) -> str:
    """The endpoint without the user name and password that a URL can carry.

    Of what is no plain URL nothing is shown at all.
    """
    match = _URL.fullmatch(endpoint)
    return f"{match['scheme']}{match['host']}" if match else "the endpoint"


def _not_aws(endpoint: str, status: int = 0) -> tuple[str, str]:
    of_status = f" It answers with HTTP status {status}." if status else ""
    detail = f"What answers at {bare_endpoint(endpoint)} does not answer as AWS does.{of_status}"
    return detail, "Check --endpoint-url, the proxy and the network."


def _of_answer(error: ClientError, iam_action: str, endpoint: str) -> tuple[str, str]:
    code = code_of(error)
    if code in _EXPIRED:
        return "The credentials have expired.", _LOGIN
    if code in _REJECTED:
        return "AWS does not know these credentials.", (
            "Check AWS_PROFILE, --profile and the AWS_* variables; "
            "`aws sts get-caller-identity` tests them."
        )
    if code in _SIGNATURE:
        return "AWS refuses the signature: the secret key is wrong, or the clock is.", (
            "Check the credentials and the time of this machine."
        )
    if code in _DENIED:
        return f"Access denied: the credentials lack {iam_action}.", (
            f"Allow {iam_action} to this role, and check organization policies (SCPs) for a deny."
        )
    if code in THROTTLED:
        return "AWS is throttling the calls, after several retries.", "Wait a minute and try again."
    if code == "NoSuchBucket":
        return "There is no such bucket.", "Create it, or mend `state` in planner.toml or --state."
    if not _CODE.fullmatch(code):
        return _not_aws(endpoint, _status(error))
    if _status(error) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"AWS answered with a fault of its own ({code}), after several retries.", (
            "Try again later; https://health.aws.amazon.com/ shows outages."
        )
    message = f"{code}: {message_of(error)}" if code in _QUOTABLE else clean(code)
    return f"AWS answered {message}", "Look the code up in the documentation of the service."


_CLIENT_FAILURES: list[tuple[type[BotoCoreError] | tuple[type[BotoCoreError], ...], str, str]] = [
    (
        boto.NoCredentialsError,
        "There are no AWS credentials.",
        "Set AWS_PROFILE or --profile. To try planner without AWS: planner sandbox",
    ),
    (
        boto.PartialCredentialsError,
        "The AWS credentials are incomplete.",
        "Set both the access key and the secret key.",
    ),
    (
        boto.ProfileNotFound,
        "There is no such profile in the AWS configuration.",
        "`aws configure list-profiles` lists them.",
    ),
    (boto.InvalidRegionError, "The Region is not well formed.", "Give --region as in us-west-2."),
    (
        (boto.SSOError, boto.TokenRetrievalError),
        "The AWS login has expired or was never made.",
        _LOGIN,
    ),
    (
        boto.CredentialRetrievalError,
        "The credentials could not be fetched from where the profile says.",
        _CHECK_CONFIGURATION,
    ),
    (
        (boto.SSLError, boto.ProxyConnectionError),
        "No secure connection to {where}: the certificate or the proxy is not right.",
        "Check HTTPS_PROXY and AWS_CA_BUNDLE.",
    ),
    (
        (boto.EndpointConnectionError, boto.ConnectTimeoutError),
        "{where} cannot be reached.",
        "Check --endpoint-url, the Region and the network.",
    ),
    (
        boto.HTTPClientError,
        "The connection to {where} was lost before an answer came.",
        "Try again.",
    ),
    (
        BotoCoreError,
        "The AWS configuration does not work.",
        _CHECK_CONFIGURATION,
    ),
]
"""The first row whose type fits tells the detail and the hint; `{where}` is the endpoint."""


def _of_client(error: BotoCoreError, endpoint: str) -> tuple[str, str]:
    if isinstance(error, boto.NoRegionError):
        return no_region()
    for types, detail, hint in _CLIENT_FAILURES:
        if isinstance(error, types):
            return detail.replace("{where}", bare_endpoint(endpoint)), hint
    raise error


def no_region() -> tuple[str, str]:
    """Why and what to do where nothing names a Region."""
    return "No Region is set.", (
        "Give --region us-west-2, set AWS_REGION, or put region into planner.toml."
    )
