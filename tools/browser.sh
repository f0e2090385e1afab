#!/bin/sh
# Chromium and a Chinese font for the tests that open pages: from Debian's packages where this user may install.
set -eu

has_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
has_font() { command -v fc-list && fc-list :lang=zh-cn family | grep -q .; }

missing=
has_browser >/dev/null 2>&1 || missing="chromium"
has_font >/dev/null 2>&1 || missing="$missing fontconfig fonts-noto-cjk"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then as_root=
elif sudo -n true 2>/dev/null; then as_root="sudo -n"
else as_root=no
fi
if [ "$as_root" = no ] || ! command -v apt-get >/dev/null; then
	echo "The browser tests need Chromium and a Chinese font. Install them once, for example:" >&2
	echo "    sudo apt-get install $missing" >&2
	echo "or name a browser in CHENGPI_CHROMIUM. 'pytest -m \"not browser and not long\"' runs the rest." >&2
	[ -n "${CHENGPI_CHROMIUM:-}" ] || exit 1
	exit 0
fi
echo "apt-get install $missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086 # several words are meant
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
