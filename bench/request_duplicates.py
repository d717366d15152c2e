"""How long does it take to say what a wish resembles among 10,000 requests, while somebody types it?

Three parts. Build: the index of all texts, against scikit-learn's TF-IDF over three letters at a time, which is fewer
features. Ask: one typed title against the kept index, against the same library's product of sparse vectors. Request:
all that the page does, which reads every text from the database to see whether the index still holds, against reading
the texts alone. The likenesses are compared with cosines worked out one by one.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import os
import random
import statistics
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from _measure import in_turn, load, most_memory, on_empty_database, ratio, timed  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.db import connection  # noqa: E402
from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: E402

from roadmap.models import FeatureRequest  # noqa: E402
from roadmap.queries.duplicates import current_index, find_pairs, likely_duplicates, texts_to_compare  # noqa: E402
from roadmap.rules.duplicates import build_index, features_of, most_alike  # noqa: E402

DAY = dt.date(2026, 1, 5)
VERBS = ("Export", "Approve", "Filter", "Archive", "Remind", "Print", "Share", "Merge", "Copy", "Lock", "Sync", "Sort")
THINGS = ("invoices", "orders", "reports", "boards", "tasks", "contacts", "drawings", "samples", "visits", "machines")
WAYS = (
    "by team",
    "to Excel",
    "from the phone",
    "per plant",
    "without network",
    "every month",
    "as a template",
    "in bulk",
)
CHINESE = (
    "导出审批筛选归档提醒打印共享合并复制锁定同步排序发票订单报表"
    "看板任务联系人图纸样品拜访设备团队手机工厂离线每月模板批量"
)
TITLES = (
    "Export the reports to a spreadsheet",
    "手机审批订单",
    "Remind people of late approvals",
    "单点登录",
    "dark mode",
)


def draw(count: int) -> list[tuple[str, str]]:
    """Titles and descriptions as customers' wishes are worded, a third of them Chinese; always the same ones."""
    rng = random.Random(5)
    rows = []
    for number in range(count):
        if number % 3 == 0:
            text = "".join(rng.choice(CHINESE) for _place in range(46))
            rows.append((text[:12], text[12:]))
        else:
            words = [rng.choice(part) for part in (VERBS, THINGS, WAYS)]
            made_up = ["".join(rng.choice("aeioumnrstlk") for _place in range(6)) for _word in range(4)]
            rows.append((" ".join(words), " ".join([*words, "so that our", *made_up, rng.choice(THINGS), str(number)])))
    return rows


def floor_index(texts: list[str]) -> tuple[Any, Any]:
    """The library's index of the same texts."""
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3), sublinear_tf=True)
    return vectorizer, vectorizer.fit_transform(texts)


def one_by_one(texts: list[str], wish: str) -> list[float]:
    """The cosines of a wish with all texts, by the definition."""
    told = [features_of(text) for text in texts]
    held: dict[str, int] = {}
    for features in told:
        for name in features:
            held[name] = held.get(name, 0) + 1

    def weighed(features: dict[str, float]) -> dict[str, float]:
        return {name: weight * (math.log((1 + len(texts)) / (1 + held.get(name, 0))) + 1)
                for name, weight in features.items()}  # fmt: skip

    def length(features: dict[str, float]) -> float:
        return math.sqrt(sum(weight**2 for weight in features.values()))

    asked = weighed(features_of(wish))
    found = []
    for features in map(weighed, told):
        both = sum(weight * asked[name] for name, weight in features.items() if name in asked)
        found.append(both / (length(features) * length(asked)) if features and asked else 0.0)
    return found


def main() -> int:
    """Measure and compare; fails when a likeness differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--accounts", type=int, default=0, help="not used: requests are what counts here")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    on_empty_database()
    rows = draw(given.requests)
    FeatureRequest.objects.bulk_create(
        [FeatureRequest(title=title, description=text, created_on=DAY) for title, text in rows], batch_size=1_000
    )
    user = get_user_model().objects.create_user(email="b@example.com", name="B", role="admin")
    texts = list(texts_to_compare())
    plain = [text for _owner, text in texts]
    print(f"duplicates {given.requests} requests, {len(texts)} texts on {connection.vendor}, {load()}")

    seconds = in_turn({"floor": lambda: floor_index(plain), "ours": lambda: build_index(texts)}, 3)
    told("build", seconds)
    vectorizer, matrix = floor_index(plain)
    index = build_index(texts)
    seconds = in_turn(
        {
            "floor": lambda: [(matrix @ vectorizer.transform([wish]).T).toarray() for wish in TITLES],
            "ours": lambda: [most_alike(wish, index) for wish in TITLES],
        },
        given.rounds,
    )
    told("ask", seconds, len(TITLES))
    current_index()
    seconds = in_turn(
        {
            "floor": lambda: [texts_to_compare() for _wish in TITLES],
            "ours": lambda: [likely_duplicates(wish, user) for wish in TITLES],
        },
        given.rounds,
    )
    told("request", seconds, len(TITLES))
    changed = FeatureRequest.objects.first()
    assert changed is not None
    FeatureRequest.objects.filter(pk=changed.pk).update(title="Something else entirely")
    print(f"changed    {timed(lambda: likely_duplicates(TITLES[0], user)) * 1000:.0f} ms for the next one who types")
    taken = timed(find_pairs)
    print(f"all pairs  {taken:.1f} s in the background, once a night")
    some = plain[:600]
    small = build_index(list(enumerate(some)))
    differs = sum(
        abs(one - other) > 1e-9
        for wish in TITLES
        for one, other in zip(small.ask(wish), one_by_one(some, wish), strict=True)
    )
    count = len(TITLES) * len(some)
    print(
        f"equal      {count - differs} of {count} likenesses as worked out one by one; most memory {most_memory()} MB"
    )
    return 1 if differs else 0


def told(name: str, seconds: dict[str, list[float]], parts: int = 1) -> None:
    """Print one line of figures, per part."""
    ours, floor = (statistics.median(seconds[one]) / parts * 1000 for one in ("ours", "floor"))
    print(f"{name:<10} {ours:.1f} ms = {ratio(seconds['ours'], seconds['floor']):.2f} × floor ({floor:.1f} ms)")


if __name__ == "__main__":
    sys.exit(main())
