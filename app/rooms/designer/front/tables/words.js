// dmn-js in Chinese. What it says otherwise stays English; a test finds what is not here.
export const CHINESE = {
  "Add cell description": "添加单元格说明", "Add input": "添加输入列", "Add input column left": "在左侧添加输入列",
  "Add input column right": "在右侧添加输入列", "Add output": "添加输出列", "Add output column left": "在左侧添加输出列",
  "Add output column right": "在右侧添加输出列", "Add predefined values": "添加预设值", "Add rule": "添加规则",
  "Add rule above": "在上方添加规则", "Add rule below": "在下方添加规则", "Add values": "添加值", "After": "晚于", "And": "且",
  "Annotation": "备注", "Annotations": "备注", "Before": "早于", "Between": "介于", "Boolean value": "是否",
  "Change cell expression language": "更改单元格表达式语言", "Clear predefined values": "清除预设值", "Comparison": "比较",
  "Comparison operator": "比较符", "Copy input column": "复制输入列", "Copy output column": "复制输出列", "Copy rule": "复制规则",
  "Custom values": "自定义值", "Cut input column": "剪切输入列", "Cut output column": "剪切输出列", "Cut rule": "剪切规则",
  "Date": "日期", "Date and time": "日期和时间", "Date and time value": "日期和时间", "Date value": "日期",
  "Decision name": "决策名称", "Decision name: ": "决策名称：", "Duration value": "时长", "Edit": "编辑", "Edit boolean": "编辑是否",
  "Edit date": "编辑日期", "Edit date and time": "编辑日期和时间", "Edit duration": "编辑时长", "Edit end date": "编辑结束日期",
  "Edit end date and time": "编辑结束日期和时间", "Edit end time": "编辑结束时间", "Edit input": "编辑输入列", "Edit number": "编辑数字",
  "Edit output": "编辑输出列", "Edit start date": "编辑开始日期", "Edit start date and time": "编辑开始日期和时间",
  "Edit start time": "编辑开始时间", "Edit string": "编辑文字", "Edit time": "编辑时间",
  "Editing not supported for set expression language": "这种表达式语言不能在此编辑", "End date": "结束日期",
  "End date and time": "结束日期和时间", "End time": "结束时间", "End value": "终值", "Enter expression": "填写表达式", "Equals": "等于",
  "Exactly": "正好是", "Exclude": "不含", "Expression": "表达式", "Expression language": "表达式语言",
  "Expression language: {expressionLanguageLabel}": "表达式语言：{expressionLanguageLabel}", "Greater": "大于",
  "Greater or equals": "大于等于", "Hit policy": "命中策略", "Hit policy:": "命中策略：", "Include": "含", "Input": "输入",
  "Input expression": "输入表达式", "Input expression: ": "输入表达式：", "Input label": "输入列名", "Input label: ": "输入列名：",
  "Input type": "输入类型", "Input values": "输入值", "Less": "小于", "Less or equals": "小于等于", "Match none": "都不是",
  "Match one": "是其中之一", "Move rule": "移动规则", "No": "否", "No values": "没有值", "Output": "输出", "Output label": "输出列名",
  "Output label: ": "输出列名：", "Output name": "输出变量", "Output name: ": "输出变量：", "Output type": "输出类型", "Output values": "输出值",
  "Paste input column left": "在左侧粘贴输入列", "Paste input column right": "在右侧粘贴输入列",
  "Paste output column left": "在左侧粘贴输出列", "Paste output column right": "在右侧粘贴输出列", "Paste rule above": "在上方粘贴规则",
  "Paste rule below": "在下方粘贴规则", "Predefined values": "预设值", "Range": "区间", "Range end operator": "终值符号",
  "Range end value": "终值", "Range start operator": "起值符号", "Range start value": "起值", "Remove cell description": "删除单元格说明",
  "Remove input column": "删除输入列", "Remove output column": "删除输出列", "Remove rule": "删除规则", "Resize": "调整宽度",
  "Set date": "设定日期", "Set date and time": "设定日期和时间", "Set duration": "设定时长", "Set time": "设定时间", "Set value": "设定值",
  "Start date": "开始日期", "Start date and time": "开始日期和时间", "Start time": "开始时间", "Start value": "起值",
  "String value": "文字", "Strings must be in double quotes": "文字须加双引号", "Test type": "比较方式", "Then": "则", "Time": "时间",
  "Time value": "时间", "Type": "类型", "Use now": "用现在", "Use today": "用今天", "Value": "值", "Values": "值", "View DRD": "查看决策图",
  "When": "当", "Yes": "是", "e.g. { example } ": "如 { example } ", "e.g. { sample }": "如 { sample }",
  "string": "文字", "boolean": "是否", "number": "数字", "date": "日期", "time": "时间", "dateTime": "日期和时间",
  "Unique": "唯一", "Collect": "汇集", "Collect (Sum)": "汇集（求和）", "Collect (Min)": "汇集（最小）", "Collect (Max)": "汇集（最大）",
  "Collect (Count)": "汇集（计数）",
  "No overlap is possible and all rules are disjoint. Only a single rule can be matched": "规则互不重叠，至多一条成立",
  "Collects the values of all matching rules": "汇集所有成立的规则的值，按规则次序",
  "Collects the values of all matching rules and sums up to a single value": "成立的规则的值之和",
  "Collects the values of all matching rules and uses the lowest value": "成立的规则的值中最小的",
  "Collects the values of all matching rules and uses the highest value": "成立的规则的值中最大的",
  "Collects the values of all matching rules and uses the number of output": "成立的规则有几条",
};

export function translated(language) {
  return (template, values = {}) => {
    const text = language === "zh" ? CHINESE[template] ?? template : template;
    return text.replace(/\{ ?(\w+) ?\}/g, (whole, key) => values[key] ?? whole);
  };
}
