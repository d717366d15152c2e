"""Do the tables keep to the stack, say what a row is, and name what must always hold?"""

import io

import pytest
from django.apps import apps as installed
from django.core.management import call_command
from django.db import models

from tests.architecture.sources import apps, height


def own_models() -> list[type[models.Model]]:
    """List the models of our apps; tables that Django makes for a relation are left out."""
    return [model for model in installed.get_models() if model._meta.app_label in apps()]


def names(model: type[models.Model]) -> str:
    return model._meta.label


@pytest.mark.parametrize("model", own_models(), ids=names)
def test_its_foreign_keys_point_down_the_stack(model: type[models.Model]) -> None:
    own = model._meta.app_label
    relations = [field for field in model._meta.get_fields() if field.is_relation and field.concrete]
    targets = {field.name: field.related_model._meta.app_label for field in relations if field.related_model}

    upwards = {
        name: target
        for name, target in targets.items()
        if target in apps() and target != own and height(target) >= height(own)
    }
    assert upwards == {}


@pytest.mark.parametrize("model", own_models(), ids=names)
def test_its_docstring_says_what_one_row_is(model: type[models.Model]) -> None:
    written = model.__doc__ or ""

    assert written.strip()
    # Django writes one like this for a model that has none.
    assert not written.startswith(f"{model.__name__}(")


@pytest.mark.parametrize("model", own_models(), ids=names)
def test_its_constraints_are_named_after_it(model: type[models.Model]) -> None:
    prefix = f"{model._meta.app_label}_{model._meta.model_name}_"

    assert [c.name for c in model._meta.constraints if not c.name.startswith(prefix)] == []
    assert not model._meta.unique_together, "a constraint has a name and a message; unique_together has neither"


@pytest.mark.parametrize("model", own_models(), ids=names)
def test_it_has_a_word_for_people(model: type[models.Model]) -> None:
    assert "__str__" in {name for kind in model.__mro__ if kind is not models.Model for name in vars(kind)}


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    said = io.StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said)
    except SystemExit:
        pytest.fail(said.getvalue())
