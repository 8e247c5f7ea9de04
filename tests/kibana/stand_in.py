"""A stand-in for Kibana's import of saved objects: it checks a request in Kibana's order and with Kibana's answers.

kibana = KibanaStandIn(user=("editor", "secret"))
http.route("/api/saved_objects/_import", kibana.answer)
...
kibana.objects["dashboard", "wire-news"]
"""

import base64
import json
from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from tests.kibana import kibana_types
from tests.servers.http import Reply, Request

_PARAMETERS = {"overwrite", "createNewCopies", "compatibilityMode"}
_CHECKED_REFERENCES = {"index-pattern", "search"}  # Kibana lets references to other types dangle


class _Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class KibanaStandIn:
    """Holds what was imported, by type and id.

    Args:
        user: who may import, by name and password; everybody else is unknown.
        api_key: likewise, by encoded key.
    """

    def __init__(self, *, user: tuple[str, str] | None = None, api_key: str | None = None) -> None:
        self.objects: dict[tuple[str, str], Mapping[str, Any]] = {}
        self._allowed = set()
        if user is not None:
            self._allowed.add("Basic " + base64.b64encode(":".join(user).encode()).decode())
        if api_key is not None:
            self._allowed.add(f"ApiKey {api_key}")

    def answer(self, request: Request) -> Reply:
        """Kibana's answer to a request for /api/saved_objects/_import."""
        try:
            return _reply(200, self._import(request))
        except _Refused as refusal:
            return _reply(refusal.status, {"statusCode": refusal.status, "error": "Error", "message": str(refusal)})

    def _import(self, request: Request) -> dict[str, Any]:
        if request.method != "POST":
            raise _Refused(404, "Not Found")
        if "kbn-xsrf" not in request.headers:
            raise _Refused(400, "Request must contain a kbn-xsrf header.")
        if self._allowed and request.headers.get("authorization") not in self._allowed:
            raise _Refused(401, "[security_exception]: unable to authenticate user")
        parameters = dict(parse_qsl(request.query, keep_blank_values=True))
        if unknown := parameters.keys() - _PARAMETERS:
            raise _Refused(400, f"[request query.{min(unknown)}]: definition for this key is missing")
        if wrong := [name for name, value in parameters.items() if value not in ("true", "false")]:
            raise _Refused(400, f"[request query.{wrong[0]}]: expected value of type [boolean] but got [string]")
        return self._take(_lines(_file(request)), overwrite=parameters.get("overwrite") == "true")

    def _take(self, objects: list[dict[str, Any]], *, overwrite: bool) -> dict[str, Any]:
        keys = [(asset["type"], asset["id"]) for asset in objects]
        if len(set(keys)) < len(keys):
            raise _Refused(400, "Non-unique import objects detected")
        errors, results = [], []
        for key, asset in zip(keys, objects, strict=True):
            error = self._error(asset, {*keys, *self.objects}, overwrite)
            entry = {"type": key[0], "id": key[1], "meta": {"title": asset["attributes"].get("title")}}
            if error is not None:
                errors.append({**entry, "error": error})
                continue
            results.append({**entry, "managed": False, **({"overwrite": True} if key in self.objects else {})})
        if not errors:
            self.objects.update(zip(keys, objects, strict=True))
        answer: dict[str, Any] = {"success": not errors, "successCount": len(results), "successResults": results}
        return {**answer, "errors": errors} if errors else answer

    def _error(self, asset: dict[str, Any], known: set[tuple[str, str]], overwrite: bool) -> dict[str, Any] | None:
        key = (asset["type"], asset["id"])
        if asset["type"] not in kibana_types.NEWEST_VERSIONS:
            return {"type": "unsupported_type"}
        missing = [
            {"type": reference["type"], "id": reference["id"]}
            for reference in asset.get("references", [])
            if reference["type"] in _CHECKED_REFERENCES and (reference["type"], reference["id"]) not in known
        ]
        if missing:
            return {"type": "missing_references", "references": missing}
        if problems := kibana_types.problems(asset):
            return {"type": "unknown", "message": problems[0], "statusCode": 400}
        if key in self.objects and not overwrite:
            return {"type": "conflict"}
        return None


def _file(request: Request) -> bytes:
    """The uploaded file of a multipart request."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        raise _Refused(415, "Unsupported Media Type")
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + request.body)
    parts = {part.get_param("name", header="content-disposition"): part for part in message.iter_parts()}
    if set(parts) != {"file"}:
        raise _Refused(400, "[request body.file]: expected value of type [Stream] but got [undefined]")
    name = parts["file"].get_filename() or ""
    extension = name[name.rfind(".") :].lower() if "." in name else ""
    if extension != ".ndjson":
        raise _Refused(400, f"Invalid file extension {extension}")
    content = parts["file"].get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def _lines(content: bytes) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in content.decode().splitlines() if line]
    except ValueError as error:
        raise _Refused(400, f"Unexpected token in JSON: {error}") from error


def _reply(status: int, content: Mapping[str, Any]) -> Reply:
    return Reply(status=status, body=json.dumps(content), content_type="application/json; charset=utf-8")
