"""A git remote as a name that is the same however somebody reaches it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_HELPER = re.compile(r"^[A-Za-z0-9][A-Za-z0-9+.-]*::")
"""The name of a remote helper of git before an address: it says nothing of the repository."""

_SCP = re.compile(r"(?:[^@/:]+@)?(?P<host>\[[^\]]+\]|[^/:]+):(?P<path>(?!//).*)")


def repository_name(url: str) -> str | None:
    """Host and path of a remote, without scheme, user, port and `.git`; None for an empty one.

    >>> repository_name("https://token:x@github.com/acme/registry.git/")
    'github.com/acme/registry'
    >>> repository_name("git@GitHub.com:acme/registry.git")
    'github.com/acme/registry'
    >>> repository_name("ssh://git@github.com:22/acme/registry")
    'github.com/acme/registry'
    >>> repository_name("/srv/git/registry.git")
    '/srv/git/registry'
    """
    url = _HELPER.sub("", url.strip(), count=1)
    if "://" in url:
        host, path = _of_url(url)
    elif match := _SCP.fullmatch(url):
        host, path = match["host"], match["path"]
    else:
        host, path = "", url
    path = path.rstrip("/").removesuffix(".git").rstrip("/")
    if not host:
        return path or None
    return f"{host.lower()}/{path.lstrip('/')}"


def _of_url(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:  # a host or port that is none: what stands there may be a password
        after_user = url.partition("://")[2].rpartition("@")[2]
        host, _, path = after_user.partition("/")
        return host, path
    return parts.hostname or "", parts.path
