# shellcheck shell=bash disable=SC2034
# Read by quickstart and run-tests: which Debian packages are needed, and how they get here.
# Only what is missing is installed; nothing is upgraded, nothing is removed.

packages_build="gcc make autoconf automake pkg-config libpcre2-dev libevent-dev libyaml-dev
	libsystemd-dev libsqlite3-dev libcurl4-openssl-dev libjson-c-dev libgcrypt20-dev libhyperscan-dev
	libarchive-dev libexpat1-dev libpango1.0-dev libseccomp-dev fonts-ipaexfont-mincho fonts-dejavu-core
	libcmocka-dev mandoc python3 python3-yaml python3-jsonschema gettext"
packages_tests="poppler-utils clang libclang-rt-14-dev rsyslog logrotate python3-aiosmtpd clamav clamav-daemon"

# A sentence in Japanese, then the same in English.
say()
{
	printf '%s\n%s\n\n' "$1" "$2"
}

stop()
{
	say "$1" "$2" >&2
	exit 1
}

packages_missing()
{
	local package

	for package in "$@"; do
		case "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null)" in
		"install ok installed") ;;
		*) printf '%s ' "$package" ;;
		esac
	done
}

# Runs a command as root: directly, or through sudo. 127 when neither is possible.
as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null 2>&1; then
		sudo "$@"
	else
		return 127
	fi
}

packages_checked=no
packages_check_system()
{
	[ "$packages_checked" = no ] || return 0
	packages_checked=yes
	if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
		stop "このスクリプトは Debian 12 用です（apt-get がありません）。必要なものは README.md の一覧をお手元の方法で入れ、./autogen.sh && ./configure && make としてください。" \
		     "This script is for Debian 12 (there is no apt-get here). Install the list in README.md in your own way, then run ./autogen.sh && ./configure && make."
	fi
	if ! grep -Eq '^ID(_LIKE)?=.*debian' /etc/os-release 2>/dev/null; then
		stop "このスクリプトは Debian 12 用です。ここは Debian ではないため、何も入れずに終わります。" \
		     "This script is for Debian 12. This system is not Debian, so nothing was installed."
	fi
	if ! grep -q '^VERSION_ID="12"' /etc/os-release || ! grep -q '^ID=debian' /etc/os-release; then
		say "注意: 試験しているのは Debian 12 だけです。このまま続けます。" \
		    "Note: only Debian 12 is tested. Going on all the same."
	fi
}

# Installs what is missing of the packages named.
packages_install()
{
	local missing

	packages_check_system
	missing=$(packages_missing "$@")
	if [ -z "$missing" ]; then
		say "必要なパッケージはすべて入っています。" "All packages that are needed are here."
		return 0
	fi
	if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null 2>&1; then
		stop "次のパッケージが足りませんが、root ではなく sudo もないため入れられません: $missing" \
		     "These packages are missing, and they cannot be installed: you are not root and there is no sudo: $missing"
	fi
	say "次のパッケージを入れます: $missing" "Installing: $missing"
	# shellcheck disable=SC2086  # a list of names
	if ! { as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
	       as_root env DEBIAN_FRONTEND=noninteractive \
			apt-get install -q -y --no-install-recommends $missing; } </dev/null; then
		stop "パッケージを入れられませんでした。ネットワーク（または apt の設定）を確かめて、もう一度お試しください。" \
		     "The packages could not be installed. Check the network (or the settings of apt) and try again."
	fi
}
