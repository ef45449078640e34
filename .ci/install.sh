#!/bin/sh
# install.sh PACKAGE... - installs Debian packages as root and leaves services as they were.
#
# Packages may start and enable services: a policy forbids the first, and what is newly enabled
# afterwards is disabled again. PostgreSQL's own cluster is not made either.
set -eu

unit_links() {
    find /etc/systemd/system /etc/systemd/user -type l 2>/dev/null | sort
}

clean_up() {
    rm -f "$policy"
    [ ! -e "$work/policy" ] || cp -p "$work/policy" "$policy"
    rm -f "$cluster"
    unit_links | comm -13 "$work/before" - | while IFS= read -r link; do
        [ -h "$link" ] || continue
        unit=${link##*/}
        if command -v systemctl >/dev/null; then
            systemctl --quiet disable "$unit" >/dev/null 2>&1 || :
        elif command -v deb-systemd-helper >/dev/null; then
            deb-systemd-helper disable "$unit" >/dev/null 2>&1 || :
        fi
        rm -f "$link"
    done
    find /etc/rc?.d -name 'S*' 2>/dev/null | sort | comm -13 "$work/rc_before" - |
        sed 's|.*/S[0-9]*||' | sort -u | while IFS= read -r name; do
        update-rc.d "$name" disable >/dev/null 2>&1 || :
    done
    rm -rf "$work"
}

policy=/usr/sbin/policy-rc.d
cluster=/etc/postgresql-common/createcluster.d/tilth.conf
work=$(mktemp -d)
if [ -e "$policy" ] && ! grep -q 'made by tilth' "$policy"; then
    cp -p "$policy" "$work/policy"
fi
trap 'clean_up' EXIT
trap 'exit 130' INT TERM HUP
unit_links >"$work/before"
find /etc/rc?.d -name 'S*' 2>/dev/null | sort >"$work/rc_before"
printf '#!/bin/sh\n# made by tilth for the time of an installation\nexit 101\n' >"$work/new"
install -m 755 "$work/new" "$policy"
if [ ! -d /etc/postgresql-common ]; then
    mkdir -p "${cluster%/*}"
    printf '# made by tilth for the time of an installation\ncreate_main_cluster = false\n' \
        >"$cluster"
fi
export DEBIAN_FRONTEND=noninteractive
apt_install='apt-get -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 install'
# Lists may be missing, or older than what the mirror still has.
$apt_install -s "$@" >/dev/null 2>&1 || apt-get -q update
$apt_install "$@" || { apt-get -q update && $apt_install "$@"; }
