"""System checks: settings that would be dangerous, each with an id and a hint.

Those tagged for deployment speak under ``manage.py check --deploy --database default``, which the service
units run before they start; the others always. Without ``--database`` none of them asks the database.
"""

import stat
from collections.abc import Iterator, Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connection

from landbureau.accounts import demo
from landbureau.accounts.models import User

LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]"}
SECRET_KEY_LENGTH = 50  # characters; also what Django's own check asks for
UNSAFE_SOURCES = {"*", "'unsafe-inline'", "'unsafe-eval'"}


@register(Tags.security, deploy=True)
def check_production(**kwargs: Any) -> list[CheckMessage]:
    """What is right for the demo or a developer's desk, and wrong for a server."""
    return [*_program(), *_transport(), *_storage()]


@register(Tags.security)
def check_always(**kwargs: Any) -> list[CheckMessage]:
    """What is wrong everywhere."""
    return [*_bureau(), *_proxies(), *_content_security_policy()]


@register(Tags.database, deploy=True)
def check_demo_accounts(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Accounts whose password is published. Silent where there is no table, or no database, yet."""
    if not databases or settings.DEMO:
        return []
    names = [account.username for account in demo.demo_accounts()]
    try:
        users = User.objects.filter(is_active=True, username__in=names).order_by("username")
        hashes = dict(users.values_list("username", "password"))
    except DatabaseError:
        return []
    # Trying a password is slow on purpose; accounts that were loaded together share their hash.
    open_hashes = {value for value in set(hashes.values()) if check_password(demo.PASSWORD, value)}
    open_names = [name for name, value in hashes.items() if value in open_hashes]
    if not open_names:
        return []
    return [
        Error(
            f"演示账号可以用公开的口令登录：{'、'.join(open_names)}。",
            hint="在“人员”中停用这些账号；若整个库都是演示数据，请换一个空的数据库。",
            id="landbureau.E017",
        )
    ]


def _program() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield Error(
            "DEBUG 已打开，出错页会显示程序和数据。",
            hint="去掉环境变量 DEBUG。",
            id="landbureau.E001",
        )
    if settings.DEMO:
        yield Error(
            "DEMO 已打开，登录页会列出演示账号和口令。",
            hint="去掉环境变量 DEMO。",
            id="landbureau.E002",
        )
    key = settings.SECRET_KEY
    if key.startswith("django-insecure") or len(key) < SECRET_KEY_LENGTH or len(set(key)) < 5:
        yield Error(
            "SECRET_KEY 没有设置，或者太短、太简单，会话可以伪造。",
            hint=f"用 openssl rand -base64 48 生成至少 {SECRET_KEY_LENGTH} 个字符，"
            "写入只有服务账号可读的文件，设 SECRET_KEY_FILE。",
            id="landbureau.E003",
        )


def _transport() -> Iterator[CheckMessage]:
    hosts = set(settings.ALLOWED_HOSTS)
    if any(host.startswith("*") for host in hosts):
        yield Error(
            "ALLOWED_HOSTS 含有 *，任何域名都能冒充本系统。",
            hint="ALLOWED_HOSTS 只写本局使用的域名。",
            id="landbureau.E004",
        )
    elif hosts <= LOCAL_HOSTS:
        yield Error(
            "ALLOWED_HOSTS 只有本机地址，别的电脑打不开本系统。",
            hint="把本局使用的域名写入 ALLOWED_HOSTS。",
            id="landbureau.E005",
        )
    if not (settings.HTTPS and settings.SECURE_SSL_REDIRECT and settings.SECURE_HSTS_SECONDS):
        yield Error(
            "HTTPS 已关闭，口令和个人信息会以明文传送。",
            hint="去掉环境变量 HTTPS=0，并在 nginx 配置证书。",
            id="landbureau.E006",
        )
    flags = (
        settings.SESSION_COOKIE_SECURE,
        settings.SESSION_COOKIE_HTTPONLY,
        settings.CSRF_COOKIE_SECURE,
    )
    if not all(flags):
        yield Error(
            "会话 Cookie 没有限制为 HTTPS 传送、脚本不可读。",
            hint="恢复 settings.py 中的 SESSION_COOKIE_* 和 CSRF_COOKIE_*，不要关闭 HTTPS。",
            id="landbureau.E007",
        )
    if settings.HTTPS and not settings.TRUSTED_PROXIES:
        yield Warning(
            "没有设置 TRUSTED_PROXIES：在 nginx 之后，访问会无限跳转，审计也记不到真实地址。",
            hint="设 TRUSTED_PROXIES 为 nginx 的地址，例如 127.0.0.1。",
            id="landbureau.W008",
        )


def _storage() -> Iterator[CheckMessage]:
    data = Path(settings.DATA_DIR)
    if data.is_relative_to(settings.BASE_DIR):
        yield Error(
            f"数据目录 {data} 在程序目录之内，升级时可能被覆盖。",
            hint="设 DATA_DIR 为程序之外的目录，例如 /var/lib/landbureau。",
            id="landbureau.E009",
        )
    if data.stat().st_mode & stat.S_IRWXO:
        yield Error(
            f"数据目录 {data} 对所有用户开放。",
            hint=f"运行 chmod 750 {data}。",
            id="landbureau.E010",
        )
    if connection.vendor == "sqlite":
        yield Warning(
            "数据库是 SQLite，只适合一台服务器、少量用户。",
            hint="设 DATABASE_URL，使用 PostgreSQL。",
            id="landbureau.W011",
        )
    elif not settings.REDIS_URL:
        yield Warning(
            "没有设置 REDIS_URL：任务经本机文件夹传递，别的服务器上的 worker 收不到。",
            hint="设 REDIS_URL。",
            id="landbureau.W012",
        )


def _bureau() -> Iterator[CheckMessage]:
    known = sorted(path.parent.name for path in Path(settings.FIXTURES_DIR).glob("*/bureau.csv"))
    if settings.BUREAU not in known:
        yield Error(
            f"没有 BUREAU={settings.BUREAU} 的资料。",
            hint=f"可用的有：{'、'.join(known)}；别的局在 fixtures/ 下增加一个同样的目录。",
            id="landbureau.E013",
        )


def _proxies() -> Iterator[CheckMessage]:
    for proxy in settings.TRUSTED_PROXIES:
        try:
            network = ip_network(proxy)
        except ValueError:
            yield Error(
                f"TRUSTED_PROXIES 中的 {proxy} 不是地址或网段。",
                hint="写成 127.0.0.1 或 10.0.0.0/28 的样子。",
                id="landbureau.E014",
            )
            continue
        if network.prefixlen == 0:
            yield Error(
                f"TRUSTED_PROXIES 含有 {proxy}，任何人都能假冒来源地址，绕过登录锁定。",
                hint="TRUSTED_PROXIES 只写 nginx 的地址。",
                id="landbureau.E015",
            )


def _content_security_policy() -> Iterator[CheckMessage]:
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    unsafe = sorted(name for name, sources in directives.items() if UNSAFE_SOURCES & set(sources))
    if unsafe or "default-src" not in directives:
        yield Error(
            f"内容安全策略（CSP）不完整或放行了内联脚本：{'、'.join(unsafe) or 'default-src'}。",
            hint="脚本和样式放进静态文件，恢复 settings.py 中的 CONTENT_SECURITY_POLICY。",
            id="landbureau.E016",
        )
