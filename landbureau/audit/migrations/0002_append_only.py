from django.db import migrations

from landbureau.audit import triggers


def install(apps, schema_editor):
    triggers.install(schema_editor.connection)


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    """The database refuses to change, delete or empty the record."""

    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
