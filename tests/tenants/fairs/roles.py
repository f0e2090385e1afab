"""Who there is in fairs."""

from app.platform.registry import Role, Words

ORGANISER = "fairs.organiser"
TEACHER = "fairs.teacher"
STUDENT = "fairs.student"
DISTRICT_ADMIN = "fairs.district_admin"
CITY_ADMIN = "fairs.city_admin"

ROLES = (
    Role(
        ORGANISER,
        Words("组织者", "Organiser"),
        permissions=frozenset({"f.application.start"}),
        chosen_by_oneself=True,
        about=Words("在本区县举办集市。", "Holds fairs in a district."),
    ),
    Role(
        TEACHER,
        Words("教师", "Teacher"),
        chosen_by_oneself=True,
        about=Words("带学生参加集市。", "Brings pupils to fairs."),
    ),
    Role(
        STUDENT,
        Words("学生", "Student"),
        chosen_by_oneself=True,
        about=Words("参加集市。", "Takes part in fairs."),
    ),
    Role(
        DISTRICT_ADMIN,
        Words("区县管理员", "District administrator"),
        place="region",
        subject="fairs.project",
        permissions=frozenset({"f.fair.manage"}),
    ),
    Role(
        CITY_ADMIN,
        Words("市级管理员", "City administrator"),
        place="region",
        reach="below",
        permissions=frozenset({"f.application.review"}),
    ),
)
