"""Do rows inserted as columns stand in the table as rows saved one by one would?"""

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db import IntegrityError

from accounts.models import Account, Product
from common.bulk import FEW, Coded, JSONText, insert_columns, upsert_columns
from revenue.models import ContractLine

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 5, 1, 12, 30, tzinfo=dt.UTC)


def test_columns_become_the_rows_that_objects_would_have_become():
    columns = {"external_id": ["a", "b"], "name": ["Ada", "青禾"], "custom": [{"x": 1}, {}], "tier": ["rabbit"] * 2}
    plain = ["domain", "industry", "region"]
    columns |= {name: ["", ""] for name in plain}
    columns |= {"purchase_level": ["team"] * 2, "stage": ["mature"] * 2, "currency": ["USD"] * 2, "version": [1, 1]}
    columns |= {"created_at": [AT, AT], "updated_at": [AT, AT], "signed_on": [None, dt.date(2025, 2, 28)]}
    assert insert_columns(Account, columns) == 2
    second = Account.objects.get(external_id="b")
    assert (second.name, second.signed_on, second.created_at) == ("青禾", dt.date(2025, 2, 28), AT)
    assert Account.objects.get(external_id="a").custom == {"x": 1}


def test_no_sign_in_a_text_moves_it_out_of_its_column():
    texts = ["tab\tand\nline", "back\\slash \\N", "\r\x0b", ""]
    insert_columns(Product, {"external_id": list("1234"), "name": texts})
    assert list(Product.objects.order_by("external_id").values_list("name", flat=True)) == texts


def test_a_column_of_few_values_says_by_number_which_each_row_has():
    insert_columns(Product, {"external_id": list("123"), "name": Coded(["Ada", "Bea"], np.array([1, 0, 1]))})
    assert list(Product.objects.order_by("external_id").values_list("name", flat=True)) == ["Bea", "Ada", "Bea"]


def test_of_rows_that_are_there_only_those_that_differ_are_written():
    insert_columns(Product, {"external_id": list("12"), "name": ["Ada", "Bea"]})
    columns = {"external_id": list("12"), "name": ["Ada", "Cid"]}
    upsert_columns(Product, columns, unique=["external_id"], update={"name": "new.name"}, only_changed=True)
    assert list(Product.objects.order_by("external_id").values_list("name", flat=True)) == ["Ada", "Cid"]


def test_a_row_that_breaks_a_constraint_leaves_none_of_the_batch_behind():
    account = Account.objects.create(name="Ada", created_at=AT, updated_at=AT)
    product = Product.objects.create(external_id="p", name="P")
    columns = {
        "account_id": [account.pk, account.pk],
        "product_id": [product.pk, product.pk],
        "arr": [Decimal("10.50"), Decimal("-1")],
        "currency": ["USD", "USD"],
        "starts_on": [dt.date(2026, 1, 1)] * 2,
        "is_payment_failed": [False, False],
    }
    with pytest.raises(IntegrityError):
        insert_columns(ContractLine, columns)
    assert not ContractLine.objects.exists()


def test_json_that_is_text_already_is_stored_as_what_it_says():
    account = Account.objects.create(name="Ada", external_id="a", created_at=AT, updated_at=AT)
    fields = ["external_id", "domain", "industry", "region", "tier", "purchase_level", "stage", "currency", "version"]
    columns = {name: [getattr(account, name)] for name in ["id", "name", *fields, "created_at", "updated_at"]}
    columns["custom"] = [JSONText('{"seats":[1,2.5,null]}')]
    upsert_columns(Account, columns, unique=["id"], update={"custom": "new.custom"})
    account.refresh_from_db()
    assert account.custom == {"seats": [1, 2.5, None]}


@pytest.mark.parametrize("count", [3, FEW + 2])
def test_rows_that_are_there_are_updated_and_the_others_added_however_many_they_are(count: int):
    product = Product.objects.create(external_id="p", name="P")
    account = Account.objects.create(name="Ada", created_at=AT, updated_at=AT)
    columns: dict[str, list[Any]] = {
        "external_id": [f"line {number}" for number in range(count)],
        "account_id": [account.pk] * count,
        "product_id": [product.pk] * count,
        "arr": [Decimal("10.25"), Decimal(7), *[Decimal("0.10")] * (count - 2)],
        "currency": ["USD"] * count,
        "starts_on": [dt.date(2026, 1, 1)] * count,
        "ends_on": [None, *[dt.date(2027, 1, 1)] * (count - 1)],
        "is_payment_failed": [False] * count,
    }
    for _ in range(2):
        upsert_columns(ContractLine, columns, unique=["external_id"], update={"arr": "old.arr + new.arr"})
    rows = ContractLine.objects.order_by("pk")
    assert rows.count() == count
    assert [(row.external_id, row.arr, row.ends_on) for row in rows[:3]] == [
        ("line 0", Decimal("20.50"), None),
        ("line 1", Decimal("14.00"), dt.date(2027, 1, 1)),
        ("line 2", Decimal("0.20"), dt.date(2027, 1, 1)),
    ]
