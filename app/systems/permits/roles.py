"""Who there is in permits, and what each may do (P-01…P-05)."""

from app.platform.registry import Role, Words

ORGANISER = "permits.organiser"
TEACHER = "permits.teacher"
STUDENT = "permits.student"
DISTRICT_ADMIN = "permits.district_admin"
CITY_ADMIN = "permits.city_admin"
IDENTITIES = (ORGANISER, TEACHER, STUDENT)

ROLES = (
    Role(
        ORGANISER,
        Words("组织者", "Organiser"),
        permissions=frozenset({"p.centre.view", "p.permission.apply", "p.profile.edit"}),
        chosen_by_oneself=True,
        about=Words(
            "组织本区县的竞赛活动，申请工作管理权限、审查申报材料。",
            "Runs competitions in a district: applies for management, reviews declarations.",
        ),
    ),
    Role(
        TEACHER,
        Words("教师", "Teacher"),
        permissions=frozenset({"p.centre.view", "p.profile.edit", "p.declaration.fill"}),
        chosen_by_oneself=True,
        about=Words("带队参赛，填写并提交本队的申报材料。", "Leads teams and files their declarations."),
    ),
    Role(
        STUDENT,
        Words("学生", "Student"),
        permissions=frozenset({"p.centre.view", "p.profile.edit", "p.participation.view"}),
        chosen_by_oneself=True,
        about=Words("查看本人的参赛信息和结果。", "Sees own entries and results."),
    ),
    Role(
        DISTRICT_ADMIN,
        Words("区县管理员", "District administrator"),
        place="region",
        subject="permits.project",
        permissions=frozenset({"p.centre.view", "p.project.manage", "p.code.issue"}),
    ),
    Role(
        CITY_ADMIN,
        Words("市级管理员", "City administrator"),
        place="region",
        reach="below",
        permissions=frozenset(
            {
                "p.permission.review",
                "p.identity.change",
                "p.project.edit",
                "p.code.issue",
                "p.declaration.review",
                "p.summary.view",
            }
        ),
    ),
)
