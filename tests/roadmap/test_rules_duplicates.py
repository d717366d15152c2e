"""Are wishes recognised in other words, in Chinese and in English, and told apart when they mean something else?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.rules.duplicates import LIKELY, UNSPACED, Shelf, build_index, features_of, most_alike, shared_words
from tests.roadmap.wishes import OTHERS, PARAPHRASES

NOTED = [(number, title) for number, (title, _others) in enumerate(PARAPHRASES)]
DISTRACTING = [(1_000 + number, title) for number, title in enumerate(OTHERS)]


def is_chinese(text):
    return UNSPACED.search(text) is not None


def asked(index, pairs, most=10):
    """The share of wishes for which the request that they mean is among the first ten."""
    pairs = list(pairs)
    found = sum(number in dict(most_alike(wish, index, most=most, least=0.01)) for number, wish in pairs)
    return found / len(pairs), len(pairs)


@pytest.fixture(scope="module")
def index():
    return build_index(NOTED + DISTRACTING)


def test_english_wishes_are_found_among_720_others(index):
    wishes = [(n, one) for n, (_title, others) in enumerate(PARAPHRASES) for one in others if not is_chinese(one)]
    recall, count = asked(index, wishes)
    assert count > 40
    assert recall >= 0.97


def test_chinese_wishes_are_found_by_other_chinese_words():
    wishes, noted = [], []
    for number, (_title, others) in enumerate(PARAPHRASES):
        chinese = [one for one in others if is_chinese(one)]
        if len(chinese) > 1:
            noted.append((number, chinese[0]))
            wishes += [(number, one) for one in chinese[1:]]
    recall, count = asked(build_index(noted + DISTRACTING), wishes)
    assert count > 20
    assert recall >= 0.97


def test_a_wish_in_the_other_language_is_found_where_its_thing_has_a_known_name(index):
    """What is common to two languages is only what stands in the list of names; the rest cannot be found by letters."""
    wishes = [
        (number, one)
        for number, (title, others) in enumerate(PARAPHRASES)
        for one in others
        if is_chinese(one) and {name for name in features_of(one) if name.startswith("c:")} & features_of(title).keys()
    ]
    recall, count = asked(index, wishes)
    assert count >= 20
    assert recall >= 0.95


def test_what_means_something_else_seldom_asks_whether_it_is_the_same():
    index = build_index(NOTED)
    wrong = [one for one in OTHERS if any(share >= LIKELY for _number, share in most_alike(one, index))]
    assert len(wrong) <= len(OTHERS) * 0.02


def test_the_reason_names_the_words_that_both_say():
    for title, others in PARAPHRASES:
        for one in others:
            if not is_chinese(one):
                assert shared_words(one, title), (title, one)


def test_two_languages_share_the_thing_by_its_names():
    assert shared_words("导出为Excel", "Export to Excel")[0] == "excel"
    assert "dark mode = 深色" in shared_words("dark mode please", "深色主题")


@given(st.lists(st.text(max_size=40), max_size=8), st.text(max_size=60))
def test_any_text_has_a_likeness_between_0_and_1(texts, wish):
    index = build_index(list(enumerate(texts)))
    shares = index.ask(wish)
    assert len(shares) == len(texts)
    assert all(-1e-9 <= share <= 1 + 1e-9 for share in shares)
    assert isinstance(shared_words(wish, " ".join(texts)), list)


@given(st.permutations(NOTED[:12]))
def test_the_order_of_the_requests_does_not_matter(rows):
    assert sorted(most_alike("Excel exports", build_index(rows))) == sorted(
        most_alike("Excel exports", build_index(NOTED[:12]))
    )


@given(st.lists(st.sampled_from(NOTED), min_size=1, unique=True))
def test_a_text_is_most_like_itself(rows):
    index = build_index(rows)
    for number, title in rows:
        assert most_alike(title, index, most=1)[0] == (number, pytest.approx(1.0))


def test_what_was_taken_apart_before_gives_the_same_index():
    shelf = Shelf()
    build_index(NOTED, shelf)
    build_index(NOTED + DISTRACTING, shelf)
    again = build_index(NOTED[5:], shelf)
    fresh = build_index(NOTED[5:])
    assert [share for _number, share in most_alike("SSO", again)] == pytest.approx(
        [share for _number, share in most_alike("SSO", fresh)]
    )


def test_a_very_long_text_is_cut_and_compared():
    assert most_alike("export " * 20_000, build_index(NOTED), most=1)
