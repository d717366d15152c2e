"""Which names, industries, notes and wishes does the demo book draw from?"""

ENGLISH_FIRST = ["Alder", "Amber", "Anchor", "Aspen", "Atlas", "Aurora", "Basalt", "Beacon", "Birch", "Boreal", "Bramble", "Bright", "Cedar", "Cinder", "Clover", "Cobalt", "Copper", "Coral", "Crescent", "Delta", "Drift", "Dune", "Ember", "Fable", "Falcon", "Fern", "Flint", "Forge", "Gannet", "Garnet", "Glacier", "Granite", "Harbor", "Hazel", "Heron", "Hollow", "Indigo", "Iris", "Juniper", "Kestrel", "Keystone", "Lantern", "Larch", "Linden", "Lumen", "Maple", "Marlow", "Meadow", "Meridian", "Mica", "Nimbus", "Oakline", "Orchard", "Osprey", "Pebble", "Pioneer", "Plover", "Quarry", "Quill", "Raven", "Redwood", "Ridge", "River", "Rowan", "Saffron", "Sable", "Sequoia", "Silver", "Slate", "Sparrow", "Spruce", "Sterling", "Summit", "Swift", "Tallow", "Tamarack", "Teal", "Thistle", "Timber", "Topaz", "Umber", "Vale", "Vega", "Verdant", "Walnut", "Wander", "Willow", "Winter", "Wren", "Yarrow", "Zephyr"]

CHINESE_FIRST = ["青禾", "云帆", "海川", "星河", "远山", "明德", "华信", "博远", "天成", "嘉禾", "瑞丰", "宏图", "锦程", "安泰", "东篱", "春山", "知行", "南桥", "白露", "长风", "启明", "鼎新", "恒通", "沐光", "九章", "玉泉", "清源", "百川", "同舟", "飞鹭", "晨曦", "金穗", "林溪", "望岳", "若水", "合众", "新桥", "立方", "松涛", "佳木"]

# industry: (English endings, Chinese endings)
INDUSTRIES = {
    "Software": (["Systems", "Labs", "Software"], ["科技", "软件"]),
    "Manufacturing": (["Works", "Industries", "Tooling"], ["制造", "精工"]),
    "Healthcare": (["Health", "Clinics", "Care"], ["医疗", "健康"]),
    "Logistics": (["Freight", "Logistics", "Cargo"], ["物流", "供应链"]),
    "Retail": (["Stores", "Retail", "Market"], ["商贸", "零售"]),
    "Finance": (["Capital", "Credit", "Assurance"], ["金服", "保险"]),
    "Education": (["Learning", "Academy", "Schools"], ["教育", "书院"]),
    "Energy": (["Energy", "Power", "Grid"], ["能源", "电力"]),
    "Media": (["Media", "Press", "Studios"], ["传媒", "文化"]),
    "Travel": (["Travel", "Hotels", "Journeys"], ["旅行", "酒店"]),
}

# region: (share of accounts, currency, Chinese names)
REGIONS = {
    "North America": (0.32, "USD", False),
    "Western Europe": (0.24, "EUR", False),
    "East China": (0.20, "CNY", True),
    "South China": (0.12, "CNY", True),
    "Southeast Asia": (0.12, "USD", False),
}

