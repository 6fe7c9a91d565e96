from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from landbureau.home.backup import BackupError, make_backup
from landbureau.web.commands import Document, JsonCommand


class Command(JsonCommand):
    help = "把数据库和文件一起备份到一个新文件夹，附清单和校验值"
    refusals = (BackupError,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dir", metavar="DIR", type=Path, help="新的备份文件夹（不存在，或为空）")

    def run(self, options: dict[str, Any]) -> Document:
        manifest = make_backup(options["dir"], now=timezone.now())
        return {
            "path": str(options["dir"].absolute()),
            "created_at": timezone.localtime(manifest.created_at),
            "version": manifest.version,
            "bureau": manifest.bureau,
            "engine": manifest.engine,
            "rows": sum(manifest.rows.values()),
            "files": len(manifest.media),
            "bytes": manifest.size,
        }

    def text(self, document: Any) -> str:
        return (
            f"已备份到 {document['path']}：数据 {document['rows']} 行，文件 {document['files']} 个，"
            f"共 {document['bytes'] / 1e6:.1f} MB。"
        )
