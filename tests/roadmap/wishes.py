"""Which wishes mean the same? Written by hand in two languages, as customers would word them.

Each line is (the request as noted first, how others asked for it). About half of them have no name in
`roadmap.rules.concepts`, so that the set does not only ask for what the list of names was made for.
"""

PARAPHRASES: list[tuple[str, list[str]]] = [
    ("Export to Excel", ["Download the list as a spreadsheet", "导出为Excel表格", "excel exports please"]),
    (
        "Single sign-on with our identity provider",
        ["SSO via SAML", "支持单点登录", "Log in with our company account (SSO)"],
    ),
    ("Approve from the phone", ["Mobile approval", "希望在手机上审批", "Sign off invoices on a smartphone"]),
    ("Dark mode", ["A night theme that is easier on the eyes: dark theme", "深色主题", "夜间模式"]),
    (
        "Archive whole projects",
        ["Put old projects into an archive", "旧项目归档", "Project archiving for closed boards"],
    ),
    ("Chinese holidays in the calendar", ["Calendar misses public holidays in China", "日历里没有法定节假日"]),
    (
        "Own templates for reports",
        ["Reports with our letterhead template", "自定义报表模板", "Report templates we design ourselves"],
    ),
    ("Forms that work offline", ["Offline mode for the form in the warehouse", "没有网络时也能填表单，离线填写"]),
    ("Undo for bulk edits", ["Revert a mass edit", "批量修改后要能撤销", "Roll back a batch change"]),
    ("Data in our own data centre", ["On-premise installation", "私有化部署，数据放在本地", "Self-hosted version"]),
    ("Remind approvers who are late", ["Reminder to late approvers", "催办：提醒还没有审批的人"]),
    ("Cost centres from the ERP", ["Sync cost center fields with SAP ERP", "从ERP同步成本中心"]),
    ("Two-factor authentication", ["2FA at login", "登录时需要双因素验证"]),
    (
        "Audit log of permission changes",
        ["Who changed whose rights: an audit trail of permissions", "权限变更的审计日志"],
    ),
    ("Faster search in long lists", ["Searching large lists is slow", "列表太长，搜索很慢"]),
    ("Print labels with barcodes", ["Barcode label printing", "打印条码标签"]),
    ("Multi-currency invoices", ["Invoices in several currencies", "支持多币种发票"]),
    ("Attach photos to an inspection", ["Photo attachments for inspections", "巡检时上传照片"]),
    ("Comments with mentions", ["Mention a colleague in a comment", "评论里可以提到同事"]),
    ("Webhook when a task is done", ["Call our webhook after a task is completed", "任务完成时触发Webhook"]),
    (
        "Gantt view of dependencies",
        ["Show task dependencies as a Gantt", "用甘特图显示任务依赖关系", "任务之间的依赖要有甘特图"],
    ),
    (
        "Escalate overdue purchase orders",
        ["Overdue purchase orders should escalate", "逾期采购订单自动升级", "采购订单逾期要升级处理"],
    ),
    ("Supplier scorecard per plant", ["Score suppliers by plant", "按工厂给供应商打分", "每个工厂的供应商评分"]),
    (
        "Split a shipment over several carriers",
        ["One shipment, several carriers", "一票货拆给多个承运商", "一票货物要由多个承运商运输"],
    ),
    (
        "Lock closed accounting periods",
        ["Closed periods must be locked for accounting", "锁定已关账的会计期间", "会计期间关账后锁定"],
    ),
    ("Batch numbers on delivery notes", ["Delivery note shows the batch number", "送货单上显示批号", "送货单要有批号"]),
    (
        "Vacation substitute for approvers",
        ["A substitute approves during vacation", "审批人休假时的代理人", "休假期间由代理人审批"],
    ),
    (
        "Colour the rows by priority",
        ["Rows coloured by their priority", "按优先级给行着色", "不同优先级的行用不同颜色"],
    ),
    (
        "Required fields depend on the stage",
        ["Make fields required at a certain stage", "不同阶段的必填字段", "必填字段随阶段变化"],
    ),
    ("Merge duplicate contacts", ["Duplicated contacts should be merged", "合并重复的联系人", "联系人重复了要合并"]),
    (
        "Keyboard shortcuts for the kanban",
        ["Shortcuts on the kanban by keyboard", "看板的键盘快捷键", "用键盘快捷键操作看板"],
    ),
    ("Tax rates by country", ["Different tax rate for every country", "按国家设置税率", "每个国家的税率不同"]),
    ("Freeze the first column of a table", ["First table column stays frozen", "冻结表格首列", "表格的首列要固定冻结"]),
    (
        "Subtasks inherit the deadline",
        ["Deadline inherited by subtasks", "子任务继承截止日期", "子任务的截止日期跟随父任务"],
    ),
    ("Guests without a licence", ["Guest users who need no licence", "外部访客不占用许可证", "访客不需要许可证"]),
    (
        "Quality alerts from sensors",
        ["Sensor values raise a quality alert", "传感器触发质量告警", "传感器数值异常要质量告警"],
    ),
    ("Serial numbers in spare parts", ["Spare parts with a serial number", "备件的序列号", "备件要记录序列号"]),
    ("Shift plan for night workers", ["Plan night shifts of workers", "夜班排班计划", "给夜班工人排班"]),
    (
        "Retention time for personal data",
        ["Delete personal data after a retention time", "个人数据的保留期限", "个人数据过了保留期要删除"],
    ),
    ("Compare two versions of a contract", ["Contract versions side by side", "对比合同的两个版本", "合同版本对比"]),
]

# Wishes of the same trade that mean something else: what has to be told apart.
OTHERS: list[str] = [
    f"{verb} {thing} {where}"
    for verb in ("Show", "Sort", "Group", "Hide", "Count", "Rename", "Move", "Share")
    for thing in ("tasks", "orders", "machines", "visits", "tickets", "drawings", "deliveries", "stations", "samples")
    for where in ("by team", "on the start page", "per week", "of a customer", "after closing")
] + [
    f"{where}{verb}{thing}"
    for verb in ("显示", "排序", "分组", "隐藏", "统计", "重命名", "移动", "共享")
    for thing in ("任务", "订单", "设备", "拜访", "工单", "图纸", "交付", "工位", "样品")
    for where in ("按团队", "在首页", "每周", "按客户", "关闭后")
]
