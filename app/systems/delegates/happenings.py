"""What the kinds of rows are called that delegates writes into the record."""

from collections.abc import Mapping
from typing import Final

from app.platform.registry import Words

HAPPENINGS: Final[Mapping[str, Words]] = {
    "congress.made": Words("新建大会", "Made a congress"),
    "congress.changed": Words("修改大会信息", "Changed a congress"),
    "congress.cloned": Words("由上一届复制", "Copied from the term before"),
    "congress.published": Words("发布大会", "Published a congress"),
    "congress.ended": Words("大会结束", "The congress ended"),
    "unit.invited": Words("邀请单位", "Invited units"),
    "unit.removed": Words("移出单位", "Took a unit out"),
    "liaison.changed": Words("变更联络员", "Changed a liaison"),
    "quota.changed": Words("修改名额", "Changed quotas"),
    "forms.exported": Words("导出登记表", "Exported registration forms"),
    "invitations.taken_back": Words("撤销导入的受邀单位", "Took imported units back"),
}
