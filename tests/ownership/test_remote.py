"""One name for a repository, however somebody reaches it; and never what is secret."""

from __future__ import annotations

import pytest

from planner.ownership.remote import repository_name

SAME = [
    "https://github.com/acme/registry.git",
    "https://github.com/acme/registry",
    "https://github.com/acme/registry/",
    "https://GitHub.com/acme/registry.git/",
    "http://github.com:8080/acme/registry.git",
    "https://user@github.com/acme/registry.git",
    "https://user:secret@github.com/acme/registry.git",
    "https://x-access-token:secret@github.com/acme/registry",
    "ssh://git@github.com/acme/registry.git",
    "ssh://git@github.com:22/acme/registry.git",
    "git://github.com/acme/registry.git",
    "git@github.com:acme/registry.git",
    "git@github.com:/acme/registry.git",
    "github.com:acme/registry",
    "cached::https://user:secret@github.com/acme/registry.git",
    "  git@github.com:acme/registry.git\n",
]


@pytest.mark.parametrize("url", SAME)
def test_one_repository_has_one_name(url: str) -> None:
    assert repository_name(url) == "github.com/acme/registry"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("", None),
        ("/", None),
        (".git", None),
        ("../registry.git", "../registry"),
        ("/srv/git/registry.git/", "/srv/git/registry"),
        ("file:///srv/git/registry.git", "/srv/git/registry"),
        ("https://github.com/acme/Registry", "github.com/acme/Registry"),
        ("ssh://git@[2001:db8::1]:22/r.git", "2001:db8::1/r"),
    ],
)
def test_names(url: str, name: str | None) -> None:
    assert repository_name(url) == name


@pytest.mark.parametrize(
    "url",
    [
        "https://user:secret@[bad/acme/r.git",
        "https://user:secret@host:port/acme/r.git",
        "https://:secret@host/r",
        "https://user:se@cret@host/r",
        "https://user:se/cret@host/r",
        "https://host/r?token=secret",
        "https://host/r#secret",
        "HTTPS://user:secret@host/r",
    ],
)
def test_no_password_is_in_a_name(url: str) -> None:
    assert "cret" not in (repository_name(url) or "")
