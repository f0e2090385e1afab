// A name and an English label out of a Chinese one: the words that forms of offices are made of. A proposal, no more.

const WORDS = {
  姓名: "name", 名称: "name", 标题: "title", 事由: "reason", 原因: "reason", 理由: "reason", 说明: "note", 备注: "remarks", 内容: "content", 用途: "purpose", 目的: "purpose",
  请假: "leave", 年假: "annual leave", 病假: "sick leave", 事假: "personal leave", 婚假: "marriage leave", 产假: "maternity leave", 请假单: "leave form", 申请表: "application form", 登记表: "registration form", 休假: "leave", 假期: "leave", 出差: "trip", 加班: "overtime", 外出: "outing", 报销: "claim", 借款: "loan", 付款: "payment", 采购: "purchase", 用车: "vehicle use", 用印: "seal use", 印章: "seal", 会议室: "meeting room", 会议: "meeting", 接待: "reception", 培训: "training", 项目: "project", 合同: "contract", 发文: "document", 公文: "document", 文件: "file", 附件: "attachments", 材料: "papers", 资料: "papers", 照片: "photo", 签名: "signature", 签字: "signature", 盖章: "seal",
  类型: "type", 类别: "category", 种类: "kind", 性质: "nature", 等级: "grade", 级别: "level", 状态: "state", 方式: "method", 范围: "scope",
  开始: "start", 起始: "start", 结束: "end", 截止: "end", 预计: "planned", 实际: "actual", 日期: "date", 时间: "time", 天数: "days", 时长: "duration", 小时: "hours", 年度: "year", 月份: "month", 年份: "year",
  金额: "amount", 预算: "budget", 费用: "cost", 单价: "unit price", 价格: "price", 数量: "quantity", 合计: "total", 总额: "total", 总计: "total", 大写: "in words", 人数: "people", 份数: "copies", 编号: "number", 号码: "number", 序号: "number", 代码: "code",
  申请人: "applicant", 经办人: "handler", 联系人: "contact", 联系: "contact", 负责人: "person in charge", 领导: "leader", 主任: "director", 部门: "department", 单位: "organisation", 科室: "office", 处室: "office", 机构: "organisation", 公司: "company", 职务: "position", 岗位: "post", 职称: "title", 性别: "sex", 年龄: "age", 民族: "ethnicity", 学历: "education", 籍贯: "native place", 政治面貌: "political status", 身份证: "id number", 证件: "document", 出生: "birth", 电话: "phone", 手机: "mobile", 邮箱: "email", 地址: "address", 地点: "place", 地区: "region", 目的地: "destination", 车辆: "vehicle", 车牌: "plate", 驾驶员: "driver", 司机: "driver",
  意见: "opinion", 审核: "review", 审批: "approval", 批准: "approval", 同意: "agreed", 结果: "result", 是否: "whether", 紧急: "urgent", 程度: "degree", 公开: "public", 密级: "secrecy", 承诺: "promise", 申请: "application", 登记: "registration", 明细: "details", 物品: "goods", 规格: "specification", 型号: "model", 人员: "people", 随行: "accompanying", 同行: "accompanying", 参加: "attending", 主题: "subject", 主持: "chair", 工作: "work", 交接: "handover", 本人: "own", 人: "person", 天: "days", 的: "",
};
/** Names that the language of conditions has for itself, and what to call a field instead. */
const CLASHES = { days: "day_count", sum: "sum_total" };
const LONGEST = Math.max(...Object.keys(WORDS).map((each) => each.length));

/** The English words of a label, and whether all of it was understood. */
function understood(label) {
  const found = [];
  let whole = true;
  for (let place = 0; place < label.length; ) {
    const latin = /^[A-Za-z][A-Za-z0-9]*/.exec(label.slice(place));
    if (latin) {
      found.push(latin[0].toLowerCase());
      place += latin[0].length;
      continue;
    }
    let size = Math.min(LONGEST, label.length - place);
    while (size > 0 && !(label.slice(place, place + size) in WORDS)) size -= 1;
    if (size) found.push(WORDS[label.slice(place, place + size)]);
    else if (!/[\s，、（）()／/：:·\d]/.test(label[place])) whole = false;
    place += size || 1;
  }
  return { words: found.filter(Boolean).join(" "), whole };
}

/** A field's name: `start_date`; where nothing of the label is understood, its kind. */
export function nameFor(label, kind) {
  const { words } = understood(label);
  const name = words.split(" ").slice(0, 4).join("_").toLowerCase().replace(/[^a-z0-9_]/g, "").replace(/^[^a-z]+/, "").slice(0, 40);
  return CLASHES[name] ?? (name || kind);
}

/** The label in English where all of it is understood, else as it is: a label is never without its English. */
export function englishFor(label) {
  const { words, whole } = understood(label);
  return whole && words ? words[0].toUpperCase() + words.slice(1) : label;
}
