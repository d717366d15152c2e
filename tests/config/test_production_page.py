"""Does the page on running Mainstay for real name every setting, and none that is gone?"""

import re

import run


def test_the_page_lists_exactly_the_settings_there_are() -> None:
    page = (run.ROOT / "docs" / "production.md").read_text(encoding="utf-8")
    table = page.partition("## Settings")[2].partition("## Upgrading")[0]
    listed = {
        name for row in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE) for name in re.findall("`(\\w+)`", row)
    }

    assert listed == run.settings_variables() - {"DJANGO_SETTINGS_MODULE"}
