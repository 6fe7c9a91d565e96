from tests.urlwalk import UrlCase

CASES = [UrlCase("publicservice:start", public=True)]
