"""The project's settings on a scratch folder of this process, with HTTP and cheap passwords."""

import atexit
import os
import shutil
import tempfile

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")  # one folder and one Redis database for each
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix=f"landbureau-test-{WORKER}-")
atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
os.environ.setdefault("HTTPS", "0")
if os.environ.get("REDIS_URL"):
    server = os.environ["REDIS_URL"].rpartition("/")[0]
    os.environ["REDIS_URL"] = f"{server}/{int(WORKER.removeprefix('gw')) + 1}"

from landbureau.settings import *  # noqa: E402, F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.ledger"]  # noqa: F405  tables that imports are tested on
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT.mkdir()  # noqa: F405  whitenoise warns where there is none
