"""What are the small books that the tests of the import bring in?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from common.errors import Refused
from portfolio.importing.book import apply_import, plan_import
from portfolio.importing.report import Report
from tests.factories import AT

Book = Mapping[str, str]

# A small book in our own format, with one row or more in every file.
WHOLE: Book = {
    "teams.csv": "name\nNorth\n",
    "people.csv": "email,name,role,team\nAda@example.com,Ada,csm,North\nbo@example.com,Bo,cs_manager,South\n",
    "custom_fields.csv": "key,label,kind,choices\nplan,Plan,choice,gold;silver\nscore,Score,number,\n",
    "products.csv": "external_id,name\ncrm,CRM\n",
    "modules.csv": "external_id,name,product\nsales,Sales,crm\n",
    "features.csv": "external_id,name,module,kind\nexport,Export,sales,core\nlogin,Login,sales,basic\n",
    "scenarios.csv": "external_id,name,features\nclose,Closing,export;login\n",
    "milestones.csv": "external_id,name,due_after_days,is_core_process\nfirst,First value,30,yes\n",
    "metrics.csv": "external_id,name,unit\ncalls,API calls,\n",
    "accounts.csv": (
        "external_id,name,domain,industry,region,employees,tier,purchase_level,stage,parent,signed_on,live_on,"
        "currency,tags,custom.plan,custom.score\n"
        "a2,Beta 子公司,beta.example,Retail,CN,12,small,team,adoption,a1,2025-01-01,,CNY,vip;eu,gold,7.5\n"
        "a1,Alpha,alpha.example,Software,EU,500,Key account,enterprise,mature,,1998-05-01,2025-02-01,EUR,,,\n"
    ),
    "contacts.csv": "external_id,account,name,email,role,sentiment\nc1,a1,Cara,cara@alpha.example,champion,positive\n",
    "service_team.csv": "account,user,role,started_on,ended_on\na1,ada@example.com,csm,2025-01-01,\n",
    "handoffs.csv": (
        "account,state,why_bought,submitted_at,submitted_by\na1,submitted,Growth,2025-01-02,bo@example.com\n"
    ),
    "expectation_gaps.csv": "account,text,found_on\na1,No app,2025-03-01\n",
    "promises.csv": "external_id,account,text,made_to,due_on,state\np1,a1,Connector,c1,2026-01-01,open\n",
    "implementation_records.csv": "account,stage,on,outcome\na1,kick_off,2025-01-10,Started\n",
    "goals.csv": "external_id,account,name,baseline,target\ng1,a1,Faster,10,2.5\n",
    "goal_measurements.csv": "goal,on,value\ng1,2025-06-01,5\n",
    "timeline.csv": 'external_id,account,kind,at,title,body\nt1,a1,call,2025-03-01 14:30,Call,"Line 1\nLine 2"\n',
    "churn_records.csv": "external_id,account,on,arr_lost,currency,reason\nx1,a2,2025-12-01,1200,CNY,price\n",
    "exchange_rates.csv": "base,quote,on,rate\nEUR,USD,2020-01-01,1.1\nCNY,USD,2020-01-01,0.14\n",
    "contract_lines.csv": (
        "external_id,account,product,seats,arr,currency,starts_on,ends_on\n"
        'l1,a1,crm,10,"12,000.00",EUR,2025-01-01,\nl2,a2,crm,,1200,CNY,2025-01-01,2025-12-01\n'
    ),
    "renewals.csv": "account,due_on,stage\na1,2027-01-01,in_talks\n",
    "usage.csv": (
        "message_id,account,feature,person,at,quantity\n"
        "e1,a1,export,u1,2026-06-01T10:00:00Z,3\ne2,a1,login,,2026-06-01T11:00:00Z,\n"
    ),
    "usage_days.csv": "account,feature,day,person,events\na1,export,2026-05-01,u1,4\n",
    "readings.csv": "account,metric,period,on,value\na1,calls,month,2026-05-01,12.5\na1,logins,day,2026-05-01,3\n",
    "milestones_reached.csv": "account,milestone,on\na1,first,2025-02-01\n",
    "tickets.csv": "external_id,account,subject,severity,opened_at\nk1,a1,Slow,high,2026-06-01 09:00\n",
    "survey_answers.csv": "external_id,account,contact,kind,score,answered_on\ns1,a1,c1,nps,9,2026-06-01\n",
    "integrations.csv": "account,name,connected_on\na1,ERP,2025-05-01\n",
    "attendances.csv": "external_id,account,contact,kind,name,on\nw1,a1,c1,sharing_session,Users’ day,2026-01-15\n",
    "advocates.csv": "account,contact,note\na1,c1,Loves it\n",
    "advocacy_consents.csv": (
        "account,contact,scope,channel,given_on,expires_on,evidence\n"
        "a1,c1,talk,event,2026-01-10,2027-01-10,Mail of January\n"
    ),
    "asks.csv": (
        "advocate,kind,asked_on,answer,answered_on,done_on,outcome\n"
        "c1,talk,2026-02-01,accepted,2026-02-03,2026-03-01,Forty people came\n"
    ),
    "public_mentions.csv": "account,contact,kind,title,url,on\na1,c1,post,We like it,https://a.example,2026-03-02\n",
    "feature_requests.csv": "external_id,title,module,state,created_on\nr1,Export to Excel,sales,planned,2026-01-05\n",
    "request_evidence.csv": (
        "external_id,request,account,contact,verbatim,importance,is_blocker,asked_on\n"
        "v1,r1,a1,c1,我们每个月手抄。,3,yes,2026-02-01\n"
    ),
}

ACCOUNTS = "external_id,name\na1,Alpha\na2,Beta\n"
CATALOGUE = {
    "products.csv": "external_id,name\ncrm,CRM\n",
    "modules.csv": "external_id,name,product\nsales,Sales,crm\n",
    "features.csv": "external_id,name,module,kind\nexport,Export,sales,core\n",
}


def folder_with(tmp_path: Path, book: Book, name: str = "book") -> Path:
    folder = tmp_path / name
    folder.mkdir(exist_ok=True)
    for file, content in book.items():
        (folder / file).write_text(content)
    return folder


def bring_in(tmp_path: Path, book: Book, mapping: str = "", **options: Any) -> Report:
    return apply_import(folder_with(tmp_path, book), by=None, at=AT, mapping=_mapping(tmp_path, mapping), **options)


def try_out(tmp_path: Path, book: Book, mapping: str = "", **options: Any) -> Report:
    return plan_import(folder_with(tmp_path, book), at=AT, mapping=_mapping(tmp_path, mapping), **options)


def _mapping(tmp_path: Path, text: str) -> Path | None:
    if not text:
        return None
    path = tmp_path / "mapping.toml"
    path.write_text(text)
    return path


def refusal_of(tmp_path: Path, book: Book, mapping: str = "") -> str:
    with pytest.raises(Refused) as refused:
        bring_in(tmp_path, book, mapping)
    return str(refused.value)


def rejects_of(report: Report) -> list[tuple[str, int, str, str]]:
    return [(one.file, one.row, one.column, one.reason) for one in report.rejects]


def counts_of(report: Report) -> dict[str, dict[str, int]]:
    return {
        count.target: {kind: getattr(count, kind) for kind in ("new", "changed", "same", "rejected")}
        for one in report.files
        for count in one.targets
    }
