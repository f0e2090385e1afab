"""Signing in at another house (OpenID Connect): code flow with PKCE, state and nonce; its keys and its word checked.

Authlib (the extra `sso`) says what an ID token must look like, joserfc whether it is signed. Requests go to the issuer
that the operator has configured and nowhere else: no redirect is followed, an answer is small and comes soon.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import secrets
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, ClassVar, Final
from urllib.parse import quote, urlencode, urlsplit

from app.platform.registry import Words

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "ES256",
    "ES384",
    "EdDSA",
)  # never none, nor a shared secret
LEEWAY: Final = 60  # seconds our clocks may differ
LASTS: Final = timedelta(minutes=10)
LONGEST_SUBJECT: Final = 200
_PATIENCE: Final = 5  # seconds
_LARGEST: Final = 256 * 1024
_KNOWN_FOR: Final = 3600  # seconds its addresses and keys are remembered
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Provider:
    """The house that vouches for people, as the operator has configured it. Plain http only on this machine."""

    issuer: str
    client_id: str
    client_secret: str
    title: Words = Words("统一身份认证", "Single sign-on")

    def __post_init__(self) -> None:
        if not _is_address(self.issuer) or urlsplit(self.issuer).query or not self.client_id:
            raise ValueError("the issuer is https://…, and there is a client id")


@dataclass(frozen=True, slots=True)
class Flow:
    """One way there and back: what the browser keeps until it returns."""

    state: str
    nonce: str
    verifier: str


class Away(Exception):
    """The provider does not answer, or not as a provider does."""


class Untrusted(Exception):
    """The provider's answer proves nothing. `code`: why, for the record."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Known:
    """What this process remembers of providers: `{url: (when, what)}`."""

    answers: ClassVar[dict[str, tuple[float, dict[str, Any]]]] = {}


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_given: Any) -> None:
        return None


def is_installed() -> bool:
    """Whether the extra `sso` is there."""
    return importlib.util.find_spec("authlib") is not None and importlib.util.find_spec("joserfc") is not None


def new_flow() -> Flow:
    """Draw what ties an answer to this browser, to this try, and to whoever redeems the code."""
    return Flow(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))


def address(provider: Provider, flow: Flow, back: str) -> str:
    """Return where the browser is sent. `back` is our own return address. Raises `Away`."""
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": "openid",
        "state": flow.state,
        "nonce": flow.nonce,
        "code_challenge": create_s256_code_challenge(flow.verifier),
        "code_challenge_method": "S256",
    }
    there = _endpoint(provider, "authorization_endpoint")
    return f"{there}{'&' if '?' in there else '?'}{urlencode(asked)}"


def redeem(provider: Provider, flow: Flow, code: str, back: str, now: datetime) -> str:
    """Change a code for an ID token and return whose it is (`sub`). Raises `Away`, `Untrusted`."""
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "client_id": provider.client_id,
        "code_verifier": flow.verifier,
    }
    headers = {}
    ways = _metadata(provider).get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if "client_secret_basic" in ways:
        pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    else:
        asked["client_secret"] = provider.client_secret
    answer = _ask(_endpoint(provider, "token_endpoint"), urlencode(asked).encode(), headers)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise Untrusted("no_id_token")
    return _subject(provider, flow, token, answer.get("access_token"), now)


def _subject(provider: Provider, flow: Flow, token: str, access_token: Any, now: datetime) -> str:
    from authlib.oidc.core import CodeIDToken
    from joserfc.errors import JoseError

    try:
        found = _opened(provider, token)
    except (JoseError, ValueError) as error:
        raise Untrusted("signature") from error
    claims = CodeIDToken(
        found.claims,
        found.header,
        options={
            "iss": {"essential": True, "value": provider.issuer},
            "aud": {"essential": True, "value": provider.client_id},
        },
        params={"nonce": flow.nonce, "client_id": provider.client_id, "access_token": access_token},
    )
    try:
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    except (JoseError, TypeError, ValueError) as error:
        raise Untrusted(str(getattr(error, "error", "claims"))) from error
    subject = found.claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or "\0" in subject:
        raise Untrusted("sub")
    return subject


def _opened(provider: Provider, token: str) -> Any:
    """The token, if a key of the provider has signed it; keys are asked for anew once, should they have changed."""
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    url = _endpoint(provider, "jwks_uri")
    for last in (False, True):
        fresh = last or url not in _Known.answers
        try:
            keys = KeySet.import_key_set(_remembered(url, anew=last))  # type: ignore[arg-type]
            return jwt.decode(token, keys, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            if fresh:
                raise
    raise AssertionError


def _metadata(provider: Provider) -> dict[str, Any]:
    found = _remembered(provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise Away("the configuration names another issuer")
    return found


def _endpoint(provider: Provider, name: str) -> str:
    url = _metadata(provider).get(name)
    if not isinstance(url, str) or not _is_address(url):
        raise Away(f"no {name}")
    return url


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    clean = url.isascii() and url.isprintable() and " " not in url and "@" not in parts.netloc
    plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
    return clean and bool(parts.hostname) and not parts.fragment and (parts.scheme == "https" or plain)


def _remembered(url: str, *, anew: bool = False) -> dict[str, Any]:
    known = _Known.answers.get(url)
    if known is None or anew or monotonic() - known[0] > _KNOWN_FOR:
        known = _Known.answers[url] = (monotonic(), _ask(url))
    return known[1]


def _ask(url: str, data: bytes | None = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
    asked = urllib.request.Request(url, data, {"Accept": "application/json", **(headers or {})})
    try:
        with urllib.request.build_opener(_Stay).open(asked, timeout=_PATIENCE) as answer:
            found = json.loads(answer.read(_LARGEST))
    except urllib.error.HTTPError as error:
        error.close()
        if data is not None and error.code in (400, 401):
            raise Untrusted("code_refused") from error
        raise Away(f"answers {error.code}") from error
    except (OSError, ValueError) as error:
        raise Away("does not answer") from error
    if not isinstance(found, dict):
        raise Away("answers nonsense")
    return found


def forget() -> None:
    """Remember nothing of any provider. For tests."""
    _Known.answers.clear()
