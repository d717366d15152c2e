"""Can everybody read the colours and tell the bands apart? Computed from the tokens of the style sheet."""

import math
import re
from itertools import combinations
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

CSS = (ROOT / "static/css/foundation.css").read_text(encoding="utf-8")
TOKEN = re.compile(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)")
TOKENS = {name: {"light": light, "dark": dark} for name, light, dark in TOKEN.findall(CSS)}
THEMES = ["light", "dark"]
# Severity 1.0 of Machado, Oliveira and Fernandes (2009), on linear RGB.
SIGHT = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
Triple = tuple[float, float, float]


def linear(colour: str) -> Triple:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def luminance(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def seen(colour: str, sight: str) -> Triple:
    red, green, blue = linear(colour)
    return tuple(min(max(row[0] * red + row[1] * green + row[2] * blue, 0), 1) for row in SIGHT[sight])  # type: ignore[return-value]


def lab(rgb: Triple) -> Triple:
    red, green, blue = rgb
    x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883
    fx, fy, fz = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def difference(one: Triple, other: Triple) -> float:
    """Compute CIEDE2000."""
    (l1, a1, b1), (l2, a2, b2) = lab(one), lab(other)
    mean_c = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    g = 0.5 * (1 - math.sqrt(mean_c**7 / (mean_c**7 + 25**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1, h2 = (math.degrees(math.atan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = h2 - h1
    turn -= 360 * round(turn / 360) if abs(turn) > 180 else 0
    dl, dc, dh = l2 - l1, c2 - c1, 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2))
    ml, mc = (l1 + l2) / 2, (c1 + c2) / 2
    mh = (h1 + h2) / 2 if abs(h1 - h2) <= 180 else (h1 + h2 + 360) / 2
    t = (
        1
        - 0.17 * math.cos(math.radians(mh - 30))
        + 0.24 * math.cos(math.radians(2 * mh))
        + 0.32 * math.cos(math.radians(3 * mh + 6))
        - 0.20 * math.cos(math.radians(4 * mh - 63))
    )
    sl = 1 + 0.015 * (ml - 50) ** 2 / math.sqrt(20 + (ml - 50) ** 2)
    sc, sh = 1 + 0.045 * mc, 1 + 0.015 * mc * t
    rotation = (
        -2 * math.sqrt(mc**7 / (mc**7 + 25**7)) * math.sin(math.radians(60 * math.exp(-(((mh - 275) / 25) ** 2))))
    )
    return math.sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + rotation * (dc / sc) * (dh / sh))


def mixed(one: str, other: str, share: float) -> str:
    """Mix two colours as color-mix in sRGB does."""
    parts = (round(int(one[at : at + 2], 16) * share + int(other[at : at + 2], 16) * (1 - share)) for at in (1, 3, 5))
    return "#" + "".join(f"{part:02x}" for part in parts)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("surface", ["paper", "well", "raised", "hover"])
@pytest.mark.parametrize("ink", ["text", "muted", "accent", "healthy", "watch", "risk", "none", "info"])
def test_text_can_be_read_on_every_surface(theme: str, surface: str, ink: str) -> None:
    assert contrast(TOKENS[ink][theme], TOKENS[surface][theme]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tone", ["healthy", "watch", "risk", "none", "info"])
def test_text_can_be_read_on_the_soft_ground_of_its_tone(theme: str, tone: str) -> None:
    soft = TOKENS[f"{tone}-soft"][theme]

    assert contrast(TOKENS[tone][theme], soft) >= 4.5
    assert contrast(TOKENS["text"][theme], soft) >= 4.5
    assert contrast(TOKENS["muted"][theme], soft) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_buttons_fields_and_selected_rows_can_be_seen(theme: str) -> None:
    pick = {name: values[theme] for name, values in TOKENS.items()}

    assert contrast(pick["on-accent"], pick["accent"]) >= 4.5
    assert contrast(pick["on-accent"], pick["accent-hover"]) >= 4.5
    assert contrast(pick["field-line"], pick["paper"]) >= 3
    for ink in ("text", "muted", "accent"):
        assert contrast(pick[ink], pick["accent-soft"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_the_numbers_of_a_heat_map_can_be_read_in_every_shade(theme: str) -> None:
    components = (ROOT / "static/css/components.css").read_text(encoding="utf-8")
    shades = [int(shade) for shade in re.findall(r'\[data-step="\d"\] \{ --shade: (\d+)%', components)]

    assert len(shades) == 10
    for shade in shades:
        ground = mixed(TOKENS["healthy"][theme], TOKENS["paper"][theme], shade / 100)
        assert contrast(TOKENS["text"][theme], ground) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHT)
def test_the_bands_differ_for_every_kind_of_sight(theme: str, sight: str) -> None:
    bands = [seen(TOKENS[tone][theme], sight) for tone in ("healthy", "watch", "risk")]

    assert min(difference(one, other) for one, other in combinations(bands, 2)) >= 15


def sheets_of(template: Path) -> set[str]:
    """Name the style sheets that a page loads: its own and those of the pages that it builds upon."""
    text = template.read_text()
    named = set(re.findall(r'static\("css/([\w-]+)\.css"\)', text))
    above = re.search(r'extends "([^"]+)"', text)
    return named | (sheets_of(ROOT / "templates" / above[1]) if above else set())


def test_the_style_sheets_of_a_page_weigh_little_and_ask_nobody_else() -> None:
    import gzip

    sheets = {path.stem: path.read_bytes() for path in (ROOT / "static/css").glob("*.css")}
    weight = {name: len(gzip.compress(sheet)) for name, sheet in sheets.items()}
    script = (ROOT / "static/js/app.js").read_bytes()
    ours = [page for page in (ROOT / "templates").rglob("*.html") if "django" not in page.parts]
    pages = [page for page in ours if "{% extends" in page.read_text()]

    heavy = {page.name: total for page in pages if (total := sum(weight[name] for name in sheets_of(page))) > 15_000}
    assert len(pages) > 50
    assert heavy == {}
    assert len(gzip.compress(script)) <= 8_000
    for asset in (*sheets.values(), script):
        assert not re.search(rb"https?://|@import|@font-face|\beval\(|new Function", asset)
