"""A small OpenID Connect provider that answers on a port, and lies on request."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

KEY = RSAKey.generate_key(2048, {"kid": "one"})
CLIENT, SECRET = "chengpi", "a secret: with signs"


class TestProvider:
    """`subject` is who is signed in there. `claims`, `alg`, `key`, `down`, `issuer_said` are its lies."""

    __test__ = False

    def __init__(self) -> None:
        self.subject = "u-1001"
        self.now = 0.0
        self.claims: dict[str, Any] = {}
        self.alg = "RS256"
        self.key = self.signing = KEY
        self.down: int | None = None
        self.issuer_said: str | None = None
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.url = ""

    def authorize(self, query: dict[str, str]) -> str:
        code = secrets.token_urlsafe(16)
        self.codes[code] = {**query, "sub": self.subject}
        return (
            f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state'], 'iss': self.url})}"
        )

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form.get("code", ""), None)  # each once
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        right = (
            asked is not None
            and pair == f"{CLIENT}:a%20secret%3A%20with%20signs"
            and asked["redirect_uri"] == form.get("redirect_uri")
            and asked["code_challenge"] == challenge.decode().rstrip("=")
        )
        if not right or asked is None:
            return 400, {"error": "invalid_grant"}
        claims = {
            "iss": self.url,
            "sub": asked["sub"],
            "aud": CLIENT,
            "iat": int(self.now),
            "exp": int(self.now) + 300,
            "nonce": asked["nonce"],
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.signed(claims)}

    def signed(self, claims: dict[str, Any]) -> str:
        if self.alg == "none":
            parts = [json.dumps({"alg": "none"}), json.dumps(claims)]
            return (
                ".".join(base64.urlsafe_b64encode(one.encode()).decode().rstrip("=") for one in parts) + "."
            )
        if self.alg == "HS256":  # with the public key for a secret
            head = {"alg": "HS256", "kid": "one"}
            parts = [
                base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=")
                for one in (head, claims)
            ]
            body = ".".join(parts)
            mac = hmac.digest(self.key.as_pem(private=False), body.encode(), "sha256")
            return f"{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
        return jwt.encode({"alg": self.alg, "kid": self.signing.kid}, claims, self.signing)

    def answer(self, path: str) -> dict[str, Any] | None:
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer_said or self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
            }
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False, use="sig", alg="RS256")]}
        return None


@contextmanager
def provider() -> Iterator[TestProvider]:
    """Serve one on a free port of this machine."""
    made = TestProvider()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_given: Any) -> None:
            pass

        def do_GET(self) -> None:
            made.asked.append(self.path)
            parts = urlsplit(self.path)
            if made.down:
                self.give(made.down, {})
            elif parts.path == "/authorize":
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("Location", made.authorize(query))
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                found = made.answer(parts.path)
                self.give(200 if found else 404, found or {})

        def do_POST(self) -> None:
            made.asked.append(self.path)
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            given = {name: values[0] for name, values in form.items()}
            status, found = made.token(given, self.headers.get("Authorization", ""))
            self.give(made.down or status, found)

        def give(self, status: int, found: dict[str, Any]) -> None:
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