ENGLISH_PEOPLE_FIRST = ["Ada", "Amina", "Anders", "Anna", "Ben", "Carla", "Chloe", "Daniel", "Diego", "Elena", "Emil", "Farah", "Femi", "Grace", "Hanna", "Hugo", "Ines", "Ivan", "Jonas", "Julia", "Karim", "Lea", "Leo", "Lucia", "Maya", "Milan", "Nadia", "Noah", "Olga", "Omar", "Paula", "Rafael", "Rosa", "Sam", "Selma", "Tariq", "Tessa", "Viktor", "Wanda", "Yara", "Zoe"]
ENGLISH_PEOPLE_LAST = ["Abbott", "Almeida", "Berg", "Castro", "Dahl", "Duarte", "Ekström", "Fischer", "Fontaine", "Garner", "Haddad", "Holt", "Ibarra", "Jansen", "Keller", "Kovac", "Lang", "Lindqvist", "Marsh", "Moreau", "Nakamura", "Novak", "Okafor", "Ortiz", "Patel", "Quinn", "Reyes", "Rossi", "Santos", "Silva", "Sørensen", "Tanaka", "Torres", "Urban", "Vance", "Weber", "Winters", "Young", "Zamora"]
CHINESE_PEOPLE = ["王晓梅", "李建国", "张伟", "刘洋", "陈静", "杨帆", "赵敏", "黄磊", "周婷", "吴昊", "徐丽", "孙强", "胡悦", "朱琳", "高峰", "林涛", "何洁", "郭鹏", "马超", "罗欣", "梁宇", "宋佳", "郑浩", "谢芳", "韩雪", "唐亮", "冯媛", "于波", "董倩", "萧然"]

JOB_TITLES = {
    "champion": ["Head of Operations", "Operations Manager", "Process Lead"],
    "economic_buyer": ["Chief Financial Officer", "Finance Director"],
    "decision_maker": ["Chief Operating Officer", "Managing Director", "Head of IT"],
    "end_user": ["Coordinator", "Analyst", "Team Lead", "Planner"],
    "blocker": ["Procurement Manager", "Security Officer"],
}

# product: {module: [(feature, kind), …]}
CATALOGUE = {
    ("flow", "Flow"): {
        ("flow-boards", "Boards"): [
            ("Task board", "basic"),
            ("Comments", "basic"),
            ("Calendar view", "basic"),
            ("Checklists", "basic"),
        ],
        ("flow-process", "Processes"): [
            ("Process designer", "core"),
            ("Approvals", "core"),
            ("Forms", "core"),
            ("Hand-over rules", "retention"),
        ],
        ("flow-automation", "Automation"): [
            ("Scheduled runs", "advanced"),
            ("Conditions", "advanced"),
            ("Templates library", "core"),
        ],
        ("flow-people", "Workload"): [("Workload view", "core"), ("Absences", "basic")],
    },
    ("insight", "Insight"): {
        ("insight-reports", "Reports"): [
            ("Standard reports", "basic"),
            ("Report builder", "advanced"),
            ("Scheduled reports", "retention"),
        ],
        ("insight-dashboards", "Dashboards"): [
            ("Dashboards", "core"),
            ("Shared dashboards", "retention"),
            ("Goals tracker", "advanced"),
        ],
        ("insight-export", "Data export"): [("Data export", "basic")],
    },
    ("connect", "Connect"): {
        ("connect-sync", "Sync"): [
            ("ERP sync", "retention"),
            ("Directory sync", "core"),
            ("Webhooks", "advanced"),
        ],
        ("connect-api", "API"): [("API keys", "advanced"), ("Bulk import", "basic")],
    },
}
SCENARIOS = {
    "Purchase approval": ["Approvals", "Forms", "Process designer"],
    "Onboarding of staff": ["Checklists", "Templates library", "Directory sync"],
    "Monthly close": ["Scheduled runs", "Scheduled reports", "ERP sync"],
    "Team planning": ["Workload view", "Absences", "Calendar view"],
    "Management review": ["Dashboards", "Shared dashboards", "Goals tracker"],
}
# milestone: (days after signing, means the core process)
MILESTONES = {
    "First board with five people": (14, False),
    "Core process configured": (30, True),
    "Ten approvals done": (45, False),
    "First dashboard shared": (60, False),
    "First integration live": (90, False),
}
INTEGRATIONS = ["ERP", "Directory", "Chat", "Data warehouse", "E-signature"]
TAGS = [
    "Design partner",
    "Multi-site",
    "Procurement led",
    "Public sector",
    "Self-serve",
    "Strategic",
]

