"""Importing assets into a running Kibana through its saved-objects API."""

from dataclasses import dataclass
from pathlib import Path
from ssl import create_default_context
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from pipeline.errors import IndexUnavailable, SettingsError, UsageError

_NAMED_ERRORS = 5


@dataclass(frozen=True, slots=True)
class Pushed:
    """What Kibana has imported.

    Attributes:
        imported: type and id of each object.
        overwritten: those that replaced an older one.
    """

    imported: tuple[tuple[str, str], ...]
    overwritten: tuple[tuple[str, str], ...]


def push(
    url: str,
    ndjson: str,
    *,
    space: str | None = None,
    api_key: str | None = None,
    user: tuple[str, str] | None = None,
    ca: Path | None = None,
    seconds: float = 60.0,
) -> Pushed:
    """Import ``ndjson`` (see ``to_ndjson``), overwriting what is there under the same ids. Doing it twice is harmless.

    Args:
        ndjson: the objects, one per line.
        url: Kibana's address with its base path, ``https://kibana:5601/base``; ``user:password@`` in it is used.
        space: the Kibana space, the default one unless given.
        api_key: an encoded Elasticsearch API key; wins over ``user`` and the address's own.
        user: name and password.
        ca: a PEM file with a private authority's certificate.
        seconds: how long to wait for an answer.

    Raises:
        SettingsError: the address, the credentials or the authority file are no good.
        UsageError: Kibana refuses the request or some of the objects; each is named with Kibana's reason.
        IndexUnavailable: Kibana does not answer, is still starting, or fails.
    """
    address, own_user = _address(url, space)
    headers = {"kbn-xsrf": "wirewatch"}  # Kibana refuses writes without this header, whatever its value
    if api_key is not None:
        headers["Authorization"] = f"ApiKey {api_key}"
    auth = httpx.USE_CLIENT_DEFAULT if api_key is not None else user or own_user or httpx.USE_CLIENT_DEFAULT
    files = {"file": ("wirewatch.ndjson", ndjson.encode(), "application/ndjson")}
    try:
        with httpx.Client(verify=_verification(ca), timeout=seconds, trust_env=False) as client:
            reply = client.post(address, params={"overwrite": "true"}, headers=headers, auth=auth, files=files)
    except httpx.HTTPError as error:
        raise IndexUnavailable(f"Kibana at {address} does not answer: {error or type(error).__name__}") from error
    return _pushed(_checked_answer(reply, address), address)


def _address(url: str, space: str | None) -> tuple[str, tuple[str, str] | None]:
    """The import's address without credentials, and the credentials that ``url`` carries."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError("Kibana's address must be like https://host:5601")
    parsed = httpx.URL(url)
    own_user = (parsed.username, parsed.password) if parsed.username else None
    base = f"{parts.scheme}://{parsed.netloc.decode()}{parts.path.rstrip('/')}"
    within = f"/s/{quote(space, safe='')}" if space else ""
    return f"{base}{within}/api/saved_objects/_import", own_user


def _verification(ca: Path | None) -> Any:
    if ca is None:
        return True
    try:
        return create_default_context(cafile=ca)
    except OSError as error:  # ssl.SSLError is one too
        raise SettingsError(f"{ca} cannot be used as an authority's certificate: {error}") from error


def _checked_answer(reply: httpx.Response, address: str) -> dict[str, Any]:
    """The answer of a request that Kibana carried out."""
    if reply.status_code in (401, 403):
        raise SettingsError(
            f"Kibana at {address} refuses the credentials ({reply.status_code}): {_words(reply)}. The account needs "
            "the right to manage saved objects (the built-in role kibana_admin has it)"
        )
    if reply.status_code == 404:
        raise SettingsError(f"there is no Kibana at {address} (404): {_words(reply)}; check its base path")
    if reply.status_code == 429 or reply.status_code >= 500:
        raise IndexUnavailable(f"Kibana at {address} cannot import now ({reply.status_code}): {_words(reply)}")
    if reply.status_code != 200:
        raise UsageError(f"Kibana at {address} refuses the assets ({reply.status_code}): {_words(reply)}")
    try:
        answer = reply.json()
    except ValueError as error:
        raise IndexUnavailable(f"what answers at {address} is not Kibana: {_words(reply)}") from error
    if not isinstance(answer, dict) or "success" not in answer:
        raise IndexUnavailable(f"what answers at {address} is not Kibana: {_words(reply)}")
    return answer


def _pushed(answer: dict[str, Any], address: str) -> Pushed:
    if not answer["success"]:
        errors = [_problem(error) for error in answer.get("errors", [])]
        more = f"; and {len(errors) - _NAMED_ERRORS} more" if len(errors) > _NAMED_ERRORS else ""
        raise UsageError(
            f"Kibana at {address} imported {answer.get('successCount', 0)} objects and refused {len(errors)}: "
            f"{'; '.join(errors[:_NAMED_ERRORS])}{more}"
        )
    results = answer.get("successResults", [])
    return Pushed(
        imported=tuple((result["type"], result["id"]) for result in results),
        overwritten=tuple((result["type"], result["id"]) for result in results if result.get("overwrite")),
    )


def _problem(error: dict[str, Any]) -> str:
    detail = error.get("error", {})
    missing = [f"{reference['type']} {reference['id']}" for reference in detail.get("references", [])]
    reason = detail.get("message") or " ".join([str(detail.get("type", "unknown")), *missing])
    return f"{error.get('type')} {error.get('id')}: {reason}"


def _words(reply: httpx.Response) -> str:
    """What a reply says, short enough for a message."""
    try:
        content = reply.json()
    except ValueError:
        content = None
    text = content.get("message") if isinstance(content, dict) else None
    return " ".join(str(text or reply.text or reply.reason_phrase).split())[:300]
