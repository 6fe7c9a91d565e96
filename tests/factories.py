"""Makers of rows for tests: one per model, short names, nothing hidden."""

from __future__ import annotations

from typing import Any

import factory
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from guardian.models import UserObjectPermission

from landbureau.accounts.models import Bureau, Section, Township, TownshipOffice, User, Village

PASSWORD = "Ceshi-mima-2026"


class SectionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Section

    name = factory.Sequence(lambda n: f"测试{n}股")


class OfficeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TownshipOffice

    name = factory.Sequence(lambda n: f"测试{n}国土所")


class TownshipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Township

    name = factory.Sequence(lambda n: f"测试{n}镇")
    office = factory.SubFactory(OfficeFactory)


class VillageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Village

    name = factory.Sequence(lambda n: f"测试{n}村")
    township = factory.SubFactory(TownshipFactory)


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    name = factory.Sequence(lambda n: f"张测{n}")
    must_change_password = False
    password = factory.django.Password(PASSWORD)


def allow(user: User, *codenames: str, on: Any = None) -> User:
    """Give ``user`` permissions on a scope: a Section, TownshipOffice or User; None: the whole bureau."""
    scope = on or Bureau.objects.get()
    content_type = ContentType.objects.get_for_model(scope)
    for codename in codenames:
        permission, _ = Permission.objects.get_or_create(
            codename=codename, content_type=content_type, defaults={"name": codename}
        )
        UserObjectPermission.objects.get_or_create(
            user=user, permission=permission, content_type=content_type, object_pk=str(scope.pk)
        )
    user.__dict__.pop("_scopes", None)
    return user
