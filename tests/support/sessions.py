"""What pages show of a shell: commands, and what they print. Run, it must print that."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace

from tests.support.account import Account
from tests.support.cli import Cli

SANDBOX = "http://127.0.0.1:5566"
"""Where `planner sandbox` listens when nothing is said."""
NOW = "2026-11-25T09:00:00Z"
"""The time of everything on a page."""
_TIME = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_ORIGIN = re.compile(r"^Registry .*\n", re.MULTILINE)
_PUT = "aws ecr put-registry-policy --query registryId --output text --policy-text".split()


def blocks(language: str, text: str) -> list[str]:
    """The code blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def sessions(text: str) -> list[tuple[str, str]]:
    """Commands and outputs, in order, of all the console blocks."""
    parts = re.split(r"^\$ (.*)\n", "".join(blocks("console", text)), flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


@dataclass
class Shell:
    """A shell with planner, and with what a page needs of other commands.

    `cat` shows a file, or where there is none makes the one that the page shows.
    """

    cli: Cli
    account: Account

    def rewritten(self, text: str) -> str:
        """A page with what its commands print now."""
        position, pieces = 0, []
        for command, expected in sessions(text):
            shown = f"$ {command}\n{expected}"
            start = text.index(shown, position)
            pieces += [text[position:start], f"$ {command}\n", self._run(command, expected)]
            position = start + len(shown)
        return "".join([*pieces, text[position:]])

    def _run(self, command: str, expected: str) -> str:
        match shlex.split(command):
            case ["planner", *words]:
                return self._planner(*words)
            case ["cat", name]:
                return self._cat(name, expected)
            case ["cd", name]:
                self.cli = replace(self.cli, folder=self.cli.folder / name)
                return ""
            case [*words, address] if words == _PUT:
                return self._put(address)
        raise AssertionError(command)

    def _planner(self, *words: str) -> str:
        """What planner prints, as it would at another address and time.

        Where account and Region come from is left out.
        """
        output = _ORIGIN.sub("", self.cli.screen(*words).stdout)
        output = output.replace(self.cli.environment["AWS_ENDPOINT_URL"], SANDBOX)
        return _TIME.sub(NOW, output)

    def _cat(self, name: str, expected: str) -> str:
        path = self.cli.folder / name
        if path.exists():
            return path.read_text("utf-8")
        self.cli.write(name, expected)
        return expected

    def _put(self, address: str) -> str:
        """`aws ecr put-registry-policy`, whose answer boto3 gives as well."""
        path = self.cli.folder / address.removeprefix("file://")
        answer = self.account.client().put_registry_policy(policyText=path.read_text("utf-8"))
        return f"{answer['registryId']}\n"
