#!/bin/sh
# 升级：停服务、备份、换程序、装依赖、改库、收集静态文件、检查、启动。任何一步失败就停下，并说明怎样退回。
#   sudo sh deploy/upgrade.sh              程序已经换好（或首次安装）
#   sudo sh deploy/upgrade.sh v1.2.0       先取并切换到这个版本
set -eu
cd "$(dirname "$0")/.."
config=${LANDBUREAU_CONFIG:-/etc/landbureau}
user=${LANDBUREAU_USER:-landbureau}
services="landbureau-web landbureau-worker landbureau-beat"
health=${LANDBUREAU_HEALTH:-http://127.0.0.1:8000/healthz}
revision=${1:-}
before=$(git rev-parse HEAD)
step="读取配置"
backup=

say() { printf '升级：%s\n' "$*"; }

ended() {
    status=$?
    [ $status -ne 0 ] || return 0
    {
        printf '升级停在“%s”，服务没有启动。\n' "$step"
        printf '排除原因后再运行一次；或者退回：\n    git checkout %s && sh scripts/setup.sh\n' "$before"
        if [ -n "$backup" ]; then
            printf '    以属主账号运行：.venv/bin/python manage.py restore %s --overwrite\n' "$backup"
        fi
        printf '    systemctl start %s\n' "$services"
    } >&2
}
trap ended EXIT

load() { # the variables of an environment file, taken literally
    while IFS= read -r line; do
        case $line in '' | '#'*) continue ;; esac
        export "${line?}"
    done <"$1"
}

manage() { as_user .venv/bin/python manage.py "$@"; }

as_user() {
    if [ "$(id -un)" = "$user" ]; then "$@"; else runuser --preserve-environment -u "$user" -- "$@"; fi
}

as_owner() { # the role that owns the tables, where there is one
    if [ -f "$config/owner.env" ]; then (load "$config/owner.env" && "$@"); else "$@"; fi
}

do_step() { # what, command...
    step=$1
    say "$step"
    shift
    "$@"
}

load "$config/landbureau.env"
[ -n "${DATA_DIR:-}" ] || { echo "DATA_DIR 没有设置" >&2 && exit 1; }

change_program() { git fetch --tags --quiet && git checkout --quiet "$revision"; }

answers() {
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        if .venv/bin/python -c "import urllib.request as r; r.urlopen('$health', timeout=5)" 2>/dev/null; then
            return 0
        fi
        sleep 2
    done
    echo "网页没有应答，原因见 journalctl -u landbureau-web" >&2
    return 1
}

# shellcheck disable=SC2086  # the names of services hold no spaces
do_step "停止服务" systemctl stop $services
do_step "安装现有程序的依赖" sh scripts/setup.sh
step="连接数据库"
tables=$(manage shell --no-imports -c "from django.db import connection as c; print(len(c.introspection.table_names()))")
if [ "$tables" -gt 0 ]; then # else this is the first installation
    folder=$DATA_DIR/backups/before-upgrade-$(date +%Y%m%d-%H%M%S)
    do_step "备份到 $folder" manage backup "$folder"
    backup=$folder
fi
[ -z "$revision" ] || do_step "换成 $revision" change_program
[ -z "$revision" ] || do_step "安装依赖" sh scripts/setup.sh
do_step "检查配置" manage check --deploy --database default
do_step "更新数据库结构" as_owner manage migrate --verbosity 0
do_step "收集静态文件" manage collectstatic --no-input --verbosity 0
# shellcheck disable=SC2086
do_step "启动服务" systemctl start $services
do_step "等网页应答" answers
trap - EXIT
say "完成，现在是 $(git describe --tags --always)"