TOUCHES = {
    "call": [
        "Check-in call",
        "Call about open tickets",
        "Call on next quarter’s plans",
        "Call after the release",
    ],
    "meeting": [
        "Working session on approvals",
        "Roadmap talk",
        "Meeting with the sponsor",
    ],
    "email": [
        "Sent the adoption summary",
        "Shared the guide to hand-over rules",
        "Asked for a date",
    ],
    "training": ["Training for new users", "Training on the process designer"],
    "business_review": ["Quarterly business review"],
}
NOTES_GOOD = [
    "They moved two more teams onto approvals and want to show it to the board.",
    "Happy with response times. Asked how others use shared dashboards.",
    "The plant managers now plan the week in the workload view.",
    "流程上线顺利，希望下个季度推广到第二个工厂。",
]
NOTES_BAD = [
    "Two of five teams went back to spreadsheets; the forms feel slow to them.",
    "New finance director asks what the licence brings. We owe figures.",
    "Half of the seats have not signed in since the reorganisation.",
    "对接ERP一直没有完成，客户觉得进度太慢。",
]
GOALS = [
    ("Shorter approval time", "Average approval time", "days", 9, 3),
    ("Fewer late orders", "Late orders", "%", 14, 6),
    ("More processes without paper", "Processes without paper", "processes", 4, 20),
    ("Faster monthly close", "Days to close", "days", 12, 6),
    ("More teams on one plan", "Teams planning together", "teams", 2, 10),
]
PROMISES = [
    "ERP connector tested with their sandbox",
    "Training for the second site",
    "Single sign-on set up with their directory",
    "Monthly adoption report to the sponsor",
    "Data of the old system migrated",
]
GAPS = [
    "Expected offline use on the shop floor",
    "Expected approval by e-mail alone",
    "Expected reports in their own template",
]
TICKETS = [
    "Approval mail arrives late",
    "Cannot find archived boards",
    "ERP sync skips two cost centres",
    "Dashboard shows last week’s figures",
    "Form loses an attachment",
    "新用户无法登录",
    "报表导出格式不对",
    "How do we copy a process to another team?",
]
COMPLAINTS = [
    "Third time this month that sync stops",
    "Nobody answered our last two tickets",
    "系统响应太慢，影响交付",
]
CHURN_STUDIES = {
    "value_not_seen": "Only one team ever used it; nobody could say what it saved.",
    "expectations_not_met": "The connector shown in the sales talks came eight months late.",
    "price": "The renewal came with a new budget owner who compared prices alone.",
    "poor_experience": "Four tickets stayed open for weeks before the renewal.",
    "competition": "A rival offered a free year, and switching took them a week.",
    "platform_vendor": "Their office suite now has boards of its own.",
}
# request: (kind of asking, words in English, words in Chinese)
REQUESTS = [
    (
        "Approve from the phone",
        "common",
        "Our managers approve on the train or not at all.",
        "管理者希望在手机上直接审批。",
    ),
    (
        "Sync with more ERP fields",
        "common",
        "Cost centres have to come over or we type twice.",
        "成本中心字段需要同步。",
    ),
    (
        "Dashboard for plant managers",
        "common",
        "They want one screen per plant.",
        "每个工厂需要一个看板。",
    ),
    (
        "Archive whole projects",
        "some",
        "Old boards clutter every list.",
        "旧项目需要归档。",
    ),
    (
        "Chinese holidays in the calendar",
        "some",
        "Deadlines land in Golden Week.",
        "日历里缺少中国法定节假日。",
    ),
    (
        "Own templates for reports",
        "some",
        "Our auditors want our letterhead.",
        "希望使用自己的报表模板。",
    ),
    ("Offline forms", "few", "No network in the warehouse.", "仓库没有网络。"),
    (
        "On-premise data store",
        "giants",
        "Our group policy forbids data outside our own racks.",
        "集团要求数据本地存放。",
    ),
    (
        "Approve by e-mail reply",
        "some",
        "The board will not sign in anywhere.",
        "董事会只用邮件。",
    ),
    (
        "Undo for bulk edits",
        "few",
        "One wrong click moved 200 tasks.",
        "批量操作需要撤销。",
    ),
]
