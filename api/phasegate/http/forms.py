"""`multipart/form-data`: a tool's files, and what is said about them in fields beside.

Everything in a form is untrusted: sizes and numbers of parts and headers are bounded, a file's name is words for a
message and never a path, and what a part says of its own encoding is refused rather than guessed at.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser

from phasegate.adapters.merging.together import File
from phasegate.errors import Invalid, Malformed, Unsupported

MEDIA_TYPE = "multipart/form-data"
MOST_PARTS = 100
_MOST_HEADERS = 8
_LONGEST_HEADER = 4_096
_LONGEST_FIELD = 16_000
"""Bytes; a context value has at most 4,000 characters."""
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_FIELDS = ("type", "format", "collected_at", "exit_code")
_AS_IT_IS = ("7bit", "8bit", "binary")


class Form(NamedTuple):
    files: tuple[File, ...]
    """In the order in which they came; never empty."""
    media_types: tuple[str, ...]
    """What each file is called by its sender."""
    fields: dict[str, str]
    boundary: str

    def stated_beside(self, query: Mapping[str, str]) -> dict[str, str]:
        """The fields. Raises `Invalid` where the query says the same."""
        if doubled := sorted(self.fields.keys() & query.keys()):
            raise Invalid.at(doubled[0], "stands in the query and in the form; say it once")
        return self.fields

    def kept(self, body: bytes) -> tuple[bytes, str, tuple[File, ...]]:
        """What is kept as received, its media type, and the files in it.

        A form of one file is that file. Of several the whole body is kept, byte for byte, with the boundary that takes
        it apart.
        """
        if len(self.files) == 1:
            return self.files[0].raw, self.media_types[0], ()
        return body, f'{MEDIA_TYPE}; boundary="{self.boundary}"', self.files


def read_form(media_type: str, parameters: Mapping[str, str], body: bytes) -> Form:
    """The form in a body. Raises `Unsupported`, `Malformed` or `Invalid`."""
    if media_type != MEDIA_TYPE:
        raise Unsupported(f"send several files as {MEDIA_TYPE}")
    boundary = parameters.get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise Malformed.at("Content-Type", "names no boundary of 1 to 70 characters that RFC 2046 allows")
    files: list[File] = []
    media_types: list[str] = []
    fields: dict[str, str] = {}
    for part, content in _parts(boundary, body):
        if part.filename is not None:
            files.append(File(part.filename or part.name or "", content))
            media_types.append(part.content_type or "")
        else:
            name = _field(part, fields)
            fields[name] = _text(name, content)
    if not files:
        raise Invalid.at("", "the form holds no file: give each one a filename, as in curl -F file=@report.xml")
    return Form(tuple(files), tuple(media_types), fields, boundary)


def _parts(boundary: str, body: bytes) -> list[tuple[MultipartSegment, bytes]]:
    end = f"\r\n--{boundary}--".encode()
    if not body.startswith(f"--{boundary}".encode()) or body.partition(end)[2].strip():  # which the parser passes over
        raise Malformed.at(
            "", f"the body is no {MEDIA_TYPE} of its boundary, or something stands before or behind the form"
        )
    found: list[tuple[MultipartSegment, bytearray]] = []
    try:
        with PushMultipartParser(
            boundary,
            content_length=len(body),
            max_header_size=_LONGEST_HEADER,
            max_header_count=_MOST_HEADERS,
            max_segment_count=MOST_PARTS,
            strict=True,
        ) as parser:
            for event in parser.parse(body):
                if isinstance(event, MultipartSegment):
                    _check_headers(event)
                    found.append((event, bytearray()))
                elif event:
                    found[-1][1].extend(event)
    except ParserLimitReached:
        told = f"{MOST_PARTS} parts, {_MOST_HEADERS} headers a part, {_LONGEST_HEADER:,} bytes a header"
        raise Malformed.at("", f"the form is past a limit: {told}") from None
    except MultipartError as error:
        raise Malformed.at("", f"the body is no {MEDIA_TYPE} of its boundary: {error.args[0]}") from None
    return [(part, bytes(content)) for part, content in found]


def _check_headers(part: MultipartSegment) -> None:
    names = [name for name, _ in part.headerlist]
    if len(set(names)) < len(names):
        raise Malformed.at("", "a part of the form has the same header twice")
    if part.header("Content-Transfer-Encoding", "binary").lower() not in _AS_IT_IS or part.header("Content-Encoding"):
        told = "a part of the form is encoded; send each file as it is, and compress the whole body instead"
        raise Malformed.at("", told)


def _field(part: MultipartSegment, before: Mapping[str, str]) -> str:
    name = part.name or ""
    if name not in _FIELDS and not name.startswith("context."):
        hint = "a file has a filename; fields are " + ", ".join((*_FIELDS, "context.KEY"))
        raise Invalid.at(name[:64], "is no field of the form", suggestion=hint)
    if name in before:
        raise Invalid.at(name[:64], "stands twice in the form")
    return name


def _text(name: str, content: bytes) -> str:
    if len(content) > _LONGEST_FIELD:
        raise Invalid.at(name[:64], f"is longer than {_LONGEST_FIELD:,} bytes; a file has a filename")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid.at(name[:64], "is not UTF-8") from None
