from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from landbureau.home.backup import BackupError, restore_backup
from landbureau.web.commands import Document, JsonCommand


class Command(JsonCommand):
    help = "从备份恢复数据库和文件；旧版本的备份会自动升级到当前版本"
    refusals = (BackupError,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dir", metavar="DIR", type=Path, help="backup 命令生成的文件夹")
        parser.add_argument("--overwrite", action="store_true", help="覆盖当前系统已有的数据和文件")

    def run(self, options: dict[str, Any]) -> Document:
        restored = restore_backup(options["dir"], now=timezone.now(), overwrite=options["overwrite"])
        return {
            "path": str(options["dir"].absolute()),
            "created_at": timezone.localtime(restored.manifest.created_at),
            "version": restored.manifest.version,
            "bureau": restored.manifest.bureau,
            "engine": restored.manifest.engine,
            "rows": sum(restored.manifest.rows.values()),
            "files": len(restored.manifest.media),
            "migrated": restored.migrated,
            "kept": restored.kept and str(restored.kept),
            "set_aside": restored.set_aside and str(restored.set_aside),
        }

    def text(self, document: Any) -> str:
        lines = [
            f"已恢复 {document['created_at']:%Y-%m-%d %H:%M} 的备份：数据 {document['rows']} 行，"
            f"文件 {document['files']} 个。"
        ]
        if document["migrated"]:
            lines.append(f"已升级到当前版本（{len(document['migrated'])} 步）。")
        if document["kept"]:
            lines.append(f"恢复前的数据和审计记录已备份到 {document['kept']}，请妥善保存。")
        if document["set_aside"]:
            lines.append(f"原数据库已无法读取，改名保存为 {document['set_aside']}。")
        lines.append("所有人须重新登录；请重启网页、后台任务和定时进程。")
        return "\n".join(lines)
