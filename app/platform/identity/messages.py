"""What identity answers when it says no: a code with parameters, and its sentence in both languages."""

from collections.abc import Mapping

from app.platform.registry import Words

MESSAGES: Mapping[str, Words] = {
    "captcha_wrong": Words(
        "验证码错误或已过期，请重新输入", "The captcha is wrong or has expired; please try again"
    ),
    "wrong_login": Words("账号或密码错误", "The account or the password is wrong"),
    "paused": Words(
        "登录失败次数过多，请{minutes}分钟后再试",
        "Too many failed attempts; please try again in {minutes} min",
    ),
    "paused_codes": Words(
        "验证码输错次数过多，请{minutes}分钟后再试；账号本身没有被锁定",
        "Too many wrong codes; please try again in {minutes} min. The account itself is not locked",
    ),
    "factor_wrong": Words(
        "动态验证码错误，请输入验证器上当前显示的6位数字",
        "The code is wrong; enter the 6 digits your authenticator shows now",
    ),
    "factor_wrong_new": Words(
        "动态验证码不符，请确认已扫描本页的二维码，并检查手机时间是否准确",
        "The code does not match: scan the QR code of this page, and check that the phone's time is right",
    ),
    "factor_used": Words(
        "该验证码已使用过，请等验证器显示下一个验证码后再输入（不超过30秒）",
        "This code was used already; wait for the next one in your authenticator (at most 30 seconds)",
    ),
    "clock_back": Words(
        "服务器时间早于您上次验证的时间，暂时无法核对验证码。请使用恢复码，或联系管理员检查服务器时间",
        "The server's clock is behind your last verification, so codes cannot be checked. "
        "Use a recovery code, or ask an administrator to check the server's clock",
    ),
    "factor_set": Words("两步验证已经开启", "The second factor is set up already"),
    "factor_not_begun": Words("请先开始设置两步验证", "Please begin setting the second factor up first"),
    "factor_missing": Words("尚未开启两步验证", "No second factor is set up"),
    "factor_needed": Words(
        "您担任的岗位必须使用两步验证，不能关闭", "A post you hold demands a second factor; it stays on"
    ),
    "recovery_wrong": Words(
        "恢复码错误或已使用过，请换一个", "The recovery code is wrong or was used already; try another one"
    ),
    "own_factor": Words(
        "不能重置本人的两步验证，请由其他管理员办理",
        "Nobody resets his own second factor; ask another administrator",
    ),
    "factor_not_yours": Words(
        "该人员持有您无权授予的岗位，请由有权授予其全部岗位的管理员办理",
        "This person holds posts you cannot give; ask an administrator who can give all of them",
    ),
    "not_linked": Words(
        "该统一身份账号尚未关联本平台账号，请先用密码登录，再到“我的账号”中关联",
        "This identity is not linked to an account here; sign in with your password and link it on your account page",
    ),
    "linked_elsewhere": Words(
        "该统一身份账号已关联其他人员", "This identity is linked to somebody else already"
    ),
    "account_disabled": Words("账号已被禁用", "This account has been disabled"),
    "password_expired": Words(
        "初始密码已过期，请联系管理员重置",
        "The initial password has expired; please ask an administrator for a new one",
    ),
    "account_exists": Words(
        "该账号已存在，已有账号则无需申请新账号",
        "This account exists already; whoever has an account needs no new one",
    ),
    "registration_closed": Words("该系统未开放注册", "This system is not open for registration"),
    "agreement_required": Words(
        "请先阅读并同意《用户协议》《隐私协议》",
        "Please read and accept the user and privacy agreements first",
    ),
    "username_bad": Words(
        "用户名为3至30个字符，可用文字、数字、下划线、短横线和点，不能全为数字",
        "A user name has 3 to 30 letters, digits, underscores, hyphens or dots, and is not all digits",
    ),
    "name_required": Words("请填写姓名", "Please enter a name"),
    "name_bad": Words(
        "请填写真实姓名：最多50个字，不能有数字和特殊符号",
        "Please enter a real name: at most 50 characters, no digits or signs",
    ),
    "phone_bad": Words("请填写正确的手机号码", "Please enter a valid mobile phone number"),
    "password_short": Words(
        "密码至少10位；或至少8位，且包含大写字母、小写字母、数字、符号中的三种",
        "A password has at least 10 characters, or 8 with three of: capitals, small letters, digits, signs",
    ),
    "password_long": Words("密码不能超过{limit}位", "A password has at most {limit} characters"),
    "password_personal": Words(
        "密码不能包含姓名、手机号码或用户名",
        "A password does not contain the name, phone number or user name",
    ),
    "password_common": Words(
        "该密码过于常见，请换一个", "This password is too common; please choose another one"
    ),
    "password_same": Words("新密码不能与原密码相同", "The new password must differ from the old one"),
    "password_unequal": Words("两次输入的密码不一致", "The two passwords differ"),
    "old_password_wrong": Words("原密码错误", "The old password is wrong"),
    "id_number_bad": Words(
        "身份证号码有误：须为18位，出生日期和校验码须正确",
        "The ID number is wrong: 18 characters with a true birth date and check digit",
    ),
    "email_bad": Words("请填写正确的电子邮箱", "Please enter a valid e-mail address"),
    "reason_needed": Words("请写明原因（2至200个字）", "Please give the reason (2 to 200 characters)"),
    "field_empty": Words("该人员没有登记这一项", "Nothing is kept here for this person"),
    "place_beyond": Words("所选单位或地区不在您的管辖范围内", "The chosen place lies outside your area"),
    "own_account": Words(
        "不能在这里处理本人的账号，请到“我的账号”办理，或请其他管理员办理",
        "Your own account is not kept here; see “My account”, or ask another administrator",
    ),
    "addresses_kept": Words(
        "手机号码和电子邮箱可用来取得该人员的密码；他的岗位超出您可授予的范围，请由本人或上级管理员修改",
        "Phones and e-mail lead to this person's password; some of the posts are not yours to give, so it is for "
        "the person or a higher administrator to change them",
    ),
    "no_address": Words(
        "没有可用的手机号码或电子邮箱，无法发送新密码；请由上级管理员办理",
        "There is no phone or e-mail to send a new password to; a higher administrator has to do it",
    ),
    "account_closed": Words(
        "该账号已注销，不能再使用", "This account is deregistered and cannot be used any more"
    ),
    "last_holder": Words(
        "该人员是最后一名{role}，请先让其他人担任该角色",
        "This is the last {role}; let somebody else hold the role first",
    ),
    "work_open": Words(
        "该人员还有{count}项指定给他或已由他签收的待办，请先移交",
        "{count} open tasks are assigned to or claimed by this person; hand them over first",
    ),
    "id_number_known": Words("已有人员使用该身份证号码", "Somebody with this ID number is known already"),
    "phone_known": Words("已有人员使用该手机号码", "Somebody with this phone is known already"),
    "username_taken": Words("该用户名已被使用，请换一个", "This user name is taken; please choose another"),
    "phone_taken": Words(
        "该手机号码已是他人的登录手机", "Somebody else signs in with this phone number already"
    ),
    "password_wrong": Words("密码错误", "The password is wrong"),
    "no_account": Words("该人员没有账号", "This person has no account"),
    "unknown_person": Words("没有该人员", "There is no such person"),
    "unknown_region": Words("没有该地区", "There is no such region"),
    "unknown_unit": Words("没有该单位", "There is no such unit"),
    "unknown_role": Words("没有该角色", "There is no such role"),
    "unknown_token": Words("没有该令牌", "There is no such token"),
    "unknown_post": Words("没有该任职", "There is no such post"),
    "own_post": Words(
        "不能给本人授予或撤销岗位，请由其他管理员办理",
        "Nobody gives himself a post or ends his own; ask another administrator",
    ),
    "not_yours": Words(
        "超出您的授权范围：只能在本人管辖区域内，授予本人持有或有权授予的角色",
        "Beyond your authority: you give only roles you hold or may give, within your own area",
    ),
    "post_held": Words(
        "该人员已有这一岗位（{name}授予，{at}起），没有重复授予",
        "This person has that post already (given by {name}, from {at}); it was not given twice",
    ),
    "post_ended": Words("该岗位已由{name}结束（{at}）", "{name} has ended this post already ({at})"),
    "beyond_term": Words(
        "期限不能超过您本人岗位的有效期（{until}）", "It cannot last longer than your own post ({until})"
    ),
    "post_over": Words("该岗位已经结束，不能修改期限", "This post is over; its dates stay as they are"),
    "post_begun": Words(
        "该岗位已经开始，开始日期不能修改", "This post has begun already; its first day stays as it is"
    ),
    "own_stand_in": Words(
        "不能指定您本人为代理人，请由其他管理员办理",
        "You cannot let yourself stand in; another administrator has to do it",
    ),
    "stand_in_elsewhere": Words(
        "找不到该代理人，或不在您的管辖范围内", "There is no such stand-in within your area"
    ),
    "stand_in_shut": Words(
        "代理人没有账号，或账号已停用，不能代理", "The stand-in has no account, or it is shut"
    ),
    "unknown_absence": Words("没有该代理记录", "There is no such absence"),
    "place_needed": Words("请选择任职单位或地区", "Please choose where the post is held"),
    "place_wrong": Words("该角色不能在此处任职", "This role is not held at such a place"),
    "subject_unknown": Words(
        "没有该授权事项，请重新选择", "There is no such subject; please choose another one"
    ),
    "subject_needed": Words("该角色须指定事项，请选择", "This role needs a subject; please choose one"),
    "dates_wrong": Words(
        "结束时间须晚于开始时间和现在", "The end must lie after the beginning and after now"
    ),
    "count_bad": Words("数量为1至{most}", "A batch has 1 to {most} codes"),
    "paused_tries": Words(
        "权限码输错次数过多，请{minutes}分钟后再试；登录不受影响",
        "Too many wrong codes; please try again in {minutes} min. Signing in is not affected",
    ),
    "batch_over": Words(
        "这批权限码已全部使用或撤销，没有可以延期的",
        "All codes of this batch are used or revoked: there is nothing to extend",
    ),
    "codes_gone": Words(
        "没有可以撤销的权限码：已被他人使用或撤销",
        "There is nothing to revoke: the codes were redeemed or revoked meanwhile",
    ),
    "until_shorter": Words(
        "新的有效期须晚于现在的有效期（{until}）", "The new day must lie after the present one ({until})"
    ),
    "until_beyond_post": Words(
        "权限码的有效期不能晚于岗位期限（{until}）", "A code cannot be redeemed after its post ends ({until})"
    ),
    "unknown_batch": Words("没有这批权限码", "There is no such batch of codes"),
    "code_unknown": Words(
        "权限码无效：请核对后重新输入；已使用、已撤销或已过期的不能再用，请向发放人询问",
        "This code is not valid: please check it; used, revoked or expired ones are worth nothing",
    ),
    "code_own": Words("不能使用本人发放的权限码", "Nobody redeems a code of his own"),
    "issuer_void": Words(
        "发放人现已无权授予该岗位，权限码作废，请向上级管理员申请新的权限码",
        "Its issuer may not give this post any more; please ask for another code",
    ),
    "separation": Words(
        "系统管理员、安全管理员和审计管理员不能由同一人担任",
        "System, security and audit administrator are never one person",
    ),
    "person_elsewhere": Words(
        "该人员在您管辖范围以外另有岗位，您只能查看",
        "This person also holds a post outside your area; you can only look",
    ),
    "person_higher": Words(
        "该人员持有您没有的管理权限，您不能修改其账号",
        "This person holds permissions you do not have; you cannot change the account",
    ),
    "own_leave": Words(
        "不能为本人办理离岗交接，请由其他管理员办理",
        "Nobody hands over for himself; ask another administrator",
    ),
    "region_exists": Words("该地区代码已存在", "This region code exists already"),
    "region_bad": Words(
        "地区代码为2至12位大写字母或数字", "A region code has 2 to 12 capital letters or digits"
    ),
    "region_locked": Words(
        "这是国家公布的行政区划，不能修改；只有本地增设的地区可以修改",
        "This region is published by the state and locked; only local regions can be changed",
    ),
    "region_own": Words(
        "这是您管辖的最高一级地区，请由上级管理员办理",
        "This is the highest region you look after; ask an administrator of the level above",
    ),
    "region_used": Words(
        "该地区已有下级、单位、人员、岗位或业务记录，不能删除，可以停用",
        "Something was placed in this region; it cannot be deleted, but it can be closed",
    ),
    "place_name": Words(
        "请填写名称，最多{limit}个字，不能有控制符", "Enter a name of at most {limit} characters"
    ),
    "place_elsewhere": Words("请在您的管辖范围内选择一个地点", "Please choose a place within your own area"),
    "place_closed": Words(
        "所在的地区或单位已停用，请先启用或另选", "The place is closed; reopen it or choose another one"
    ),
    "place_circular": Words(
        "不能移到自己或自己的下级之下，请另选",
        "Nothing moves under itself or what lies below it; choose another",
    ),
    "place_same": Words("已经在此处，无需移动，请另选", "It lies there already; please choose another place"),
    "place_deep": Words(
        "层级过深，请选择较高一级的地点", "The tree would be too deep; please choose a place higher up"
    ),
    "place_gain": Words(
        "这会扩大您本人岗位的范围，请由其他管理员办理",
        "This would widen what your own posts include; ask another administrator",
    ),
    "posts_beyond": Words(
        "该单位的{count}个岗位您无权在目标单位授予：{posts}。请先结束这些岗位，或请有权授予的管理员办理合并",
        "{count} posts held there are not yours to give at the other organisation: {posts}. End them first, "
        "or ask an administrator who may give them",
    ),
    "place_changed": Words(
        "预览之后已被他人移动，请重新预览", "Somebody has moved it since the preview; please look again"
    ),
    "open_below": Words(
        "还有未停用的下级，请先停用或移走下级", "There are open ones below; close or move them first"
    ),
    "unit_merged": Words(
        "该单位已并入其他单位，不能再修改", "This unit has been merged into another and cannot be changed"
    ),
    "code_soon": Words(
        "验证码发送过于频繁，请{seconds}秒后再试",
        "A code was sent only just now; please try again in {seconds} s",
    ),
    "code_day": Words(
        "今天获取验证码的次数已用完，请明天再试，或使用密码登录",
        "No more codes today; please try again tomorrow, or sign in with your password",
    ),
    "code_wrong": Words(
        "短信或邮件中的验证码不正确，还可以再试{left}次", "This code is wrong; {left} more tries"
    ),
    "code_void": Words(
        "验证码已失效，请重新获取", "This code is not valid any more; please ask for a new one"
    ),
    "ticket_void": Words("操作已超时，请重新获取验证码", "This took too long; please ask for a new code"),
    "login_needed": Words(
        "请填写用户名、手机号或邮箱", "Please enter a user name, phone number or e-mail address"
    ),
    "own_merge": Words(
        "不能合并本人的信息，请由其他管理员办理", "Nobody merges himself; ask another administrator"
    ),
    "same_person": Words("请选择两名不同的人员", "Please choose two different people"),
    "person_merged": Words("该人员已合并到另一人员名下", "This person was merged into another one already"),
    "merge_access": Words(
        "合并后，一人名下的岗位和事项将归另一人的账号使用；您无权授予其全部岗位，请由有权授予的管理员办理",
        "What the one has would come under the other's account, and there are posts among it that you cannot give; "
        "ask an administrator who can give all of them",
    ),
    "merge_closed": Words(
        "保留的人员账号已禁用或注销，而另一人的账号可用：请互换，或先启用该账号",
        "The account of the one that stays opens no more and the other's does: exchange them, or enable it first",
    ),
    "merge_post": Words(
        "岗位“{post}”不能转到保留的人员名下，请先由有权的管理员处理该岗位",
        "The post “{post}” cannot go over; it must be dealt with first, by an administrator who may",
    ),
    "merge_identity": Words(
        "两人在同一系统中的身份不同（{post}），请先结束其中一个身份",
        "They have chosen different identities in one system ({post}); end one of them first",
    ),
    "merge_clash": Words(
        "两人在“{kind}”中有{count}条相同的记录，一人只能有一条，请先办结或撤销其中一条",
        "In “{kind}” both have {count} equal records, of which one person can have only one; end one of each first",
    ),
    "identity_not_open": Words("该身份不可自行选择", "This identity cannot be chosen by oneself"),
    "identity_fixed": Words("身份已确定，不可更改", "The identity is settled and cannot be changed"),
}


class Refusal(Exception):
    """Identity says no. `field` names the input it speaks of, where there is one."""

    def __init__(self, code: str, field: str | None = None, **parameters: object) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.parameters = parameters

    def message(self, language: str) -> str:
        """Return the sentence in the reader's language."""
        said = {
            key: one.said(language) if isinstance(one, Words) else one for key, one in self.parameters.items()
        }
        return MESSAGES[self.code].said(language).format(**said)
