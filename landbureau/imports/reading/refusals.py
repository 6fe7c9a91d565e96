"""Why a file is refused: what is wrong, and what to do, in one sentence each."""

from __future__ import annotations

EMPTY = "文件是空的，请重新选择。"
ENCRYPTED = "文件设有密码，请在 Excel 或 WPS 中去掉密码后再导入。"
MACROS = "文件带有宏，不能导入。请另存为不带宏的 .xlsx 文件后再导入。"
DAMAGED = "文件已损坏或不完整。请用 Excel 或 WPS 打开，另存为新的 .xlsx 文件后再导入。"
NO_TABLE = "文件里没有表格内容，请检查是否选错了文件。"
TOO_COMPLEX = "文件过于复杂，读取时超出了时间或内存的限制。请只保留要导入的表，拆成几个文件后再导入。"

_ONLY_THE_TABLES = "请只保留要导入的表，另存为新的 .xlsx 文件后再导入。"
RATIO = f"文件的压缩比异常，解压后会占满内存，不能导入。{_ONLY_THE_TABLES}"
PARTS = f"文件内部的部件过多，不能导入。{_ONLY_THE_TABLES}"
NESTED = f"文件里还装着压缩包，不能导入。{_ONLY_THE_TABLES}"
ENTITIES = f"文件里有指向外部内容的声明（DOCTYPE），不能导入。{_ONLY_THE_TABLES}"
NESTED_TABLE = "文档的表格里还套着表格，无法确定行和列。请把里面的表格移出，或改用 .xlsx 文件导入。"

ARCHIVE = "这是压缩包，请解压后选择里面的表格文件。"
OLD_WORD = "这是旧版 Word 文档（.doc），请用 Word 或 WPS 另存为 .docx 文件后再导入。"
WEB_PAGE = "这其实是网页（HTML、XML）格式的表格，请用 Excel 或 WPS 打开，另存为 .xlsx 文件后再导入。"
ENCODING = "看不出文件的文字编码，请用 Excel 或 WPS 打开，另存为 .xlsx 文件后再导入。"


class Refused(Exception):
    """A file that cannot be read as tables; its text is one Chinese sentence."""


def too_large(size: int, most: int) -> Refused:
    return Refused(f"文件有 {megabytes(size)}，超过 {megabytes(most)} 的上限，请拆成几个文件后再导入。")


def unpacks_too_large(most: int) -> Refused:
    return Refused(f"文件解压后超过 {megabytes(most)}，不能导入。{_ONLY_THE_TABLES}")


def no_table_file(what: str) -> Refused:
    return Refused(f"这是{what}，不是表格。请选择 .xlsx、.xls、.ods、.csv 文件，或带表格的 .docx 文件。")


def save_as_xlsx(what: str) -> Refused:
    return Refused(f"这是{what}，请用 Excel 或 WPS 打开，另存为 .xlsx 文件后再导入。")


def too_many_sheets(most: int) -> Refused:
    return Refused(f"文件里的表超过 {most} 个，请只保留要导入的表后再导入。")


def too_many_rows(sheet: str, row: int, most: int) -> Refused:
    return Refused(
        f"“{sheet}”用到了第 {row} 行，超过 {most} 行的上限。请删除多余的行（包括远处误填的单元格）"
        "或拆成几个文件。"
    )


def too_many_columns(sheet: str, column: int, most: int) -> Refused:
    return Refused(
        f"“{sheet}”用到了第 {column} 列，超过 {most} 列的上限。请删除多余的列（包括远处误填的单元格）。"
    )


def too_many_cells(sheet: str, rows: int, columns: int, most: int) -> Refused:
    return Refused(
        f"“{sheet}”有 {rows} 行、{columns} 列，超过 {most} 个单元格的上限，请拆成几个文件后再导入。"
    )


def quotes(line: int) -> Refused:
    return Refused(f"第 {line} 行的双引号不成对。请改正，或用 Excel 或 WPS 打开，另存为 .xlsx 文件后再导入。")


def unknown_error(sheet: str, row: int, column: int, text: str) -> Refused:
    return Refused(f"“{sheet}”第 {row} 行第 {column} 列是错误值“{text}”，请改正后再导入。")


def megabytes(size: int) -> str:
    return f"{size / 1024**2:.1f}".removesuffix(".0") + " MB"
