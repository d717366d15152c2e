"""Does every text of the interface stand in each catalogue, translated, with the blanks that its code fills?"""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.apps import apps
from django.utils.functional import Promise

import run
from accounts.forms.base import strict_field
from accounts.models import Account
from accounts.queries.audit_words import NOTES, has_words
from common.filters import YesFilter
from playbooks.models import StepMail
from tests.architecture.sources import dotted, modules, nodes

CATALOGUES = sorted(run.ROOT.glob("locale/*/LC_MESSAGES/django.po"))
BLANK = re.compile(r"%\(\w+\)[sdf]|%%|\{\w+\}")
VERB = re.compile(r"[a-z_]+\.[a-z_]+")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff”][,;:!?](?!\w)|[\u4e00-\u9fff]\.$")


def read(file: Path) -> Catalog:
    with file.open("rb") as stream:
        return read_po(stream)


def texts(catalogue: Catalog) -> dict[tuple[str | None, str | tuple[str, ...]], Message]:
    return {
        (message.context, tuple(message.id) if isinstance(message.id, list | tuple) else message.id): message
        for message in catalogue
        if message.id
    }


def forms(value: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


@pytest.fixture(scope="session")
def offered(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str | None, str | tuple[str, ...]]]:
    """Extract what the code offers for translation, as `run.py translate` does."""
    template = tmp_path_factory.mktemp("texts") / "django.pot"
    run.extract_texts(template)
    return set(texts(read(template)))


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.parts[-3])
def test_a_catalogue_has_the_texts_of_the_code_and_no_others(
    file: Path, offered: set[tuple[str | None, str | tuple[str, ...]]]
) -> None:
    has = set(texts(read(file)))
    assert (offered - has, has - offered) == (set(), set()), "python3 run.py translate, then translate what is new"


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.parts[-3])
def test_every_text_is_translated_in_each_of_its_plural_forms(file: Path) -> None:
    catalogue = read(file)
    lacking = [
        message.id
        for message in texts(catalogue).values()
        if message.fuzzy
        or not all(forms(message.string))
        or len(forms(message.string)) != (catalogue.num_plurals if message.pluralizable else 1)
    ]
    assert lacking == []


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.parts[-3])
def test_a_translation_has_the_blanks_that_the_code_fills(file: Path) -> None:
    wrong = []
    for message in texts(read(file)).values():
        # The last form is the general one: that of one thing may leave its number out.
        wanted = sorted(set(BLANK.findall(forms(message.id)[-1])))
        wrong += [(message.id, form) for form in forms(message.string) if sorted(set(BLANK.findall(form))) != wanted]
    assert wrong == []


def test_chinese_has_chinese_punctuation() -> None:
    file = run.ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    half = [form for message in texts(read(file)).values() for form in forms(message.string) if HALF_WIDTH.search(form)]
    assert half == []


def test_a_text_with_a_lone_percent_sign_is_no_pattern() -> None:
    lone = re.compile(r"%(?!\(\w+\)[sdf])")
    filled = [
        form for file in CATALOGUES for message in texts(read(file)).values() for form in forms(message.string)
        if "%(" in form
    ]  # fmt: skip
    broken = [form for form in filled if lone.search(form.replace("%%", ""))]
    assert broken == []


def test_labels_of_forms_made_at_the_start_are_read_when_they_are_shown() -> None:
    day = strict_field(Account._meta.get_field("signed_on"))
    assert day is not None
    assert isinstance(day.label, Promise)
    words = dict(YesFilter().extra["choices"])
    assert all(isinstance(words[choice], Promise) for choice in ("true", "false"))


RECORDING = {"leave_audit", "record", "_record", "_move"}


def verbs() -> Iterator[str]:
    """The acts that the code writes into the audit trail, where they stand as plain text."""
    for file in modules():
        for node in nodes(file, "Call", "Assign"):
            if isinstance(node, ast.Call):
                first = node.args[:1] if dotted(node.func).rpartition(".")[2] in RECORDING else []
                given = [*first, *(word.value for word in node.keywords if word.arg == "verb")]
            else:
                given = [node.value] if "verb" in [dotted(target) for target in node.targets] else []
            for text in (leaf for one in given for leaf in ast.walk(one) if isinstance(leaf, ast.Constant)):
                if isinstance(text.value, str) and VERB.fullmatch(text.value):
                    yield text.value


def test_every_act_of_the_audit_trail_has_words() -> None:
    """Those that are put together: of warnings, of the admin, of mails and what their readers choose."""
    found = {*verbs()}
    for act in ("acknowledged", "snoozed", "resolved", "reopened", "restored"):
        found.add(f"early_warning.{act}")
    found |= {f"step_mail.{state}" for state in StepMail.State.values}
    found |= {"contact.unsubscribed", "contact.resubscribed", "feature.added", "module.deleted", "team.created"}

    assert len(found) > 200
    assert sorted(verb for verb in found if not has_words(verb)) == []


def notes() -> Iterator[str]:
    """What the code writes into the audit trail about a change, where its name stands as plain text."""
    for file in modules():
        for node in nodes(file, "Call", "Assign", "AnnAssign"):
            if isinstance(node, ast.Call):
                given = [word.value for word in node.keywords if word.arg == "changes"]
            else:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                named = any(isinstance(one, ast.Name) and one.id == "changes" for one in targets)
                given = [node.value] if named and node.value is not None else []
            for one in (leaf for value in given for leaf in ast.walk(value) if isinstance(leaf, ast.Dict)):
                yield from (
                    key.value for key in one.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
                )


def test_every_note_of_the_audit_trail_is_a_column_or_has_words() -> None:
    """`down` and `up` and the like are not written: they choose what a form of the editor does."""
    columns = {column.name for model in apps.get_models() for column in model._meta.concrete_fields}
    found = {*notes()} - {"up", "down", "remove"}

    assert len(found) > 60
    assert sorted(found - columns - set(NOTES)) == []
    assert [kind for _words, kind in NOTES.values() if kind and apps.get_model(kind) is None] == []


def test_a_text_with_a_per_cent_sign_before_any_letter_is_compiled(tmp_path: Path) -> None:
    """“5 % of ARR” has no blank, though “% o” looks like one."""
    source, compiled = tmp_path / "django.po", tmp_path / "django.mo"
    heads = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    source.write_text(f'{heads}msgid "5 % of ARR"\nmsgstr "ARR 的 5 %"\n', encoding="utf-8")

    run.compile_catalogue(source, compiled)

    with compiled.open("rb") as stream:
        assert gettext.GNUTranslations(stream).gettext("5 % of ARR") == "ARR 的 5 %"
