"""People from the command line: the first accounts, their posts, and tokens for programs, without any page."""

from __future__ import annotations

from datetime import timedelta

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from app.platform import settings
from app.platform.identity import accounts, posts, regions, tokens, units
from app.platform.identity.messages import Refusal
from app.platform.personnel import second_factors
from app.platform.registry import house
from app.rooms.web import acting

BY = "command line"  # who the audit names: whoever may run commands here

person = AppGroup("person", help="People and their accounts.")
token = AppGroup("token", help="Tokens with which programs come in.")


def attach(app: Flask) -> None:
    """Give `app` the commands of this file."""
    for command in (person, token, grant):
        app.cli.add_command(command)


@person.command("create")
@click.argument("username")
@click.option("--name", required=True, help="The person's own name.")
def create_person(username: str, name: str) -> None:
    """Make a person with an account; print a first password, once. It holds for 72 hours and must be changed."""
    try:
        _, password = accounts.create(acting.session(), username, name.strip(), None, acting.now())
    except Refusal as refusal:
        raise _spoken(refusal) from refusal
    click.echo(f"username: {username}\npassword: {password}")


@person.command("reset-factor")
@click.argument("username")
def reset_factor(username: str) -> None:
    """Take the second factor of USERNAME away, when no administrator is left who could; all his sessions end."""
    try:
        second_factors.reset(acting.session(), _person(username), BY, acting.now())
    except Refusal as refusal:
        raise _spoken(refusal) from refusal
    click.echo("reset")


@click.command()
@click.argument("username")
@click.argument("role")
@click.argument("place", default="")
@click.option("--subject", default=None, help="For what alone the role is held; without it for everything.")
@with_appcontext
def grant(username: str, role: str, place: str, subject: str | None) -> None:
    """Give USERNAME the ROLE at PLACE (a region's code or a unit's id; without it everywhere)."""
    session = acting.session()
    settings.catch_up(session)
    if role not in house.roles:
        raise click.ClickException(f"no role {role!r}; there are: {', '.join(sorted(house.roles))}")
    try:
        posts.grant(session, _person(username), role, _path(place), subject, acting.now(), BY)
    except Refusal as refusal:
        raise _spoken(refusal) from refusal
    click.echo(f"{username}: {house.roles[role].title.en} ({role}){' at ' + place if place else ''}")


@token.command("create")
@click.argument("username")
@click.option("--name", default="", help="What the token is for.")
@click.option("--days", type=click.IntRange(1, 3650), default=None, help="How long it holds; without end.")
def create_token(username: str, name: str, days: int | None) -> None:
    """Make a token for USERNAME and print it, once: only its hash is kept."""
    lasts = timedelta(days=days) if days else None
    try:
        _, secret = tokens.create(acting.session(), _person(username), name, lasts, BY, acting.now())
    except Refusal as refusal:
        raise _spoken(refusal) from refusal
    click.echo(secret)


@token.command("list")
@click.argument("username", required=False)
def list_tokens(username: str | None) -> None:
    """List the tokens of USERNAME, or of everybody: id, user name, name, made, until, last seen, state."""
    session, now = acting.session(), acting.now()
    owner = _person(username) if username else None
    for one in tokens.of(session, owner):
        facts = accounts.get(session, one.person)
        moments = (
            f"{at:%Y-%m-%d %H:%M}Z" if at else "-" for at in (one.created_at, one.until_at, one.seen_at)
        )
        state = "valid" if one.holds(now) else "revoked" if one.revoked_at else "expired"
        click.echo("\t".join((one.id, facts.username if facts else "", one.name or "-", *moments, state)))


@token.command("revoke")
@click.argument("token")
def revoke_token(token: str) -> None:
    """End the token with this id at once."""
    try:
        tokens.revoke(acting.session(), token, BY, acting.now())
    except Refusal as refusal:
        raise _spoken(refusal) from refusal
    click.echo("revoked")


def _person(username: str) -> str:
    found = accounts.by_username(acting.session(), username)
    if found is None:
        raise click.ClickException(f"no account {username!r}")
    return found


def _path(place: str) -> str:
    """The path of a region's code, or of a unit's id."""
    if not place:
        return ""
    unit = units.get(acting.session(), place)
    return unit.path if unit else regions.path_of(acting.session(), place)


def _spoken(refusal: Refusal) -> click.ClickException:
    return click.ClickException(f"{refusal.message('en')}（{refusal.message('zh')}）")
