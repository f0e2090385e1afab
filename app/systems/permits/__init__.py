"""Permits: management of districts in competitions, applied for, reviewed and granted (邯郸青少年科技教育)."""

from app.platform.registry import MenuEntry, System, Words
from app.systems.permits.roles import ROLES

FOOTER = {
    "host": Words("市青少年科技教育主管部门", "Municipal office for youth science education"),
    "supporter": Words("市青少年科技中心", "Municipal youth science centre"),
    "mail": Words("service@example.org", "service@example.org"),
}
HAPPENINGS = {
    "project.made": Words("新建项目", "Made a project"),
    "project.changed": Words("修改项目", "Changed a project"),
    "project.opened": Words("启用项目", "Opened a project"),
    "project.closed": Words("关闭项目", "Closed a project"),
    "authorisation.issued": Words("发放申报授权码", "Issued authorisation codes"),
    "authorisation.revoked": Words("作废申报授权码", "Revoked an authorisation code"),
    "authorisation.taken_back": Words("撤销导入的授权码", "Took imported codes back"),
}

SYSTEM = System(
    key="permits",
    title=Words("青少年科技教育和科普活动服务平台", "Youth Science Education and Outreach"),
    roles=ROLES,
    menu=(
        MenuEntry(Words("管理中心", "Management centre"), "permits.centre", "p.centre.view"),
        MenuEntry(Words("申请工作管理权限", "Apply for management"), "permits.apply", "p.permission.apply"),
        MenuEntry(Words("基础建档", "Basic profile"), "permits.profile", "p.permission.apply"),
        MenuEntry(
            Words("权限审核", "Permission review"),
            "list:applications",
            "p.permission.review",
            "permits.review",
        ),
        MenuEntry(
            Words("活动管理", "Activities"),
            "permits.activities",
            "p.project.manage",
            "permits.district_review",
        ),
        MenuEntry(Words("我的申报", "My declarations"), "permits.declarations", "p.declaration.fill"),
        MenuEntry(Words("我的参赛", "My entries"), "permits.participations", "p.participation.view"),
        MenuEntry(Words("项目与区县", "Projects"), "permits.project_list", "p.project.edit"),
        MenuEntry(Words("申报授权", "Codes"), "permits.code_list", "p.code.issue"),
        MenuEntry(
            Words("市级审查", "City review"),
            "list:declarations",
            "p.declaration.review",
            "permits.city_review",
        ),
        MenuEntry(Words("汇总表", "Summaries"), "permits.summary_list", "p.summary.view", "permits.confirm"),
        MenuEntry(Words("身份管理", "Identities"), "list:people", "p.identity.change"),
    ),
    registers=True,
    first_page="portal.identity",
    settled="permits/identity_is_fixed",
    footer=FOOTER,
    happenings=HAPPENINGS,
    sends=frozenset(
        {
            "permits_declaration_submitted",
            "permits_review_done",
            "permits_summary_opened",
            "permits_summary_upload_deleted",
        }
    ),
)
