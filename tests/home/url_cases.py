from tests.urlwalk import UrlCase

CASES = [
    UrlCase("home:desk"),
    UrlCase("home:search"),
]
