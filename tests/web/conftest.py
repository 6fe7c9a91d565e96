from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from landbureau.accounts.models import User
from tests.factories import UserFactory
from tests.urlwalk import DEMO_TEMPLATES


@pytest.fixture
def demo(settings: Settings) -> None:
    """The pages of ``tests/web/demo.py`` beside the project's."""
    settings.TEMPLATES = [
        {**engine, "DIRS": [*engine["DIRS"], DEMO_TEMPLATES]} for engine in settings.TEMPLATES
    ]
    settings.ROOT_URLCONF = "tests.web.demo"


@pytest.fixture
def alice(db: None) -> User:
    return UserFactory(name="赵文博", position="股长")


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """Alice, signed in."""
    client.force_login(alice)
    return client
