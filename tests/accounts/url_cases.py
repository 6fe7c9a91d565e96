from contextlib import suppress

from tests.accounts import url_cases_signin

CASES = [*url_cases_signin.CASES]
with suppress(ModuleNotFoundError):
    from tests.accounts import url_cases_people

    CASES += url_cases_people.CASES
