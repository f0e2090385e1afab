"""Identity selection (身份选择): a system offers roles that people take by themselves."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import transaction
from app.platform.identity import posts
from app.platform.identity.messages import Refusal
from app.platform.registry import Acting, Role, house


def offered(system: str) -> tuple[Role, ...]:
    """Return the identities a system lets people choose from (P-02)."""
    lease = house.systems.get(system)
    return tuple(role for role in lease.roles if role.chosen_by_oneself) if lease else ()


def chosen(by: Acting, system: str) -> Role | None:
    """Return the identity somebody has in a system, or None."""
    held = {post.role for post in by.posts}
    return next((role for role in offered(system) if role.key in held), None)


def is_given_a_role(by: Acting, system: str) -> bool:
    """Say whether somebody holds a role of a system that others gave him, and none that people choose."""
    lease = house.systems.get(system)
    own = {role.key for role in lease.roles} if lease else set()
    return chosen(by, system) is None and any(post.role in own for post in by.posts)


def choose(session: Session, by: Acting, system: str, role: str, now: datetime, settled: bool = True) -> str:
    """Take an identity of `system`; return the post.

    Choosing the same again changes nothing. Another one is refused with `identity_fixed`, unless the system
    says that nothing hangs on it yet (`settled=False`, P-05).
    """
    return change(session, by.person, system, role, by, now, settled=settled)


def change(
    session: Session,
    person: str,
    system: str,
    role: str,
    by: Acting | str | None,
    now: datetime,
    settled: bool = False,
) -> str:
    """Change somebody's identity: the old post ends. The caller has asked whether `by` may."""
    identities = {offer.key for offer in offered(system)}
    if role not in identities:
        raise Refusal("identity_not_open", "role")
    with transaction(session):
        posts.lock(session, person)
        held = [post for post in posts.of(session, person, now) if post.role in identities]
        if settled and any(post.role != role for post in held):
            raise Refusal("identity_fixed", "role")
        for post in held:
            if post.role != role:
                posts.end(session, post.id, now, by)
        kept = next((post.id for post in held if post.role == role), None)
        if kept is not None:
            return kept
        body = {"system": system, "role": role}
        audit.log(session, "identity", "identity.chosen", by, now, body, f"person:{person}")
        return posts.grant(session, person, role, "", None, now, by)
