"""What ``deploy/roles.sql`` promises, tried on the private PostgreSQL of ``DATABASE_URL`` by test_deploy."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

import psycopg

from tests.ops.conftest import ROOT

FORBIDDEN = [
    "UPDATE audit_entry SET actor_id = NULL",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
    "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
    "DROP TRIGGER audit_append_only ON audit_entry",
    "DROP TABLE audit_entry",
    "CREATE TABLE mine (id int)",
    "ALTER TABLE accounts_user ADD COLUMN mine int",
]


def address(user: str, database: str = "landbureau") -> str:
    """The server's superuser has the same password as the role of DATABASE_URL."""
    url = urlsplit(os.environ["DATABASE_URL"])
    return f"postgres://{user}:{url.password}@{url.hostname}:{url.port}/{database}"


def manage(*arguments: str, env: Mapping[str, str]) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, check=True)


def main() -> None:
    with psycopg.connect(address("postgres", "postgres"), autocommit=True) as superuser:
        superuser.execute("DROP DATABASE landbureau")
        superuser.execute("DROP ROLE landbureau")
    password = str(urlsplit(os.environ["DATABASE_URL"]).password)
    variables = ["-v", f"owner_password={password}", "-v", f"password={password}"]
    psql = ["psql", "-q", address("postgres", "postgres"), *variables, "-f", "deploy/roles.sql"]
    subprocess.run(psql, cwd=ROOT, check=True)

    settings = {"DJANGO_SETTINGS_MODULE": "landbureau.settings", "HTTPS": "0"}
    env = {name: value for name, value in os.environ.items() if name != "REDIS_URL"} | settings
    manage("migrate", "-v0", env=env | {"DATABASE_URL": address("landbureau_owner")})
    manage("load_demo", env=env | {"DATABASE_URL": address("landbureau"), "DEMO": "1"})
    with psycopg.connect(address("landbureau"), autocommit=True) as application:
        entries = application.execute("SELECT count(*) FROM audit_entry").fetchone()
        assert entries
        assert entries[0] > 0, "the application writes its audit record"
        for statement in FORBIDDEN:
            try:
                application.execute(statement.encode())
            except psycopg.errors.InsufficientPrivilege:
                continue
            raise AssertionError(f"the application role may: {statement}")


if __name__ == "__main__":
    main()
