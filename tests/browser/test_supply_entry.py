"""Entry in a browser: what is chosen first narrows what is chosen next, and who is known is found."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.browser.conftest import ORIGIN, Site
from tests.factories import TownshipFactory, UserFactory, VillageFactory, allow
from tests.supply.factories import make_land_user, make_supply

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def test_the_villages_are_those_of_the_township_and_a_known_land_user_is_chosen(
    page: Page, site: Site
) -> None:
    near, far = (VillageFactory(township=TownshipFactory()) for _ in range(2))
    known = make_land_user("新河县旧识机械有限公司")
    make_supply(land_user=known)
    site.sign_in(allow(UserFactory(), "view_supply", "create_supply"))
    page.goto(ORIGIN + reverse("supply:new"))

    villages = page.get_by_label("村居")
    villages.select_option(str(far.pk))
    page.get_by_label("乡镇", exact=True).select_option(str(near.township_id))
    expect(villages).to_have_value("")  # one of another township is chosen no more
    shown = villages.locator("optgroup:not([hidden])")
    expect(shown).to_have_count(1)
    expect(shown).to_have_attribute("label", near.township.name)
    page.get_by_label("乡镇", exact=True).select_option("")
    assert villages.locator("optgroup:not([hidden])").count() > 1

    page.get_by_label("用地单位", exact=False).first.fill("新河县旧识机械有限责任公司")
    expect(page.get_by_role("radio", name="新河县旧识机械有限公司")).to_be_checked()
    page.get_by_label("用地单位", exact=False).first.fill("旧识")
    expect(page.get_by_role("radio", name="不在其中")).to_be_checked()
