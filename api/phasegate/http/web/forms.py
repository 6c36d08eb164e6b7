"""Forms that pages post: read strictly, and only from our own pages."""

import hmac
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from litestar import Request

from phasegate.errors import Forbidden, Malformed, TooLarge, Unsupported
from phasegate.http.services import services
from phasegate.http.web.visitors import Look

_LARGEST = 64 * 1024
_MOST_FIELDS = 200
_FORM = "application/x-www-form-urlencoded"


class Form:
    """What was filled in."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self._fields = fields

    def one(self, name: str) -> str:
        """The value of a field; empty where it was not sent. Raises `Malformed` where it was sent twice."""
        found = self.all(name)
        if len(found) > 1:
            raise Malformed(f"the form has the field {name} twice")
        return found[0] if found else ""

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field, line ends as `\\n`."""
        return tuple(value.replace("\r\n", "\n") for key, value in self._fields if key == name)


async def read_form(request: Look) -> Form:
    """The form of a page of this session. Raises `Forbidden` for one from anywhere else."""
    refuse_other_origins(request)
    if request.content_type[0] != _FORM:
        raise Unsupported(f"send {_FORM}")
    raw = await request.body()
    if len(raw) > _LARGEST:
        raise TooLarge(f"a form has at most {_LARGEST} bytes")
    try:
        text = raw.decode("ascii")
        fields = parse_qsl(
            text, keep_blank_values=True, strict_parsing=bool(text), errors="strict", max_num_fields=_MOST_FIELDS
        )
        if any("\0" in each for field in fields for each in field):
            raise ValueError("a character that PostgreSQL can't keep")
    except ValueError:
        raise Malformed("the form can't be read") from None
    form = Form(fields)
    if not hmac.compare_digest(form.one("form_token").encode(), request.user.shown.form_token.encode()):
        raise Forbidden("the form is not from this session; go back, reload the page and send it again")
    return form


def refuse_other_origins(request: Request[Any, Any, Any]) -> None:
    """Raise `Forbidden` unless the browser says that a page of this server sent it."""
    ours = urlsplit(services(request).settings.public_url)
    origin = request.headers.get("origin")
    if origin is None:
        if request.headers.get("sec-fetch-site") == "same-origin":
            return
        raise Forbidden("the form says not which page it comes from; send it from a page of this server")
    if origin != f"{ours.scheme}://{ours.netloc}":
        raise Forbidden(
            f"the form comes from another address than this server's, {ours.scheme}://{ours.netloc}; "
            "open the page there (an administrator sets the address with PHASEGATE_PUBLIC_URL)"
        )
