"""The text of a file: how much of it is read, how it is encoded, where its characters stand."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right

from planner.policy.tree import Location, Problem, beginning_of

MAX_BYTES = 1_048_576
"""The largest text read at all, in bytes: a hundred times what ECR takes."""


MAX_DENSE = 40_960
"""The largest policy that is read, in characters without the white space between its values.

The largest that any AWS service takes is a key policy of AWS KMS, of 32,768 bytes.
https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
"""
# A string without its end reaches to the end of the text, so that it costs one pass.
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"?', re.DOTALL)


def dense_size(text: str) -> int:
    """How many characters a text in JSON has without the white space between its values.

    >>> dense_size('{ "a b": 1 }')
    9
    """
    between = _STRING.sub("", text)
    return len(text) - len(between) + sum(map(len, between.split()))


class Lines:
    """Where the lines of a text begin: offsets of characters to lines and columns, and back."""

    def __init__(self, text: str, file: str = "") -> None:
        self.file = file
        self._starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]
        self._end = len(text)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of the character at `offset`, or of the text's end."""
        offset = min(offset, self._end)
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def location(self, start: int, end: int) -> Location:
        """The range of the characters from `start` up to `end`."""
        line, column = self.position(start)
        if line == len(self._starts) or end < self._starts[line]:
            last = min(end, self._end)
            return Location(self.file, line, column, line, column + last - start)
        return Location(self.file, line, column, *self.position(end))

    def offset(self, line: int, column: int) -> int:
        """The offset of the character at a line and a column."""
        return self._starts[line - 1] + column - 1

    def span(self, location: Location) -> tuple[int, int]:
        """The offsets of the first character of a range and of the one behind it."""
        start = self.offset(location.line, location.column)
        return start, self.offset(location.end_line, location.end_column)


def decode(data: bytes, file: str = "") -> tuple[str, Problem | None]:
    """UTF-8 to text, a leading byte-order mark dropped; with the problem if it is not UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        message = "the file is UTF-16, not UTF-8"
        return "", Problem("json", message, "Save it as UTF-8.", "", beginning_of(file))
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode(), None
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        location = Lines(before, file).location(len(before), len(before))
        message = f"the byte 0x{data[error.start]:02x} is not UTF-8"
        return "", Problem("json", message, "Save the file as UTF-8.", "", location)
