"""Who there is in delegates, and what each may do (2.2)."""

from app.platform.registry import Role, Words

CONVENER = "delegates.convener"
LIAISON = "delegates.liaison"
PARTICIPANT = "delegates.participant"
CANDIDATE = "delegates.candidate"

ROLES = (
    Role(
        CONVENER,
        Words("换届单位", "Convening unit"),
        place="unit",
        permissions=frozenset({"d.congress.edit", "d.person.decide", "d.person.view", "d.form.manage"}),
    ),
    Role(
        LIAISON,
        Words("选举单位联络员", "Unit liaison"),
        place="unit",
        permissions=frozenset(
            {"d.person.recommend", "d.person.review", "d.slate.report", "d.person.view", "d.form.manage"}
        ),
    ),
    Role(
        # Held for one candidate by the person recommended, and for all of a unit by its liaison, who may complete the
        # form as well (D-17, 2.8 answer 4).
        PARTICIPANT,
        Words("参会人员", "Participant"),
        place="unit",
        subject=CANDIDATE,
        permissions=frozenset({"d.form.fill"}),
    ),
)
